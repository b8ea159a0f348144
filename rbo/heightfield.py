"""A table of heights of Γ in blocks, each with its highest and lowest point: global search by branch and bound.

Each block gives a bound on what any of its points can reach; the `width` blocks with the best bounds are searched point by
point. The search is certified when the next bound is no better than the best point found: then no block left out can
matter. Widths are fixed numbers, so a search never waits for the device.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rbo.graph import Graph

POINTS_PER_WAVELENGTH = 8
MAX_SIDE = {1: 1 << 16, 2: 2048}  # grid points a side
MIN_SIDE = {1: 2048, 2: 192}

Sides = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Found:
    """The best grid points of a search, one a block, best first."""

    points: Tensor  # (n, width, d)
    scores: Tensor  # (n, width), descending; -inf where there is none
    certified: Tensor  # (n,) bool: no block left out can hold a better grid point


@dataclass(frozen=True)
class Heightfield:
    """Heights on a regular grid, in blocks of `side` points along each axis."""

    corners: tuple[Tensor, ...]  # d tensors (m_i,): lowest coordinate of each block along axis i
    spacing: float
    side: int
    heights: Tensor  # (m_1·…·m_d, side**d); -inf where the loss is not finite
    top: Tensor  # (m_1·…·m_d,) highest of each block
    bottom: Tensor  # (m_1·…·m_d,) lowest

    @staticmethod
    def of(graph: Graph, sides: Sides, like: Tensor, spacing: float | None = None) -> Heightfield:
        """Tabulate a graph over a box.

        Args:
            graph: the surface.
            sides: d pairs (low, high).
            like: gives dtype and device.
            spacing: grid spacing; None resolves the finest wavelength by 8 points as far as the table's limit allows.
        """
        spacing = spacing or grid_spacing(graph.finest_wavelength, sides)
        counts = [math.ceil((high - low) / spacing) + 1 for low, high in sides]
        side = max(4, min(32, round(0.55 * math.sqrt(max(counts)))))
        blocks = [math.ceil(count / side) for count in counts]
        axes = [
            low + spacing * torch.arange(m * side, dtype=like.dtype, device=like.device)
            for (low, _), m in zip(sides, blocks, strict=True)
        ]
        heights = graph.grid(axes)
        heights = torch.where(heights.isfinite(), heights, -math.inf)
        order = [2 * i for i in range(len(sides))] + [2 * i + 1 for i in range(len(sides))]
        heights = heights.reshape([k for m in blocks for k in (m, side)]).permute(order)
        heights = heights.reshape(math.prod(blocks), side ** len(sides)).contiguous()
        corners = tuple(axis[::side].contiguous() for axis in axes)
        return Heightfield(corners, spacing, side, heights, heights.amax(-1), heights.amin(-1))

    def gap_squared(self, x: Tensor) -> Tensor:
        """Squared horizontal distance of x (n, d) from every block, (n, m_1·…·m_d)."""
        extent = (self.side - 1) * self.spacing
        gaps = []
        for i, low in enumerate(self.corners):
            from_low = x[:, i, None] - low  # (n, m_i)
            gaps.append((from_low - from_low.clamp(0.0, extent)).square())
        return outer_sum(gaps).flatten(1)

    def search(
        self, x: Tensor, bound: Tensor, score: Callable[[Tensor, Tensor], Tensor], width: int
    ) -> Found:
        """The best grid point of each of the `width` most promising blocks.

        Args:
            x: where horizontal distances are measured from, (n, d).
            bound: upper bound of the score in each block, (n, m_1·…·m_d); -inf where there is nothing.
            score: (squared horizontal distance, height), both (n, width, side**d) -> score, same shape.
            width: blocks searched point by point.
        """
        width = min(width, bound.shape[1])
        bounds, chosen = bound.topk(min(width + 1, bound.shape[1]), dim=1)
        left_out = bounds[:, width] if bounds.shape[1] > width else torch.full_like(bounds[:, 0], -math.inf)
        chosen = chosen[:, :width]  # (n, width)
        axes = self._block_axes(chosen)
        squares = outer_sum([(axis - x[:, i, None, None]).square() for i, axis in enumerate(axes)])
        scores = score(squares.flatten(2), self.heights[chosen])
        best, at = scores.max(-1)  # (n, width)
        best, order = best.sort(dim=1, descending=True)
        at = at.gather(1, order)
        points = []
        for i in reversed(range(len(axes))):  # unravel `at`, last axis fastest
            axis = axes[i].gather(1, order[..., None].expand(-1, -1, self.side))
            points.append(axis.gather(-1, (at % self.side)[..., None])[..., 0])
            at = torch.div(at, self.side, rounding_mode="floor")
        return Found(torch.stack(points[::-1], -1), best, left_out <= best[:, 0])

    def _block_axes(self, chosen: Tensor) -> list[Tensor]:
        """Coordinates (n, width, side) of the chosen blocks along each axis."""
        steps = self.spacing * torch.arange(self.side, dtype=self.top.dtype, device=self.top.device)
        axes = []
        for low in reversed(self.corners):
            axes.append(low[chosen % len(low)][..., None] + steps)
            chosen = torch.div(chosen, len(low), rounding_mode="floor")
        return axes[::-1]


def grid_spacing(wavelength: float | None, sides: Sides) -> float:
    """Spacing that resolves the wavelength, between the coarsest and the finest table allowed."""
    extent = max(high - low for low, high in sides)
    coarsest, finest = extent / MIN_SIDE[len(sides)], extent / MAX_SIDE[len(sides)]
    if wavelength is None:
        wavelength = 4 * coarsest  # an unknown loss: twice the coarsest resolution
    return max(finest, min(coarsest, wavelength / POINTS_PER_WAVELENGTH))


def outer_sum(parts: Sequence[Tensor]) -> Tensor:
    """Sum over the product of the last axes: (*B, n) -> (*B, n), or (*B, n), (*B, m) -> (*B, n, m)."""
    if len(parts) == 1:
        return parts[0]
    first, second = parts
    return first[..., :, None] + second[..., None, :]


def expand(sides: Sides, margin: float) -> Sides:
    """The box grown by a margin on every side."""
    return tuple((low - margin, high + margin) for low, high in sides)
