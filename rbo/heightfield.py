"""A table of heights of Γ in blocks, each with its highest and lowest point: global search by branch and bound.

Each block gives a bound on what any of its points can reach; the `width` blocks with the best bounds are searched point by
point. The search is certified when the next bound is no better than the best point found: then no block left out can
matter. Widths are fixed numbers, so a search never waits for the device. The table is in single precision: it finds the
hill, the solvers then climb it on the loss itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rbo.graph import Graph

POINTS_PER_WAVELENGTH = 8
CELL = 4  # points a side of a cell, of which blocks are made: shorter than a wavelength, so it holds one hill at most
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
    """The hills of a search, by the height that a parabola through their grid points gives them, best first."""

    points: Tensor  # (n, hills, d) grid points
    peaks: Tensor  # (n, hills), descending; -inf where there is none
    best: Tensor  # (n,) score of the best grid point
    certified: Tensor  # (n,) bool: no block left out can hold a better grid point


@dataclass(frozen=True)
class Heightfield:
    """Heights on a regular grid, in blocks of `side` points along each axis, made of cells of CELL points."""

    corners: tuple[Tensor, ...]  # d tensors (m_i,): lowest coordinate of each block along axis i
    spacing: float
    side: int
    grid: Tensor  # (n_1·…·n_d,) heights in the order of the grid; -inf where the loss is not finite
    heights: Tensor  # (m_1·…·m_d, cells**d, CELL**d) the same by blocks and cells
    top: Tensor  # (m_1·…·m_d,) highest of each block
    bottom: Tensor  # (m_1·…·m_d,) lowest
    origin: Tensor  # (d,) first grid point
    last: Tensor  # (d,) index of the last grid point
    stride: Tensor  # (d,) of the flat grid
    beside: Tensor  # (2d, d) steps to the lower and the upper neighbour along each axis

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
        cells = max(1, min(8, round(0.14 * math.sqrt(max(counts)))))
        side = CELL * cells
        blocks = [math.ceil(count / side) for count in counts]
        axes = [
            low + spacing * torch.arange(m * side, dtype=like.dtype, device=like.device)
            for (low, _), m in zip(sides, blocks, strict=True)
        ]
        heights = graph.grid(axes)
        heights = heights.masked_fill(~heights.isfinite(), -math.inf)
        d = len(sides)
        grid = heights.float()
        parts = grid.reshape([k for m in blocks for k in (m, cells, CELL)])
        parts = parts.permute([3 * i + level for level in range(3) for i in range(d)])  # blocks, cells, points
        heights = parts.reshape(math.prod(blocks), cells**d, CELL**d).contiguous()
        corners = tuple(axis[::side].float() for axis in axes)
        eye = torch.eye(len(sides), dtype=torch.long, device=like.device)
        return Heightfield(
            corners,
            spacing,
            side,
            grid.flatten(),
            heights,
            heights.amax((-1, -2)),
            heights.amin((-1, -2)),
            origin=torch.stack([axis[0] for axis in corners]),
            last=torch.tensor(grid.shape, device=like.device) - 1,
            stride=torch.tensor(grid.stride(), device=like.device),
            beside=torch.stack([-eye, eye], 1).flatten(0, 1),
        )

    @property
    def extent(self) -> float:
        """From the first to the last point of a block."""
        return (self.side - 1) * self.spacing

    def near(self, x: Tensor, reach: float | None) -> Window:
        """The blocks within `reach` of each x (n, d), and some beyond; all blocks for None.

        Where a window would leave the table it is moved inside.
        """
        x, at, gaps = x.float(), None, []
        for i, low in enumerate(self.corners):
            pitch, blocks = self.side * self.spacing, len(low)
            size = blocks if reach is None else min(blocks, int(2 * reach / pitch) + 2)
            first = ((x[:, i] - 0.5 * (size - 1) * pitch - low[0]) / pitch).floor().long().clamp(0, blocks - size)
            index = first[:, None] + torch.arange(size, device=x.device)  # (n, size)
            from_low = x[:, i, None] - low[index]
            gaps.append((from_low - from_low.clamp(0.0, self.extent)).square())
            at = index if at is None else (at[:, :, None] * blocks + index[:, None, :]).flatten(1)
        return Window(at, outer_sum(gaps).flatten(1))

    def search(self, x: Tensor, window: Window, bound: Tensor, score: Score, width: int, hills: int) -> Found:
        """The highest hills of a score in a window: local maxima on the grid, at most one a cell.

        Args:
            x: where horizontal distances are measured from, (n, d).
            window: m blocks a row.
            bound: upper bound of the score in each of them, (n, m); -inf where there is nothing.
            score: (squared horizontal distance, height), both (n, ·, ...) -> score, same shape.
            width: blocks searched point by point.
            hills: how many to return.
        """
        kind, x, width = x.dtype, x.float(), min(width, bound.shape[1])
        bounds, places = bound.topk(min(width + 1, bound.shape[1]), dim=1)
        chosen = window.blocks.gather(1, places[:, :width])
        squares = cell_sum([(axis - x[:, i, None, None]).square() for i, axis in enumerate(self._block_axes(chosen))])
        best, at = score(squares, self.heights[chosen]).max(-1)  # (n, width, cells**d)
        index, best = self._grid_index(chosen, at).flatten(1, 2), best.flatten(1)
        certified = bounds[:, width] <= best.amax(-1) if bounds.shape[1] > width else torch.ones_like(x[:, 0], dtype=bool)
        points, peaks = self._peaks(x, index, best, score)
        peaks, order = peaks.topk(min(hills, peaks.shape[1]), dim=1)
        points = points.gather(1, order[..., None].expand(-1, -1, x.shape[1]))
        return Found(points.to(kind), peaks.to(kind), best.amax(-1).to(kind), certified)

    def _peaks(self, x: Tensor, index: Tensor, best: Tensor, score: Score) -> tuple[Tensor, Tensor]:
        """Tops (n, k, d) and heights (n, k) of the parabolas through grid points (n, k, d) and their neighbours.

        The height is -inf where a neighbour is higher: such a point is no hill, only the edge of one.
        """
        beside = torch.minimum((index[..., None, :] + self.beside).clamp_min(0), self.last)  # (n, k, 2d, d)
        heights = self.grid[(beside * self.stride).sum(-1)]
        squares = (self.origin + self.spacing * beside - x[:, None, None]).square().sum(-1)
        lower, upper = score(squares, heights).unflatten(-1, (-1, 2)).unbind(-1)  # (n, k, d)
        tilt, bend = upper - lower, 2 * best[..., None] - upper - lower
        shift = (tilt / (2 * bend)).nan_to_num(0.0, 0.0, 0.0).clamp(-0.5, 0.5)  # no parabola at a rim: the grid point
        edge = torch.maximum(lower, upper).amax(-1) > best
        peaks = (best + (shift * tilt / 4).nan_to_num(0.0, 0.0, 0.0).sum(-1)).masked_fill(
            edge & (best < best.amax(-1, keepdim=True)), -torch.inf
        )
        return self.origin + self.spacing * (index + shift), peaks

    def _grid_index(self, chosen: Tensor, at: Tensor) -> Tensor:
        """Grid indices (n, width, cells**d, d) of place `at` (n, width, cells**d) in each cell of blocks (n, width)."""
        cells = self.side // CELL
        chosen, cell, index = chosen[..., None], torch.arange(at.shape[-1], device=at.device), []
        for low in reversed(self.corners):  # unravel, last axis fastest
            index.append(chosen % len(low) * self.side + cell % cells * CELL + at % CELL)
            chosen, cell, at = chosen // len(low), cell // cells, at // CELL
        return torch.stack(index[::-1], -1)

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


def cell_sum(parts: Sequence[Tensor]) -> Tensor:
    """`outer_sum` of (n, width, side), by cells: (n, width, cells**d, CELL**d)."""
    parts = [part.unflatten(-1, (-1, CELL)) for part in parts]
    if len(parts) == 1:
        return parts[0]
    first, second = parts
    return (first[:, :, :, None, :, None] + second[:, :, None, :, None, :]).flatten(2, 3).flatten(3)


def expand(sides: Sides, margin: float) -> Sides:
    """The box grown by a margin on every side."""
    return tuple((low - margin, high + margin) for low, high in sides)
