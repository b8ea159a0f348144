"""Principal components of a training path: the plane that holds most of its variance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from landscapes.neural.plane import Batch, LossFn, Plane, named, plane_of
from landscapes.neural.weights import flat, weights_of

MARGIN = 0.25  # of the path's extent, on each side
SECOND = 1e-10  # share of the variance below which a second direction is rounding


@dataclass(frozen=True, eq=False)
class PathDirections:
    """The first two principal components of a path, orthonormal; the plane goes through the model's weights.

    Args:
        path: (T+1, P) flat weights, T >= 2; `explained` of the plane are the shares of its variance about its
            mean. The domain holds the projected path and is square.
    """

    path: Tensor

    def plane(self, model: nn.Module, loss_fn: LossFn, batch: Batch) -> Plane:
        origin = weights_of(model)
        directions, shares = principal_directions(self.path)
        first, second = (named(d, origin) for d in directions)
        flat_plane = plane_of(origin, first, second)
        projected = flat_plane.coordinates(self.path.to(flat(origin).device))
        return plane_of(
            origin,
            first,
            second,
            domain=square_around(projected),
            title="the two main directions of the training path",
            note=f"They hold {100 * sum(shares):.3g} % of its variance. The directions are orthonormal.",
            orthonormal=True,
            explained=shares,
        )


def principal_directions(path: Tensor) -> tuple[Tensor, tuple[float, float]]:
    """Two orthonormal directions (2, P), in float64, and their shares of the variance of a path (T+1, P).

    Each points to where its largest entry is positive. The smaller of the two Gram matrices is decomposed.

    Raises:
        ValueError: fewer than three points, or points on one line.
    """
    if path.ndim != 2 or len(path) < 3:
        raise ValueError(f"path must have shape (T+1, P) with T >= 2, got {tuple(path.shape)}")
    if not path.isfinite().all():
        raise ValueError("path must be finite, got nan or infinity in it")
    offset = path.double() - path.double().mean(0)
    wide = offset.shape[1] > offset.shape[0]
    values, vectors = torch.linalg.eigh(offset @ offset.T if wide else offset.T @ offset)
    values, vectors = values[-2:].flip(0), vectors[:, -2:].flip(1)
    total = offset.square().sum()
    if not values[1] > SECOND * total:
        raise ValueError("path must leave a line, its points span no plane")
    directions = (offset.T @ vectors if wide else vectors).T
    directions = directions / directions.norm(dim=1, keepdim=True)
    second = directions[1] - (directions[1] @ directions[0]) * directions[0]
    directions = torch.stack([directions[0], second / second.norm()])
    largest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    return directions * largest.sign(), tuple((values / total).tolist())


def square_around(points: Tensor) -> tuple[tuple[float, float], tuple[float, float]]:
    """A square with a margin around points (n, 2), as a domain."""
    low, high = points.amin(0), points.amax(0)
    half = float((high - low).max()) * (0.5 + MARGIN)
    return tuple((_digits(m - half, half), _digits(m + half, half)) for m in ((low + high) / 2).tolist())


def _digits(value: float, size: float) -> float:
    """Three digits of the size."""
    return round(value, 2 - math.floor(math.log10(size)))
