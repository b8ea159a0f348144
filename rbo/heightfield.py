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


Score = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Window:
    """Some blocks a row: their numbers and squared horizontal distances, both (n, m)."""

    blocks: Tensor
    gap2: Tensor


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
        heights = heights.masked_fill(~heights.isfinite(), -math.inf)
        order = [2 * i for i in range(len(sides))] + [2 * i + 1 for i in range(len(sides))]
        heights = heights.reshape([k for m in blocks for k in (m, side)]).permute(order)
        heights = heights.reshape(math.prod(blocks), side ** len(sides)).contiguous()
        corners = tuple(axis[::side].contiguous() for axis in axes)
        return Heightfield(corners, spacing, side, heights, heights.amax(-1), heights.amin(-1))

    @property
    def extent(self) -> float:
        """From the first to the last point of a block."""
        return (self.side - 1) * self.spacing

    def near(self, x: Tensor, reach: float | None) -> Window:
        """The blocks within `reach` of each x (n, d), and some beyond; all blocks for None.

        Where a window would leave the table it is moved inside.
        """
        at, gaps = None, []
        for i, low in enumerate(self.corners):
            pitch, blocks = self.side * self.spacing, len(low)
            size = blocks if reach is None else min(blocks, int(2 * reach / pitch) + 2)
            first = ((x[:, i] - 0.5 * (size - 1) * pitch - low[0]) / pitch).floor().long().clamp(0, blocks - size)
            index = first[:, None] + torch.arange(size, device=x.device)  # (n, size)
            from_low = x[:, i, None] - low[index]
            gaps.append((from_low - from_low.clamp(0.0, self.extent)).square())
            at = index if at is None else (at[:, :, None] * blocks + index[:, None, :]).flatten(1)
        return Window(at, outer_sum(gaps).flatten(1))

    def search(self, x: Tensor, window: Window, bound: Tensor, score: Score, width: int) -> Found:
        """The best grid point of each of the `width` most promising blocks of a window.

        Args:
            x: where horizontal distances are measured from, (n, d).
            window: m blocks a row.
            bound: upper bound of the score in each of them, (n, m); -inf where there is nothing.
            score: (squared horizontal distance, height), both (n, width, side**d) -> score, same shape.
            width: blocks searched point by point.
        """
        width = min(width, bound.shape[1])
        bounds, places = bound.topk(min(width + 1, bound.shape[1]), dim=1)
        chosen = window.blocks.gather(1, places[:, :width])
        axes = self._block_axes(chosen)
        squares = outer_sum([(axis - x[:, i, None, None]).square() for i, axis in enumerate(axes)])
        best, at = score(squares.flatten(2), self.heights[chosen]).max(-1)  # (n, width)
        best, order = best.sort(dim=1, descending=True)
        at = at.gather(1, order)
        points = []
        for i in reversed(range(len(axes))):  # unravel `at`, last axis fastest
            low = axes[i][..., 0].gather(1, order)
            points.append(low + self.spacing * (at % self.side))
            at = at // self.side
        certified = bounds[:, width] <= best[:, 0] if bounds.shape[1] > width else torch.ones_like(x[:, 0], dtype=bool)
        return Found(torch.stack(points[::-1], -1), best, certified)

    def _block_axes(self, chosen: Tensor) -> list[Tensor]:
        """Coordinates (n, width, side) of the chosen blocks along each axis."""
        steps = self.spacing * torch.arange(self.side, dtype=self.top.dtype, device=self.top.device)
        axes = []
        for low in reversed(self.corners):
            axes.append(low[chosen % len(low)][..., None] + steps)
            chosen = chosen // len(low)
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
