"""A curve cut out of a surface: f(·, y) at a fixed y, for landscapes that have no curve of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from landscapes.formula import Formula
from landscapes.landscape import Landscape


@dataclass(frozen=True)
class Cut(Formula):
    """θ (*B, 1) -> f(θ, y), with the derivatives of the surface along x."""

    surface: Formula
    y: float

    def value(self, theta: Tensor) -> Tensor:
        return self.surface.value(self._lifted(theta))

    def gradient(self, theta: Tensor) -> Tensor:
        return self.surface.gradient(self._lifted(theta))[..., :1]

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        f, g, hess = self.surface.jet(self._lifted(theta))
        return f, g[..., :1], hess[..., :1, :1]

    def _lifted(self, theta: Tensor) -> Tensor:
        return torch.cat([theta, torch.full_like(theta, self.y)], -1)


def section(surface: Landscape, y: float) -> Landscape:
    """The curve of a surface at y.

    Args:
        surface: a landscape with two coordinates.
        y: in its domain.

    Returns:
        A landscape with one coordinate, and no minima that are known. Its finest wavelength is that of the
        surface: along x there may be none so fine.

    Raises:
        ValueError: the landscape is no surface, or y is not in its domain.
    """
    if surface.dim != 2:
        raise ValueError(f"{surface.name}: only a surface has sections, got one with dim {surface.dim}")
    low, high = surface.domain[1]
    if not low <= y <= high:
        raise ValueError(f"{surface.name}: y must be a number from {low:g} to {high:g}, got {y}")
    return replace(
        surface,
        formula=Cut(surface.formula, float(y)),
        domain=surface.domain[:1],
        start=surface.start[:1],
        minima=(),
    )
