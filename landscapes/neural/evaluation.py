"""Ways to evaluate a network at many points of a plane; which one is fast depends on the network.

layers   every layer at all points together (`Stack`): networks of known layers, at most two convolutions
vmap     `torch.func.vmap` over `functional_call`: other networks without convolutions
loop     `functional_call` point by point: convolutions, which vmap makes slower, and whatever vmap cannot do

Points go through in chunks, and in `layers` so do samples, so that what a chunk creates stays within a number
of bytes, whatever the number of points.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.utils._python_dispatch import TorchDispatchMode

from landscapes.neural.layers import Stack, mixes_samples, plain
from landscapes.neural.losses import many
from landscapes.neural.plane import Batch, LossFn, Plane
from landscapes.neural.weights import Weights

WAYS = ("layers", "vmap", "loop")
CHUNK = (
    1 << 24
)  # bytes that a chunk creates where no gradient is asked for: measured, from 4 MiB on all is fast
FEW = 2  # convolutions; with more of them torch's own, point by point, is faster than the unfolded product
SAMPLES = 64  # fewer at once make too many small operations
LEAD = 1 << 25  # bytes of a first layer that is kept from call to call
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


class Way(Protocol):
    """Losses at points of a plane.

    Attributes:
        bytes: what one evaluation creates; a gradient keeps all of it.
    """

    bytes: int

    def losses(self, mix: Tensor) -> Tensor:
        """Losses (K,) at K points: mix (K, 3) has rows (1, a, b). Differentiable."""
        ...


class Looped:
    """`functional_call` at one point after the other, on a frozen copy of the model."""

    def __init__(self, model: nn.Module, loss_fn: LossFn, batch: Batch, plane: Plane):
        self.model, self.loss_fn, self.batch, self.plane = model, loss_fn, batch, plane
        row = next(iter(plane.origin.values())).new_tensor([1.0, 0.0, 0.0])
        with Created() as created, torch.no_grad():
            self.one(_copied(model), row)
        self.bytes = created.bytes

    def losses(self, mix: Tensor) -> Tensor:
        model = _copied(self.model)  # functional_call swaps weights in and out: no two threads may share it
        return torch.stack([self.one(model, row) for row in mix])

    def one(self, model: nn.Module, row: Tensor) -> Tensor:
        """The loss at one point (3,)."""
        plane, (inputs, targets) = self.plane, self.batch
        weights = {k: w + row[1] * plane.first[k] + row[2] * plane.second[k] for k, w in plane.origin.items()}
        return self.loss_fn(functional_call(model, weights, (inputs,)), targets)


class Mapped(Looped):
    """`vmap` over `functional_call`."""

    def losses(self, mix: Tensor) -> Tensor:
        model = _copied(self.model)
        many = vmap(lambda row: self.one(model, row))
        if mix.requires_grad and torch.is_grad_enabled():
            return many(mix)
        return torch.cat([many(part) for part in mix.split(max(1, CHUNK // self.bytes))])


class Layered:
    """Layer by layer at all points together."""

    def __init__(self, model: nn.Module, loss_fn: LossFn, batch: Batch, plane: Plane):
        self.stack = Stack(model)
        self.inputs, targets = batch
        self.many = many(loss_fn, targets)
        self.three = {
            k: torch.stack([w, plane.first[k], plane.second[k]]) for k, w in plane.origin.items()
        }  # (3, ...) each
        self.mixes = mixes_samples(model)
        few = self.inputs if self.mixes else self.inputs[:1]
        mix = next(iter(self.three.values())).new_tensor([[1.0, 0.0, 0.0]])
        with torch.no_grad():
            lead, weights = self.stack.lead(self.three, few), self._weights(mix)
            with Created() as created:
                out = self.stack.outputs(weights, mix, lead)
        self.sample_bytes = max(1, created.bytes // len(few))
        self.out_bytes = 4 * out.numel() // len(few) * out.element_size() * len(self.inputs)  # and its loss
        own = sum(w.numel() * w.element_size() for w in weights.values())
        self.bytes = self.sample_bytes * len(self.inputs) + self.out_bytes + own
        self.kept = None
        if lead.numel() // len(few) * lead.element_size() * len(self.inputs) <= LEAD:
            self.kept = self._lead(slice(None))

    def losses(self, mix: Tensor) -> Tensor:
        if mix.requires_grad and torch.is_grad_enabled():
            return self._chunk(mix, len(self.inputs))
        chunks = self._chunks(len(mix))
        return torch.cat([self._chunk(part, chunks[1]) for part in mix.split(chunks[0])])

    def _chunks(self, points: int) -> tuple[int, int]:
        """Points and samples that go through together."""
        n = len(self.inputs)
        at_once = max(1, CHUNK // self.sample_bytes)  # pairs of a point and a sample
        if self.mixes or at_once >= n:
            return max(1, at_once // n), n
        k = min(points, max(1, at_once // n), max(1, CHUNK // self.out_bytes))
        return k, min(n, max(SAMPLES, at_once // k))

    def _chunk(self, mix: Tensor, samples: int) -> Tensor:
        weights, n = self._weights(mix), len(self.inputs)
        parts = [
            self.stack.outputs(weights, mix, self._lead(slice(i, i + samples))) for i in range(0, n, samples)
        ]
        return self.many(torch.cat(parts, -1) if len(parts) > 1 else parts[0])

    def _weights(self, mix: Tensor) -> Weights:
        return {
            k: (mix @ three.flatten(1)).view(len(mix), *three.shape[1:]) for k, three in self.three.items()
        }

    def _lead(self, samples: slice) -> Tensor:
        if self.kept is None:
            return self.stack.lead(self.three, self.inputs[samples])
        return self.kept[..., samples]


class Created(TorchDispatchMode):
    """Counts the bytes of all results that are new tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if not func.is_view and not func._schema.is_mutable:
            results = result if isinstance(result, tuple | list) else (result,)
            self.bytes += sum(t.numel() * t.element_size() for t in results if isinstance(t, Tensor))
        return result


def way_for(
    name: str | None, model: nn.Module, loss_fn: LossFn, batch: Batch, plane: Plane
) -> tuple[str, Way]:
    """The named way, or the first that suits the model and agrees with the loop where it is tried."""
    if name is not None and name not in WAYS:
        raise ValueError(f"way must be one of {', '.join(WAYS)}, got {name!r}")
    loop = Looped(model, loss_fn, batch, plane)
    for candidate in (name,) if name else _candidates(model, batch[0]):
        if candidate == "loop":
            return "loop", loop
        made = _tried({"layers": Layered, "vmap": Mapped}[candidate], loop)
        if isinstance(made, Exception) and name:
            raise ValueError(f"way {name!r} cannot evaluate this model: {made}") from made
        if not isinstance(made, Exception):
            return candidate, made
    return "loop", loop


def _candidates(model: nn.Module, inputs: Tensor) -> Iterator[str]:
    convolutions = sum(isinstance(layer, CONVOLUTIONS) for layer in model.modules())
    if convolutions <= FEW and plain(model, inputs):
        yield "layers"
    if not convolutions:
        yield "vmap"
    yield "loop"


def _tried(kind: type[Layered | Mapped], loop: Looped) -> Way | Exception:
    """A way, if it gives the losses of the loop at two points, and has a gradient there if the loop has."""
    try:
        way = kind(loop.model, loop.loss_fn, loop.batch, loop.plane)
        mix = next(iter(loop.plane.origin.values())).new_tensor([[1.0, 0.0, 0.0], [1.0, 0.01, -0.02]])
        with torch.no_grad():
            torch.testing.assert_close(
                way.losses(mix), loop.losses(mix), rtol=1e-3, atol=1e-4, equal_nan=True
            )
        if _has_gradient(loop, mix) and not _has_gradient(way, mix):
            return ValueError("it has no gradient there")
    except Exception as error:  # a model of the user's may do what vmap forbids in many ways
        return error
    return way


def _has_gradient(way: Way, mix: Tensor) -> bool:
    """Whether torch differentiates it: under vmap some layers are fused as if nobody asked for a gradient."""
    try:
        with torch.enable_grad():
            mix = mix.clone().requires_grad_()
            torch.autograd.grad(way.losses(mix).sum(), mix)
    except RuntimeError:
        return False
    return True


def _copied(model: nn.Module) -> nn.Module:
    """A model with the same parameters and copies of all else."""
    return copy.deepcopy(model, {id(parameter): parameter for parameter in model.parameters()})
