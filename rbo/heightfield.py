"""A table of heights of Γ in tiles that know their highest and lowest point: global search by branch and
bound.

A tile bounds what any of its points can reach. The most promising blocks (tiles of tiles) are opened, then
the most promising of their cells, and these are searched point by point, until no tile left closed has a
better bound than the best point found. The table is in single precision: it finds the hill, the solvers
then climb it on the loss itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from rbo.graph import Graph

POINTS_PER_WAVELENGTH = 8
CELL = 4  # points a side of a cell
WIDTH = 16  # tiles opened at first
ROWS = 1024  # queries at once: bounds the memory
MAX_SIDE = {1: 1 << 16, 2: 2048}  # grid points a side
MIN_SIDE = {1: 2048, 2: 192}

Sides = tuple[tuple[float, float], ...]


@dataclass
class Found:
    """The highest hills of a search, by the parabola through the grid points at their top, best first."""

    points: Tensor  # (n, hills, d)
    peaks: Tensor  # (n, hills), descending; -inf where there is none
    best: Tensor  # (n,) score of the best grid point


@dataclass(frozen=True)
class Tiles:
    """Square patches of the grid: each within its heights, and under a plane that is fitted to it and
    lifted."""

    side: int  # grid points a side
    half: float  # from the middle to a side
    index: Tensor  # (m, d) grid index of the lowest corner
    table: (
        Tensor  # (m, 2d+3): middle, slope of the plane, its height over the middle, highest and lowest height
    )

    @staticmethod
    def of(index: Tensor, heights: Tensor, offsets: Tensor, origin: Tensor, spacing: float) -> Tiles:
        """Tiles with lowest corners at grid index (m, d) and heights (m, k) at grid steps (k, d) from
        there."""
        side = int(offsets.max()) + 1
        half = (side - 1) * spacing / 2
        lever = spacing * offsets.to(heights.dtype) - half  # (k, d), of zero mean
        slope = (heights @ lever) / lever.square().sum(0)  # least squares on a regular grid
        roof = (heights - slope @ lever.T).amax(-1)
        middle = origin + spacing * index + half
        bounds = torch.stack([roof, heights.amax(-1), heights.amin(-1)], -1)
        return Tiles(side, half, index, torch.cat([middle, slope, bounds], -1))

    def seen_from(self, x: Tensor, numbers: Tensor) -> Seen:
        """Tiles (n, m) seen from x (n, d)."""
        d = x.shape[1]
        columns = rows_of(self.table, numbers).unbind(-1)
        offset = [column - x[:, i, None] for i, column in enumerate(columns[:d])]
        return Seen(offset, columns[d : 2 * d], *columns[2 * d :])


class Seen(NamedTuple):
    """What n queries see of m tiles each; one tensor (n, m) a coordinate."""

    offset: Sequence[Tensor]  # of the middle
    slope: Sequence[Tensor]  # of the plane
    roof: Tensor  # height of the plane over the middle
    top: Tensor  # highest height
    bottom: Tensor  # lowest height

    def gap2(self, half: float) -> Tensor:
        """Squared horizontal distance of the nearest point, (n, m)."""
        return sum(((along.abs() - half).clamp_min_(0).square_() for along in self.offset), 0.0)


class Measure(Protocol):
    """What a search maximises over the points of Γ, for each of n queries."""

    def bound(self, x: Tensor, numbers: Tensor, tiles: Tiles) -> Tensor:
        """The most that it can be in some tiles (n, m), seen from x (n, d)."""

    def score(self, distance2: Tensor, height: Tensor) -> Tensor:
        """Its value at points of given squared horizontal distance and height, both (n, ·, ·)."""

    def rows(self, chosen: Tensor) -> Measure:
        """The measure of some of the queries."""


@dataclass(frozen=True)
class Heightfield:
    """Heights on a regular grid: blocks of cells of CELL points a side."""

    origin: Tensor  # (d,) first grid point
    spacing: float
    blocks: Tiles
    cells: Tiles  # those of a block in succession
    counts: tuple[int, ...]  # blocks along each axis
    heights: Tensor  # (cells, (CELL+2)**d) of each cell and its neighbouring points; -inf where there is none
    within: Tensor  # ((CELL+2)**d, d) grid steps from the cell's lowest corner
    inside: Tensor  # (CELL**d,) which of those are the cell's own points
    steps: Tensor  # 0, 1, 2, ...

    @staticmethod
    def of(
        graph: Graph, sides: Sides, like: Tensor, spacing: float | None = None, margin: float = 0.0
    ) -> Heightfield:
        """Tabulate a graph over a box and some way beyond.

        Args:
            graph: the surface.
            sides: d pairs (low, high), d = 1 or 2.
            like: gives dtype and device.
            spacing: grid spacing; None resolves the finest wavelength by 8 points as far as the table's
                limit allows.
            margin: how far to go beyond the box: by whole blocks, so that the points of the grid are the same
                whatever the margin.
        """
        spacing, d = spacing or grid_spacing(graph.finest_wavelength, sides), len(sides)
        inside = max(math.ceil((high - low) / spacing) for low, high in sides) + 1
        per_block = max(1, min(8, round(0.14 * math.sqrt(inside))))  # cells a side
        side = CELL * per_block
        beyond = side * spacing * math.ceil(margin / (side * spacing))
        lows = [low - beyond for low, _ in sides]
        needed = [
            math.ceil((high + margin - low) / spacing) + 1 for low, (_, high) in zip(lows, sides, strict=True)
        ]
        if max(needed) > 2 * MAX_SIDE[d]:
            raise ValueError(
                f"spacing {spacing} needs {max(needed)} grid points a side, more than {2 * MAX_SIDE[d]}"
            )
        counts = tuple(math.ceil(n / side) for n in needed)
        axes = [
            low + spacing * torch.arange(m * side, dtype=like.dtype, device=like.device)
            for low, m in zip(lows, counts, strict=True)
        ]
        grid = graph.grid(axes).float()
        grid = grid.masked_fill(~grid.isfinite(), -math.inf)
        origin = torch.stack([axis[0] for axis in axes]).float()
        numbers = torch.arange(grid.numel(), device=like.device).reshape(grid.shape)
        index = torch.stack(torch.unravel_index(tiled(numbers, counts, per_block), grid.shape), -1)
        heights, corner = tiled(grid, counts, per_block), index[:, :, 0]
        within_block = (index[0] - corner[0, 0]).flatten(0, 1)
        rim = torch.arange(-1, CELL + 1, device=like.device)
        within = torch.cartesian_prod(*[rim] * d).reshape(-1, d)
        return Heightfield(
            origin=origin,
            spacing=spacing,
            blocks=Tiles.of(corner[:, 0], heights.flatten(1), within_block, origin, spacing),
            cells=Tiles.of(
                corner.flatten(0, 1), heights.flatten(0, 1), within_block[: CELL**d], origin, spacing
            ),
            counts=counts,
            heights=rimmed(grid, counts, per_block),
            within=within.float(),
            inside=((within >= 0) & (within < CELL)).all(-1).nonzero()[:, 0],
            steps=torch.arange(max(*counts, per_block**d), device=like.device),
        )

    def search(self, x: Tensor, measure: Measure, hills: int, reach: float | None = None) -> Found:
        """The highest hills of a measure around each x: local maxima on the grid.

        Args:
            x: where horizontal distances are measured from, (n, d).
            measure: of these n queries.
            hills: how many to return.
            reach: only blocks this near are looked at (and some beyond); None looks at all.
        """
        kind, x = x.dtype, x.float().nan_to_num()
        parts = []
        for rows in torch.arange(len(x), device=x.device).split(ROWS):
            part, closed = self._search(x[rows], measure.rows(rows), hills, reach, WIDTH)
            certified = closed <= part.best
            width = WIDTH
            while width < len(self.cells.index) and not certified.all():
                width, open_rows = 4 * width, (~certified).nonzero()[:, 0]
                again, closed = self._search(
                    x[rows[open_rows]], measure.rows(rows[open_rows]), hills, reach, width
                )
                certified[open_rows] = closed <= again.best
                for name in ("points", "peaks", "best"):
                    getattr(part, name)[open_rows] = getattr(again, name)
            parts.append(part)
        points, peaks, best = (
            torch.cat([getattr(p, name) for p in parts]).to(kind) for name in ("points", "peaks", "best")
        )
        return Found(points, peaks, best)

    def _search(
        self, x: Tensor, measure: Measure, hills: int, reach: float | None, width: int
    ) -> tuple[Found, Tensor]:
        """A search that opens `width` blocks and cells, and the best bound (n,) of those left closed."""
        blocks, closed = self._open(x, self._window(x, reach), self.blocks, measure, width)
        per_block = len(self.cells.index) // len(self.blocks.index)
        cells = (blocks[..., None] * per_block + self.steps[:per_block]).flatten(1)
        cells, closed_cells = self._open(x, cells, self.cells, measure, width)
        corner = self.origin + self.spacing * rows_of(self.cells.index, cells) - x[:, None]  # (n, width, d)
        lever = self.spacing * self.within
        distance2 = corner.square().sum(-1, keepdim=True) + (2 * corner @ lever.T + lever.square().sum(-1))
        scores = measure.score(distance2, rows_of(self.heights, cells))
        return self._hills(x, corner, scores, hills), torch.maximum(closed, closed_cells)

    def _hills(self, x: Tensor, corner: Tensor, scores: Tensor, count: int) -> Found:
        """The highest local maxima of scores (n, width, (CELL+2)**d) of cells at corner (n, width, d) from x,
        each with the parabola through it and its neighbours."""
        d, inner, side = x.shape[1], slice(1, -1), CELL + 2
        grid = scores.unflatten(-1, (side,) * d)
        middle = grid[(..., *[inner] * d)]
        around = [
            grid[(..., *[shifted if i == j else inner for i in range(d)])]
            for j in range(d)
            for shifted in (slice(None, -2), slice(2, None))
        ]
        highest = around[0]
        for neighbour in around[1:]:
            highest = torch.maximum(highest, neighbour)
        tops = middle.masked_fill(highest > middle, -torch.inf).flatten(1)
        best = middle.flatten(1).amax(-1)
        peaks, at = tops.topk(count, dim=1)
        cell, point = at // CELL**d, at % CELL**d
        corner = corner.gather(1, cell[..., None].expand(-1, -1, d))
        inside = self.inside[point]  # number among the (CELL+2)**d
        at = cell * side**d + inside
        scores, steps = scores.flatten(1), [side ** (d - 1 - i) for i in range(d)]
        lower, upper = (
            torch.stack([scores.gather(1, at + sign * step) for step in steps], -1) for sign in (-1, 1)
        )
        tilt, bend = upper - lower, 2 * peaks[..., None] - upper - lower
        shift = (tilt / (2 * bend)).nan_to_num_(0.0, 0.0, 0.0).clamp_(-0.5, 0.5)  # no parabola at a rim
        peaks = peaks + (shift * tilt / 4).nan_to_num_(0.0, 0.0, 0.0).sum(-1)
        points = x[:, None] + corner + self.spacing * (self.within[inside] + shift)
        return Found(points, peaks, best)

    def _window(self, x: Tensor, reach: float | None) -> Tensor:
        """Numbers (n, m) of the blocks within reach of x (n, d); moved inside where they would leave the
        table."""
        pitch = self.blocks.side * self.spacing
        sizes = [count if reach is None else min(count, int(2 * reach / pitch) + 2) for count in self.counts]
        middle = x.new_tensor([0.5 * (size - 1) for size in sizes])
        limit = x.new_tensor([count - size for count, size in zip(self.counts, sizes, strict=True)])
        first = torch.minimum(((x - self.origin) / pitch - middle).floor_().clamp_min_(0), limit).long()
        numbers = first[:, :1] + self.steps[: sizes[0]]
        for i in range(1, len(sizes)):
            along = first[:, i, None] + self.steps[: sizes[i]]
            numbers = (numbers[:, :, None] * self.counts[i] + along[:, None]).flatten(1)
        return numbers

    def _open(
        self, x: Tensor, numbers: Tensor, tiles: Tiles, measure: Measure, width: int
    ) -> tuple[Tensor, Tensor]:
        """The `width` most promising of some tiles (n, m), and the best bound (n,) among those left
        closed."""
        bounds, order = measure.bound(x, numbers, tiles).topk(min(width + 1, numbers.shape[1]), dim=1)
        closed = bounds[:, width] if bounds.shape[1] > width else torch.full_like(bounds[:, 0], -torch.inf)
        return numbers.gather(1, order[:, :width]), closed


def rows_of(table: Tensor, numbers: Tensor) -> Tensor:
    """table[numbers], (n, m, ...): faster than indexing."""
    return table.index_select(0, numbers.flatten()).view(*numbers.shape, *table.shape[1:])


def tiled(grid: Tensor, counts: tuple[int, ...], per_block: int) -> Tensor:
    """A grid by blocks, cells and points: (blocks, per_block**d, CELL**d)."""
    d = len(counts)
    parts = grid.reshape([k for m in counts for k in (m, per_block, CELL)])
    parts = parts.permute([3 * i + level for level in range(3) for i in range(d)])
    return parts.reshape(math.prod(counts), per_block**d, CELL**d).contiguous()


def rimmed(grid: Tensor, counts: tuple[int, ...], per_block: int) -> Tensor:
    """The cells of a grid in the order of `tiled`, each with its neighbouring points: (cells,
    (CELL+2)**d)."""
    d = grid.dim()
    padded = torch.nn.functional.pad(grid, (1, 1) * d, value=-math.inf)
    for axis in range(d):
        padded = padded.unfold(axis, CELL + 2, CELL)
    cells = padded.flatten(d)  # (cells along each axis, points)
    cells = cells.reshape([k for m in counts for k in (m, per_block)] + [-1])
    cells = cells.permute([2 * i + level for level in range(2) for i in range(d)] + [2 * d])
    return cells.reshape(-1, (CELL + 2) ** d).contiguous()


def grid_spacing(wavelength: float | None, sides: Sides) -> float:
    """Spacing that resolves the wavelength, between the coarsest and the finest table allowed."""
    extent = max(high - low for low, high in sides)
    coarsest, finest = extent / MIN_SIDE[len(sides)], extent / MAX_SIDE[len(sides)]
    if wavelength is None:
        wavelength = 4 * coarsest  # an unknown loss: twice the coarsest resolution
    return max(finest, min(coarsest, wavelength / POINTS_PER_WAVELENGTH))
