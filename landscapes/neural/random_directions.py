"""Random directions with filter normalisation (H. Li et al. 2018, arXiv 1712.09913).

    d_i ← d_i · ‖w_i‖ / ‖d_i‖  for each filter i

A filter is one output of a layer: the row w_i of a weight with two or more dimensions. So one unit of the
plane changes each filter by as much as it is large, and networks that differ by a rescaling look the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from landscapes.neural.plane import UNIT, Batch, LossFn, Plane, plane_of
from landscapes.neural.weights import Weights, weights_of

OTHERS = ("fixed", "scaled")


@dataclass(frozen=True)
class RandomDirections:
    """Two Gaussian directions, each filter of the norm of the network's own. Not orthonormalised: their
    lengths are the network's, and they are orthogonal only as far as random vectors are.

    Args:
        seed: of the generator that draws them; the same directions on every device.
        others: what happens to parameters of one dimension, biases and those of normalisation layers:
            'fixed', they stay as they are (Li et al.'s choice); 'scaled', each is one filter of its own.
    """

    seed: int = 0
    others: str = "fixed"

    def __post_init__(self) -> None:
        if self.others not in OTHERS:
            raise ValueError(f"others must be one of {', '.join(OTHERS)}, got {self.others!r}")

    def plane(self, model: nn.Module, loss_fn: LossFn, batch: Batch) -> Plane:
        origin = weights_of(model)
        generator = torch.Generator().manual_seed(self.seed)
        fate = "stay as they are" if self.others == "fixed" else "are scaled as one filter each"
        return plane_of(
            origin,
            self._direction(origin, generator),
            self._direction(origin, generator),
            domain=UNIT,
            title="two random filter-normalised directions",
            note=f"Biases and normalisation layers {fate}. The directions are not orthonormalised.",
        )

    def _direction(self, origin: Weights, generator: torch.Generator) -> Weights:
        drawn = {k: torch.randn(w.shape, generator=generator, dtype=torch.float64) for k, w in origin.items()}
        return {k: filter_normalised(drawn[k].to(w), w, self.others) for k, w in origin.items()}


def filter_normalised(direction: Tensor, weight: Tensor, others: str = "fixed") -> Tensor:
    """A direction (out, ...) each of whose filters has the norm of that of the weight (out, ...)."""
    if weight.ndim < 2:
        if others == "fixed":
            return torch.zeros_like(weight)
        return filter_normalised(direction.reshape(1, -1), weight.reshape(1, -1)).view_as(weight)
    across = tuple(range(1, weight.ndim))
    own = weight.square().sum(across, keepdim=True).sqrt()
    drawn = direction.square().sum(across, keepdim=True).sqrt()
    return direction * own / drawn.clamp_min(torch.finfo(drawn.dtype).tiny)
