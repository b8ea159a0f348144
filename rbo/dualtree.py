"""Dilation by a hemisphere, by branch and bound over pairs of tiles.

F(x) = max over θ of h(θ) + √(ρ² − |θ−x|²) is sought for a tile of x and a tile of θ at a time, from coarse
to fine. A pair is dropped when a bound says that none of its θ can raise the F already found anywhere in its
tile of x. What is left at the finest level is evaluated point by point. The result is exact; how many pairs
are left hardly depends on the radius. Both sides being trees, this is a dual-tree search (Gray and Moore,
*N-body problems in statistical learning*, 2000).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from rbo.quadtree import Planes, Quadtree, Tiles

BOUNDS = 1 << 15  # pairs bounded at once: what is at hand stays in the cache
EVALUATIONS = 1 << 11  # pairs evaluated at once
STEEP = 1e-4  # 1/(1 + |slope|²) below which the hemisphere's slope is not followed


@dataclass(frozen=True)
class Pairs:
    """Pairs of tiles of one level that may still touch."""

    target: Tensor  # (p,) tile of the ball's centre
    source: Tensor  # (p,) tile where it touches

    @staticmethod
    def every(tiles: int, device: torch.device) -> Pairs:
        number = torch.arange(tiles, device=device)
        return Pairs(number.repeat_interleave(tiles), number.repeat(tiles))

    def children(self, parts: int) -> Pairs:
        """All pairs of the parts of the two tiles."""
        part = torch.arange(parts, device=self.target.device)
        target = (self.target[:, None, None] * parts + part[:, None]).expand(-1, parts, parts)
        source = (self.source[:, None, None] * parts + part).expand(-1, parts, parts)
        return Pairs(target.flatten(), source.flatten())

    def at_target(self, values: Tensor) -> Tensor:
        """Values (T,) of the tiles of the centres. (Several times faster than `values[target]` on a CPU.)"""
        return values.index_select(0, self.target)

    def at_source(self, values: Tensor) -> Tensor:
        return values.index_select(0, self.source)

    def where(self, keep: Tensor) -> Pairs:
        return Pairs(self.target.index_select(0, keep), self.source.index_select(0, keep))

    def split(self, size: int) -> list[Pairs]:
        return [Pairs(*part) for part in zip(self.target.split(size), self.source.split(size), strict=True)]


@dataclass(frozen=True)
class Search:
    """The dilation of one grid."""

    tree: Quadtree
    heights: Tensor  # (N·M,)
    extended: Tensor  # (P,) heights in the order of the tree, the edge repeated beyond the grid
    source: Tensor  # (P,) the same, -inf beyond the grid
    radius: float

    def survivors(self, tiles: Tiles, pairs: Pairs, roofs: Planes, found: Tensor) -> tuple[Pairs, Tensor]:
        """The pairs that may raise what has been found (P,), and the most that they may."""
        floors = Planes.below(tiles, self.tree.extended(found), self.tree.filled(found, math.inf))
        bounds = [gain_bound(tiles, part, roofs, floors, self.radius) for part in pairs.split(BOUNDS)]
        bounds = torch.cat(bounds)
        keep = (bounds > 0).nonzero()[:, 0]
        return pairs.where(keep), bounds[keep]

    def raised(self, tiles: Tiles, best: Tensor, found: Tensor) -> Tensor:
        """What has been found (P,), raised by where a ball over each middle touches the tile `best` (T,).

        Every point of the tile tries that place, and the one that lies from it as that one lies from the
        middle.
        """
        down, across = self._touch_of_middle(tiles, best)
        k, middle = len(tiles.down), (tiles.side[0] // 2, tiles.side[1] // 2)
        row, column = tiles.row + middle[0] + down, tiles.column + middle[1] + across  # (T,)
        dy = (down + middle[0])[:, None] - tiles.down
        dx = (across + middle[1])[:, None] - tiles.across
        same = self._cap(dy, dx).add_(self._height(row, column)[:, None])
        rows = self.tree.row.reshape(-1, k) + down[:, None]
        columns = self.tree.column.reshape(-1, k) + across[:, None]
        moved = self._height(rows, columns).add_(self._cap(down, across)[:, None])
        return torch.maximum(found, same.maximum(moved).flatten())

    def _touch_of_middle(self, tiles: Tiles, best: Tensor) -> tuple[Tensor, Tensor]:
        """Rows and columns (T,) from each tile's middle to where the ball over it touches its tile `best`."""
        rows = (tiles.row[best] - tiles.row - tiles.side[0] // 2)[:, None] + tiles.down
        columns = (tiles.column[best] - tiles.column - tiles.side[1] // 2)[:, None] + tiles.across
        centers = self._cap(rows, columns).add_(self.source.reshape(rows.shape)[best])
        at = centers.argmax(1, keepdim=True)
        return rows.gather(1, at)[:, 0], columns.gather(1, at)[:, 0]

    def evaluated(self, pairs: Pairs, found: Tensor) -> Tensor:
        """What has been found (P,), raised by every point of some pairs of the finest tiles.

        The pairs run along the last axis. Two tiles of n points a side have n² × n² pairs of points but only
        (2n − 1)² offsets, so few square roots. The targets are taken backwards: then the offsets that a
        source point has to them are a slice.
        """
        tiles = self.tree.levels[-1]
        k, (down, across) = len(tiles.down), tiles.side
        heights, result = self.source.reshape(-1, k), found.reshape(-1, k).T.contiguous()
        some, kinds = self._alike(tiles, pairs)
        table = self._caps(tiles, some)  # (·, D): far fewer kinds than pairs
        for part, kind in zip(pairs.split(EVALUATIONS), kinds.split(EVALUATIONS), strict=True):
            caps = table.gather(1, kind.expand(len(table), -1)).unflatten(0, (2 * down - 1, -1))
            raising = heights[part.source].T.contiguous()  # (k, p)
            highest = caps.new_full((down, across, len(kind)), -math.inf)
            trial = torch.empty_like(highest)
            for i in range(k):
                y, x = divmod(i, across)
                torch.add(caps[y : y + down, x : x + across], raising[i], out=trial)
                torch.maximum(highest, trial, out=highest)
            highest = highest.flip(0, 1).reshape(k, -1)
            result.scatter_reduce_(1, part.target.expand(k, -1), highest, "amax")
        return result.T.flatten()

    def _caps(self, tiles: Tiles, pairs: Pairs) -> Tensor:
        """The hemisphere at every offset between the tiles of a pair, ((2·down − 1)·(2·across − 1), p)."""
        down, across = (torch.arange(1 - n, n, device=pairs.source.device)[:, None] for n in tiles.side)
        rows = down + pairs.at_source(tiles.row) - pairs.at_target(tiles.row)
        columns = across + pairs.at_source(tiles.column) - pairs.at_target(tiles.column)
        return self._cap(rows[:, None], columns[None]).flatten(0, 1)

    def _alike(self, tiles: Tiles, pairs: Pairs) -> tuple[Pairs, Tensor]:
        """Tiles as far apart make pairs of one kind: a pair of each (D,), and the kind of every pair (p,)."""
        (n, m), (down, across) = self.tree.padded, tiles.side
        width = 2 * (m // across)  # differences across stay below half of it
        place = tiles.row // down * width + tiles.column // across
        apart = pairs.at_source(place) - pairs.at_target(place) + n // down * width
        some = torch.full((2 * (n // down) * width,), -1, device=apart.device)
        some[apart] = torch.arange(len(apart), device=apart.device)  # any one of those of a kind
        there = some >= 0
        return pairs.where(some[there]), (there.cumsum(0) - 1)[apart]

    def _cap(self, rows: Tensor, columns: Tensor) -> Tensor:
        """The hemisphere at offsets in points. These are whole numbers: so its rim is where it should be."""
        h, w = self.tree.spacing
        return cap(self.radius, rows.to(self.source.dtype) * h, columns.to(self.source.dtype) * w)

    def _height(self, row: Tensor, column: Tensor) -> Tensor:
        """The height at a row and a column of the grid, -inf beyond it."""
        n, m = self.tree.shape
        beyond = (row < 0) | (row >= n) | (column < 0) | (column >= m)
        number = row.clamp(0, n - 1) * m + column.clamp(0, m - 1)
        return self.heights[number].masked_fill_(beyond, -math.inf)


def dilate(heights: Tensor, spacing: tuple[float, float], radius: float) -> Tensor:
    """F_ρ on the grid of heights (N, M), double precision; nothing lies beyond the grid."""
    tree = Quadtree.of(heights, spacing)
    extended = tree.leaves(heights)
    source = tree.filled(extended, -math.inf)
    search = Search(tree, heights.flatten(), extended, source, radius)
    found = source + radius  # a point right below the centre: the first lower bound
    pairs, points = Pairs.every(len(tree.levels[0].row), heights.device), len(tree.levels[0].down)
    for tiles in tree.levels:
        k = len(tiles.down)
        pairs = pairs.children(points // k) if k < points else pairs
        roofs = Planes.above(tiles, extended, source)
        pairs, bounds = search.survivors(tiles, pairs, roofs, found)
        found = search.raised(tiles, most_promising(pairs, bounds, len(tiles.row)), found)
        pairs, _ = search.survivors(tiles, pairs, roofs, found)
        points = k
    return tree.grid(search.evaluated(pairs, found))


def gain_bound(tiles: Tiles, pairs: Pairs, roofs: Planes, floors: Planes, radius: float) -> Tensor:
    """The most (p,) by which a source tile can raise what has been found over a target tile.

    The lesser of two bounds. The first: the highest point at the nearest place, less the lowest found. The
    second: with u = θ − x, u₀ between the middles, a half a tile, the heights of the source below r + r'·δθ
    and those found above f + f'·δx, for any slope p

        h + √(ρ² − u²) − F  <=  r − f − p·u₀ + ρ√(1 + |p|²) + Σ a (|r' − p| + |f' − p|),

    as √(ρ² − u²) + p·u is at most ρ√(1 + |p|²). Any p between r' and f' makes the sum least; taken is the one
    nearest to the hemisphere's own slope u₀/√(ρ² − u₀²).
    """
    apart = [
        pairs.at_source(first).sub_(pairs.at_target(first)) for first in (tiles.row, tiles.column)
    ]  # in points, as is the gap: no rounding
    offsets = [n.to(floors.extreme.dtype).mul_(h) for n, h in zip(apart, tiles.spacing, strict=True)]
    gaps = [
        n.abs_().sub_(side - 1).clamp_min_(0).to(floors.extreme.dtype).mul_(h)
        for n, side, h in zip(apart, tiles.side, tiles.spacing, strict=True)
    ]
    nearest = cap(radius, *gaps).add_(pairs.at_source(roofs.extreme)).sub_(pairs.at_target(floors.extreme))
    within = (offsets[0] * offsets[0]).addcmul_(offsets[1], offsets[1]).neg_().add_(radius**2)
    per_offset = within.clamp_min_(STEEP * radius**2).rsqrt_()
    planes = pairs.at_source(roofs.height).sub_(pairs.at_target(floors.height))
    steepness = torch.ones_like(per_offset)
    for u, a, roof, floor in zip(offsets, tiles.half, roofs.slope, floors.slope, strict=True):
        upper, lower = pairs.at_source(roof), pairs.at_target(floor)
        low, high = torch.minimum(upper, lower), torch.maximum(upper, lower, out=upper)
        p = (u * per_offset).minimum(high).maximum(low)
        planes.add_(high.sub_(low), alpha=a).addcmul_(p, u, value=-1)
        steepness.addcmul_(p, p)
    return nearest.minimum(planes.add_(steepness.sqrt_(), alpha=radius))


def most_promising(pairs: Pairs, bounds: Tensor, tiles: int) -> Tensor:
    """The source tile (T,) with the best bound for each target; the target itself where no pair is left."""
    best = bounds.new_full((tiles,), -math.inf).scatter_reduce_(0, pairs.target, bounds, "amax")
    wins = pairs.where((bounds == best[pairs.target]).nonzero()[:, 0])
    source = torch.arange(tiles, device=bounds.device)
    source[wins.target] = wins.source
    return source


def cap(radius: float, dy: Tensor, dx: Tensor) -> Tensor:
    """√(ρ² − dy² − dx²), hugely negative out of reach. (The root of a negative number is slow.)"""
    beyond = (dy * dy).add(dx * dx).sub_(radius**2)
    out = beyond.clamp_min(0)
    return beyond.clamp_max_(0).neg_().sqrt_().add_(out, alpha=-1e300)
