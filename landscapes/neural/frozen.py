"""What a slice evaluates: a copy of the model in evaluation mode and one of its data; the loss of the two."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from landscapes.neural.plane import Batch, LossFn
from landscapes.neural.weights import Weights


def frozen_copy(model: nn.Module, batch_statistics: bool) -> tuple[nn.Module, str]:
    """A copy of the model for evaluation, and a sentence on what it evaluates."""
    kinds = {(p.dtype, p.device) for p in model.parameters()}
    if len(kinds) != 1 or not next(iter(kinds))[0].is_floating_point:
        raise ValueError(f"a model must have parameters of one dtype and device, got {len(kinds)} kinds")
    for name, parameter in model.named_parameters():
        if not parameter.isfinite().all():
            raise ValueError(f"the weights of the model must be finite, got nan or infinity in {name}")
    frozen = copy.deepcopy(model).eval().requires_grad_(False)
    norms = [m for m in frozen.modules() if isinstance(m, _BatchNorm)]
    said = ["The model is evaluated in evaluation mode"]
    if norms and batch_statistics:
        for norm in norms:
            norm.running_mean = norm.running_var = norm.num_batches_tracked = None
            norm.track_running_stats = False
    if norms:
        running = all(norm.running_mean is not None for norm in norms)
        which = "its running statistics" if running else "the statistics of all inputs at each point"
        said.append(f"batch normalisation uses {which}")
    if any(isinstance(m, _DropoutNd) or _has_dropout(m) for m in frozen.modules()):
        said.append("dropout is off")
    return frozen, ", ".join(said) + "."


def _has_dropout(module: nn.Module) -> bool:
    """Recurrent layers and attention have it as a probability."""
    share = getattr(module, "dropout", 0)
    return isinstance(share, float) and share > 0


def own_batch(batch: Batch, like: Tensor) -> Batch:
    """Inputs and targets, copied, where the model is; what has a floating point in the model's dtype."""
    if not len(batch[0]):
        raise ValueError("inputs must have at least one sample, got none")
    if len(batch[0]) != len(batch[1]):
        raise ValueError(f"inputs and targets must be as many, got {len(batch[0])} and {len(batch[1])}")
    return tuple(
        tensor.detach().to(like.device, like.dtype if tensor.is_floating_point() else tensor.dtype, copy=True)
        for tensor in batch
    )


def loss_at(weights: Weights, model: nn.Module, loss_fn: LossFn, batch: Batch) -> float:
    """The loss at some weights; ValueError unless it is one number, and finite."""
    with torch.no_grad():
        loss = loss_fn(torch.func.functional_call(copy.deepcopy(model), weights, (batch[0],)), batch[1])
    if loss.shape != ():
        raise ValueError(f"loss_fn must return one number, got a tensor of shape {tuple(loss.shape)}")
    if not loss.isfinite():
        raise ValueError(
            f"the loss of the model must be finite at the centre of the plane, got {loss.item()}"
        )
    return loss.item()
