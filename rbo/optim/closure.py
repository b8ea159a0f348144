"""What the optimisers share whose step needs more than one gradient: the closure, its checks, and groups.

A closure computes the loss, calls backward() and returns the loss; gradients are cleared before each call.
The parameters of all groups are one point of one space: lr may differ between groups, what shapes the method
may not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from numbers import Integral
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor
from torch.optim import Optimizer

from rbo.settings import is_number, kind

Closure = Callable[[], Tensor]
NO_PARAMS = "params is empty: give the parameters of a model, model.parameters()"


class LossNotFinite(ValueError):
    """A closure has returned nan or infinity."""


class Moving(NamedTuple):
    """The parameters that are not frozen, and the group of each."""

    blocks: list[Tensor]
    groups: list[dict[str, Any]]
    precision: torch.dtype  # of sums over them

    def grads(self) -> list[Tensor | None]:
        """Their gradients as they are now; None where the loss does not depend on one."""
        return [block.grad for block in self.blocks]

    def setting(self, name: str) -> list[Any]:
        """A setting of the group of each parameter."""
        return [group[name] for group in self.groups]


class ClosureOptimizer(Optimizer):
    """An optimiser whose step calls a closure several times.

    A loss that is not finite raises LossNotFinite, a ValueError. On a CPU at once, before a parameter is
    moved by it; on an accelerator at the next step, so that no step waits for its own result.
    """

    shared: ClassVar[tuple[str, ...]] = ()  # settings that are the same in all groups
    unseen: Tensor | None = None  # on an accelerator: whether the losses of the last step were finite

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]):
        if not isinstance(params, Tensor):
            params = list(params)
            if not params:
                raise ValueError(NO_PARAMS)
        super().__init__(params, {**defaults, "steps": 0})
        if not any(group["params"] for group in self.param_groups):
            raise ValueError(NO_PARAMS)

    def check_group(self, group: dict[str, Any]) -> None:
        """Raise ValueError for a setting out of its range."""
        raise NotImplementedError

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters to the same ball: what all groups share is taken over from the first group."""
        first = self.param_groups[0] if self.param_groups else self.defaults
        for name in (*self.shared, "steps"):
            param_group.setdefault(name, first[name])
        settings = {**self.defaults, **param_group}
        self.check_group(settings)
        self.check_shared([*self.param_groups, settings])
        super().add_param_group(param_group)

    def check_shared(self, groups: list[dict[str, Any]]) -> None:
        """Raise ValueError where groups differ in what they share."""
        for name in self.shared:
            for group in groups[1:]:
                if group[name] != groups[0][name]:
                    raise ValueError(
                        f"{name} must be the same in all groups, got {groups[0][name]} and {group[name]}"
                    )

    def begin(self, closure: Closure | None) -> Moving:
        """The parameters of a step that is to be taken, with all that can be said against it beforehand."""
        if not callable(closure):
            raise ValueError(
                f"{type(self).__name__} needs a closure: step(closure), where closure() computes the loss, "
                f"calls backward() and returns the loss; got {kind(closure)}"
            )
        self.check_shared(self.param_groups)
        if self.unseen is not None:
            unseen, self.unseen = self.unseen, None
            refuse_unless(bool(unseen), "the step before")
        pairs = [(p, group) for group in self.param_groups for p in group["params"] if p.requires_grad]
        if not pairs:
            raise ValueError("no parameter is to be learned: call requires_grad_() on some of those given")
        blocks = [p for p, _ in pairs]
        return Moving(blocks, [group for _, group in pairs], precision(blocks))

    def evaluate(self, closure: Closure, moving: Moving) -> Tensor:
        """The loss (), its gradients left in the parameters; in single precision at least.

        Raises:
            ValueError: unless the loss is one finite number and has left gradients.
        """
        for block in moving.blocks:
            block.grad = None
        torch.clear_autocast_cache()  # within autocast it would keep the parameters as they first were
        with torch.enable_grad():
            loss = closure()
        if not isinstance(loss, Tensor) or loss.numel() != 1 or loss.is_complex():
            what = f"a tensor of shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else kind(loss)
            raise ValueError(
                f"closure must return the loss itself, a tensor with one real number, got {what}: "
                "average over the batch, and return loss, not loss.item()"
            )
        self.check_grads(moving.grads())
        value = loss.detach().reshape(()).to(moving.precision)
        self.watch(value)
        return value

    def check_grads(self, grads: list[Tensor | None]) -> None:
        """Raise ValueError where there is none at all, or a sparse one."""
        felt = [g for g in grads if g is not None]
        if not felt:
            raise ValueError("closure left no gradient: it must call backward() on the loss it returns")
        if any([g.is_sparse for g in felt]):
            raise ValueError(f"{type(self).__name__} needs dense gradients: use Embedding(sparse=False)")

    def watch(self, loss: Tensor) -> None:
        """Look whether a loss is finite: now, or at the next step where looking would wait for the device."""
        if loss.device.type == "cpu":
            refuse_unless(math.isfinite(loss), "this step")
        else:
            finite = loss.isfinite()
            self.unseen = finite if self.unseen is None else self.unseen & finite

    def count(self) -> None:
        """A step is done."""
        for group in self.param_groups:
            group["steps"] += 1


def refuse_unless(finite: bool, when: str) -> None:
    """Raise for a loss that is not finite."""
    if not finite:
        raise LossNotFinite(
            f"closure returned a loss that is not finite in {when}: go back to the last good parameters and "
            "try a smaller lr (or inner rate), or look for nan in the data"
        )


def precision(blocks: list[Tensor]) -> torch.dtype:
    """The dtype in which sums over parameters are kept: theirs, at least single precision."""
    widest = torch.float32
    for dtype in {block.dtype for block in blocks}:
        widest = torch.promote_types(widest, dtype)
    return widest


def squares(grads: list[Tensor | None], like: Tensor) -> Tensor:
    """|g|² of each block, (blocks,), in the dtype and on the device of `like`."""
    zero = torch.zeros_like(like)
    norms = [
        zero if g is None else torch.linalg.vector_norm(g, dtype=like.dtype).to(like.device) for g in grads
    ]
    return torch.stack(norms).square()


def check_rate(name: str, value: Any) -> None:
    """A rate is finite and >= 0: torch's schedulers may bring it to 0."""
    if not (is_real(value) and 0 <= value < math.inf):
        raise ValueError(f"{name} must be >= 0 and finite, got {value!r}")


def check_positive(name: str, value: Any) -> None:
    """A finite number > 0."""
    if not (is_real(value) and 0 < value < math.inf):
        raise ValueError(f"{name} must be > 0 and finite, got {value!r}")


def check_count(name: str, value: Any, least: int = 1) -> None:
    """An integer >= least."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} must be an integer >= {least}, got {value!r}")


def check_share(name: str, value: Any) -> None:
    """A number in [0, 1)."""
    if not (is_real(value) and 0 <= value < 1):
        raise ValueError(f"{name} must be in [0, 1), got {value!r}")


def is_real(value: Any) -> bool:
    """Whether a value is one real number, also as a tensor: torch takes a rate as either."""
    single = isinstance(value, Tensor) and value.numel() == 1 and not value.is_complex()
    return single or is_number(value)
