"""The usual losses at many points at once, on outputs with the samples last.

`cross_entropy` of torch takes classes last; on ten of them its softmax costs more than a small network. Over
contiguous samples the same formula is several times faster. Any other loss is mapped over the points.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import vmap

from landscapes.neural.plane import LossFn

NOTHING = -80.0  # e to this adds nothing to a sum >= 1; beyond, exp is slow where its result is denormal
ManyLosses = Callable[[Tensor], Tensor]  # outputs (K, classes, N) -> losses (K,)


def many(loss_fn: LossFn, targets: Tensor) -> ManyLosses:
    """The losses (K,) of outputs (K, ..., N) against the same targets (N, ...)."""
    reduction = _cross_entropy(loss_fn)
    if reduction and targets.ndim == 1 and targets.dtype == torch.int64 and (targets >= 0).all():
        return CrossEntropy(targets, reduction)
    return Mapped(loss_fn, targets)


class CrossEntropy:
    """−log softmax at the target, over samples: the mean or the sum."""

    def __init__(self, targets: Tensor, reduction: str):
        self.targets = targets
        self.divisor = len(targets) if reduction == "mean" else 1

    def __call__(self, outputs: Tensor) -> Tensor:
        shifted = outputs - outputs.detach().amax(1, keepdim=True)  # its shift has no part in the derivatives
        index = self.targets.expand(len(outputs), 1, -1)
        picked = shifted.gather(1, index)[:, 0]  # (K, N)
        e = shifted.exp() if shifted.requires_grad else shifted.clamp_min_(NOTHING).exp_()
        return (e.sum(1).log() - picked).sum(-1) / self.divisor


class Mapped:
    """Any loss, point by point."""

    def __init__(self, loss_fn: LossFn, targets: Tensor):
        self.one = vmap(lambda outputs: loss_fn(outputs.movedim(-1, 0), targets))

    def __call__(self, outputs: Tensor) -> Tensor:
        return self.one(outputs)


def _cross_entropy(loss_fn: LossFn) -> str | None:
    """'mean' or 'sum' where a loss is torch's cross-entropy without options."""
    if loss_fn is F.cross_entropy:
        return "mean"
    if type(loss_fn) is not nn.CrossEntropyLoss or loss_fn.weight is not None or loss_fn.label_smoothing:
        return None
    return loss_fn.reduction if loss_fn.reduction in ("mean", "sum") else None
