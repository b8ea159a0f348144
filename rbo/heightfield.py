"""A table of heights of Γ in tiles that know their highest and lowest point: global search by branch and
bound.

A tile bounds what any of its points can reach. Of the blocks (tiles of tiles) around a query those are opened
that may reach its floor, then those of their cells, and these are searched point by point. Where what is
searched for is so steep that it may lie between the points, each of them stands for the plane that touches Γ
there. The table is in single precision: it finds the hill, the solvers then climb it on the loss itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from rbo.graph import Graph
from rbo.spacing import MAX_SIDE, Sides, search_spacing
from rbo.tiles import CELL, Seen, Tiles, tiled

PAIRS = 1 << 20  # queries x blocks at once: bounds the memory


class Hills(NamedTuple):
    """Local maxima of a search on the grid, those of a query in succession."""

    rows: Tensor  # (k,) ascending: number of the query
    points: Tensor  # (k, d)
    peaks: Tensor  # (k,)


class Scored(NamedTuple):
    """The points of q cells and their neighbours, k each, as some query sees them."""

    corner: Tensor  # (q, d) the lowest one, from the query's x
    scores: Tensor  # (q, k)
    steep: Tensor  # (s,) numbers of cells whose scores are those of places between the points
    ways: Tensor  # (d, s, k) to those places

    def way(self, cell: Tensor, point: Tensor) -> Tensor:
        """From points (m,) of cells (m,) to where their scores are, (d, m)."""
        number = torch.full_like(self.scores[:, 0], -1, dtype=torch.long)
        number[self.steep] = torch.arange(len(self.steep), device=number.device)
        number = number[cell]
        way = self.corner.new_zeros(self.corner.shape[1], len(cell))
        between = (number >= 0).nonzero()[:, 0]
        way[:, between] = self.ways[:, number[between], point[between]]
        return way


class Points(NamedTuple):
    """Grid points that q queries look at, k each."""

    offset: Tensor  # (d, q, k) from the query's x
    height: Tensor  # (q, k)
    slope: Tensor  # (d, q, k) of the plane that touches Γ there


class Measure(Protocol):
    """What a search maximises over the points of Γ, for each of n queries."""

    def bound(self, seen: Seen, half: float) -> Tensor:
        """The most that it can be (n,) in one tile a query, `half` a side long."""

    def score(self, distance2: Tensor, height: Tensor) -> Tensor:
        """Its value at points of given squared horizontal distance and height, both (n, ·)."""

    def steep(self, distance2: Tensor) -> Tensor:
        """Whether the grid may pass maxima (n,) no further away than at a squared distance (n,)."""

    def between(self, points: Points) -> tuple[Tensor, Tensor]:
        """Its value (n, k) at the best places on the planes around the points, and the ways there
        (d, n, k)."""

    def rows(self, chosen: Tensor) -> Measure:
        """The measure of some of the queries, (p,) of n."""


@dataclass(frozen=True)
class Heightfield:
    """Heights on a regular grid: blocks of cells of CELL points a side."""

    origin: Tensor  # (d,) first grid point
    spacing: float
    blocks: Tiles
    cells: Tiles  # those of a block in succession
    counts: tuple[int, ...]  # blocks along each axis
    table: Tensor  # (1+d, points) heights and slopes, one point more on each side: of height -inf
    first: Tensor  # (cells,) where the point is, in the table, that comes before each cell's lowest corner
    around: Tensor  # ((CELL+2)**d,) from there to the points of the cell and their neighbours
    within: Tensor  # ((CELL+2)**d, d) grid steps from the cell's lowest corner
    inside: Tensor  # (CELL**d,) which of those are the cell's own points
    steps: Tensor  # 0, 1, 2, ..., a cell of a block each
    last: Tensor  # (d,) number of the last block along each axis

    @staticmethod
    def of(
        graph: Graph, sides: Sides, like: Tensor, spacing: float | None = None, margin: float = 0.0
    ) -> Heightfield:
        """Tabulate a graph over a box and some way beyond.

        Args:
            graph: the surface.
            sides: d pairs (low, high), d = 1 or 2.
            like: gives dtype and device.
            spacing: grid spacing; None resolves the wavelength and the slopes of the graph (`rbo.spacing`).
            margin: how far to go beyond the box: by whole blocks, so that the points of the grid are the same
                whatever the margin.
        """
        spacing, d = spacing or search_spacing(graph, sides, like), len(sides)
        axes, per_block = axes_over(sides, spacing, margin, like)
        counts = tuple(len(axis) // (CELL * per_block) for axis in axes)
        grid = graph.grid(axes).float()
        grid = grid.masked_fill(~grid.isfinite(), -math.inf)
        origin = torch.stack([axis[0] for axis in axes]).float()
        numbers = tiled(torch.arange(grid.numel(), device=like.device).reshape(grid.shape), counts, per_block)
        corner, first = (
            torch.stack(torch.unravel_index(some, grid.shape), -1) for some in (numbers[:, :, 0], numbers[0])
        )
        slopes = torch.stack(torch.gradient(grid, spacing=spacing)).nan_to_num_(0.0, 0.0, 0.0)
        heights, *tilts = (tiled(part, counts, per_block) for part in (grid, *slopes))
        tilts, within_block = torch.stack(tilts), (first - first[0, 0]).flatten(0, 1)
        rim = torch.arange(-1, CELL + 1, device=like.device)
        within = torch.cartesian_prod(*[rim] * d).reshape(-1, d)
        stride = torch.ones_like(corner[0, 0])
        if d == 2:
            stride[0] = grid.shape[1] + 2
        return Heightfield(
            origin=origin,
            spacing=spacing,
            blocks=Tiles.of(
                corner[:, 0], heights.flatten(1), tilts.flatten(2), within_block, origin, spacing
            ),
            cells=Tiles.of(
                corner.flatten(0, 1),
                heights.flatten(0, 1),
                tilts.flatten(1, 2),
                within_block[: CELL**d],
                origin,
                spacing,
            ),
            counts=counts,
            table=rimmed(grid, slopes),
            first=(corner.flatten(0, 1) * stride).sum(-1),
            around=((within + 1) * stride).sum(-1),
            within=within.float(),
            inside=((within >= 0) & (within < CELL)).all(-1).nonzero()[:, 0],
            steps=torch.arange(per_block**d, device=like.device),
            last=origin.new_tensor(counts) - 1,
        )

    def search(self, x: Tensor, measure: Measure, floor: Tensor, reach: Tensor) -> Hills:
        """All hills of a measure around each x that are no lower than a floor: local maxima on the grid.

        Args:
            x: where horizontal distances are measured from, (n, d).
            measure: of these n queries.
            floor: (n,).
            reach: no further from x than this, (n,), and some beyond.
        """
        kind, x = x.dtype, x.float().nan_to_num()
        floor = floor.float()
        floor = floor - 8 * torch.finfo(floor.dtype).eps * floor.abs()  # bounds are rounded
        floor = floor.clamp_min(torch.finfo(floor.dtype).min)  # -inf is no hill
        reach = reach.float()[:, None] + self.spacing  # points of beyond may stand for what is within
        first, size = self._window(x, reach)
        many = max(1, PAIRS // int(size.prod(1).max()))
        found = [
            self._search(rows, x, measure, floor, first, size)
            for rows in torch.arange(len(x), device=x.device).split(many)
        ]
        rows, points, peaks = (torch.cat(parts) for parts in zip(*found, strict=True))
        return Hills(rows, points.to(kind), peaks.to(kind))

    def near(self, x: Tensor, measure: Measure, points: Tensor) -> Tensor:
        """The best score (n,) in the cell at, or nearest to, each of some points (n, d), seen from x (n, d):
        what a search finds at least."""
        side, per_block = self.blocks.side, self.blocks.side // CELL
        index = ((points.float().nan_to_num() - self.origin) / self.spacing).floor_().clamp_min_(0)
        index = torch.minimum(index, side * (self.last + 1) - 1).long()
        block, cell = index // side, index % side // CELL
        number = torch.zeros_like(block[:, 0])
        for along, count in [*zip(block.T, self.counts, strict=True), *((one, per_block) for one in cell.T)]:
            number = number * count + along
        return self._scores(x.float().nan_to_num(), number, measure).scores.amax(1)

    def _search(
        self, rows: Tensor, x: Tensor, measure: Measure, floor: Tensor, first: Tensor, size: Tensor
    ) -> Hills:
        """The hills around some x among the blocks of their windows."""
        rows, blocks = self._blocks(rows, first, size)
        rows, blocks = promising(rows, blocks, self.blocks, x, measure, floor)
        per_block = len(self.steps)
        rows, cells = rows.repeat_interleave(per_block), (blocks[:, None] * per_block + self.steps).flatten()
        rows, cells = promising(rows, cells, self.cells, x, measure, floor)
        scored = self._scores(x[rows], cells, measure.rows(rows))
        cell, point = self._tops(scored.scores, floor[rows])
        rows, peaks, way = rows[cell], scored.scores[cell, point], scored.way(cell, point)
        shift, rise = self._parabola(scored.scores, cell, point)
        on_grid = (way == 0).all(0)
        way += self.spacing * (self.within[point].T + on_grid * shift)
        return Hills(rows, x[rows] + scored.corner[cell] + way.T, peaks + on_grid * rise)

    def _scores(self, x: Tensor, cells: Tensor, measure: Measure) -> Scored:
        """The points of cells (q,) and their neighbours, seen from x (q, d)."""
        corner = self.cells.corner.index_select(0, cells) - x
        lever = self.spacing * self.within
        distance2 = corner.square().sum(-1, keepdim=True) + (2 * corner @ lever.T + lever.square().sum(-1))
        first = self.first.index_select(0, cells)
        height = self._read(0, first)
        scores = measure.score(distance2, height)
        middle = (corner + self.cells.half).abs_() + (self.cells.half + self.spacing)
        steep = measure.steep(middle.square_().sum(-1)).nonzero()[:, 0]
        offset = corner[steep].T[..., None] + lever.T[:, None]
        slope = torch.stack([self._read(axis + 1, first[steep]) for axis in range(len(self.counts))])
        scores[steep], ways = measure.rows(steep).between(Points(offset, height[steep], slope))
        return Scored(corner, scores, steep, ways)

    def _read(self, row: int, first: Tensor) -> Tensor:
        """A row of the table at the points around cells (q,) that begin at `first`: (q, (CELL+2)**d)."""
        return self.table[row].take(first[:, None] + self.around)

    def _tops(self, scores: Tensor, floor: Tensor) -> tuple[Tensor, Tensor]:
        """The cell and the number of the local maxima among scores (q, (CELL+2)**d) that are no lower than
        floor (q,)."""
        d = len(self.counts)
        around = scores.unflatten(-1, (CELL + 2,) * d)
        middle = around[(..., *[slice(1, -1)] * d)]
        for axis in range(1, d + 1):  # the highest of three along one axis after the other
            first, second, third = (around.narrow(axis, begin, CELL) for begin in range(3))
            around = torch.maximum(torch.maximum(first, second), third)
        tops = middle >= torch.maximum(around, floor[(..., *[None] * d)])
        cell, point = tops.flatten(1).nonzero().unbind(1)
        return cell, self.inside[point]

    def _parabola(self, scores: Tensor, cell: Tensor, point: Tensor) -> tuple[Tensor, Tensor]:
        """The top of the parabola through a local maximum and its neighbours along each axis: how far from
        the middle (d, k), in grid steps, and how much higher (k,)."""
        steps = point.new_tensor([[(CELL + 2) ** axis] for axis in reversed(range(len(self.counts)))])
        middle, (lower, upper) = scores[cell, point], (scores[cell, point + way] for way in (-steps, steps))
        tilt, bend = upper - lower, 2 * middle - upper - lower
        shift = (tilt / (2 * bend)).nan_to_num_(0.0, 0.0, 0.0).clamp_(-0.5, 0.5)  # no parabola at a rim
        return shift, (shift * tilt / 4).nan_to_num_(0.0, 0.0, 0.0).sum(0)

    def _window(self, x: Tensor, reach: Tensor) -> tuple[Tensor, Tensor]:
        """The first of the blocks within reach (n, 1) of x (n, d) along each axis, and how many they are,
        (n, d)."""
        pitch = self.blocks.side * self.spacing
        first, end = (
            torch.minimum(((x + way - self.origin) / pitch).floor_().clamp_min_(0), self.last).long()
            for way in (-reach, reach)
        )
        return first, end - first + 1

    def _blocks(self, rows: Tensor, first: Tensor, size: Tensor) -> tuple[Tensor, Tensor]:
        """Some queries with every block of their windows, both (p,)."""
        size, first = size[rows], first[rows]
        count = size.prod(1)
        begin = (count.cumsum(0) - count).repeat_interleave(count)
        rest = torch.arange(len(begin), device=begin.device) - begin
        numbers, stride = torch.zeros_like(rest), 1
        for axis in reversed(range(len(self.counts))):
            along = size[:, axis].repeat_interleave(count)
            numbers += stride * (first[:, axis].repeat_interleave(count) + rest % along)
            rest, stride = rest // along, stride * self.counts[axis]
        return rows.repeat_interleave(count), numbers


def axes_over(sides: Sides, spacing: float, margin: float, like: Tensor) -> tuple[list[Tensor], int]:
    """The d axes of a grid over a box and a margin, whole blocks long, and how many cells a side a block
    has."""
    d = len(sides)
    inside = max(math.ceil((high - low) / spacing) for low, high in sides) + 1
    per_block = max(1, min(8, round(0.14 * math.sqrt(inside))))
    side = CELL * per_block
    beyond = side * spacing * math.ceil(margin / (side * spacing))
    lows = [low - beyond for low, _ in sides]
    needed = [
        math.ceil((high + margin - low) / spacing) + 1 for low, (_, high) in zip(lows, sides, strict=True)
    ]
    if max(needed) > 2 * MAX_SIDE[d]:
        blame = f"spacing {spacing:g}"
        if inside <= 2 * MAX_SIDE[d]:  # the box would fit
            blame = f"radius {margin:g} with {blame}"
        raise ValueError(f"{blame} needs {max(needed)} grid points a side, more than {2 * MAX_SIDE[d]}")
    kind = {"dtype": like.dtype, "device": like.device}
    axes = [
        low + spacing * torch.arange(math.ceil(n / side) * side, **kind)
        for low, n in zip(lows, needed, strict=True)
    ]
    return axes, per_block


def promising(
    rows: Tensor, numbers: Tensor, tiles: Tiles, x: Tensor, measure: Measure, floor: Tensor
) -> tuple[Tensor, Tensor]:
    """Those of some queries and tiles, both (p,), that may reach the floor of the query."""
    bounds = measure.rows(rows).bound(tiles.seen_from(x.index_select(0, rows), numbers), tiles.half)
    kept = (bounds >= floor.index_select(0, rows)).nonzero()[:, 0]
    return rows[kept], numbers[kept]


def rimmed(grid: Tensor, slopes: Tensor) -> Tensor:
    """The heights of a grid and their slopes (d, *grid) with a rim of one point: (1+d, points)."""
    rim = (1, 1) * grid.dim()
    heights = torch.nn.functional.pad(grid, rim, value=-math.inf)
    return torch.cat([heights[None], torch.nn.functional.pad(slopes, rim)]).flatten(1)
