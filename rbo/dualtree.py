"""Dilation by a hemisphere, by branch and bound over pairs of tiles: the dual-tree search of Gray and Moore (2000).

F(x) = max over θ of h(θ) + √(ρ² − |θ−x|²) is sought for a tile of x in a tile of θ at a time, from coarse to fine. A pair of tiles is
dropped when a bound says that none of its θ can raise the F already found anywhere in the tile of x. What is left at the finest
level is evaluated point by point. The result is exact; the number of pairs left hardly depends on the radius.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from rbo.quadtree import Planes, Quadtree, Tiles

BOUNDS = 1 << 15  # pairs bounded at once: what is at hand stays in the cache
EVALUATIONS = 1 << 12  # pairs evaluated at once
STEEP = 1e-4  # 1/(1 + |slope|²) below which a slope of the hemisphere is not used


@dataclass(frozen=True)
class Pairs:
    """Pairs of tiles of one level that may still touch."""

    target: Tensor  # (p,) where the ball's centre is
    source: Tensor  # (p,) where it touches

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

    def split(self, size: int) -> list[Pairs]:
        return [Pairs(*part) for part in zip(self.target.split(size), self.source.split(size), strict=True)]


def dilate(heights: Tensor, spacing: tuple[float, float], radius: float) -> Tensor:
    """F_ρ on the grid of heights (N, M), double precision."""
    tree = Quadtree.of(heights, spacing)
    soft = tree.leaves(heights)
    source = tree.filled(soft, -math.inf)
    found = source + radius  # the ball touches below its centre: a first lower bound
    pairs, parents = None, None
    for tiles in tree.levels:
        k = len(tiles.down)
        pairs = Pairs.every(len(tiles.row), soft.device) if pairs is None else pairs.children(parents // k)
        roofs = Planes.above(tiles, soft, source)
        pairs, bounds = survivors(tiles, pairs, roofs, floors(tree, tiles, found), radius)
        best = most_promising(pairs, bounds, len(tiles.row))
        found = raised(tree, tiles, heights, source, found, best, spacing, radius)
        pairs, _ = survivors(tiles, pairs, roofs, floors(tree, tiles, found), radius)
        parents = k
    return tree.grid(evaluated(tree.levels[-1], pairs, source, found, spacing, radius))


def floors(tree: Quadtree, tiles: Tiles, found: Tensor) -> Planes:
    """The planes under what has been found."""
    return Planes.below(tiles, tree.extended(found), tree.filled(found, math.inf))


def survivors(
    tiles: Tiles, pairs: Pairs, roofs: Planes, floors: Planes, radius: float
) -> tuple[Pairs, Tensor]:
    """The pairs whose bound leaves something to gain, and that bound."""
    bounds = torch.cat([gain_bound(tiles, part, roofs, floors, radius) for part in pairs.split(BOUNDS)])
    kept = (bounds > 0).nonzero()[:, 0]
    return Pairs(pairs.target[kept], pairs.source[kept]), bounds[kept]


def gain_bound(tiles: Tiles, pairs: Pairs, roofs: Planes, floors: Planes, radius: float) -> Tensor:
    """The most (p,) by which a source tile can raise what has been found over a target tile.

    Two bounds, with u = θ − x, a = half a tile and heights within their tiles below r + r'·δθ and above f + f'·δx:
    the highest point at the nearest place, less the lowest found; and, for any slope p,

        r − f − p·u₀ + max over u of [√(ρ² − u²) + p·u] + Σ a(|r' − p| + |f' − p|),   the maximum being ρ√(1 + |p|²).

    Any p between r' and f' has the least last term; of these the one nearest to the hemisphere's own slope u₀/√(ρ² − u₀²).
    """
    t, s = pairs.target, pairs.source
    offsets = [middle[s].sub_(middle[t]) for middle in tiles.middle]
    gaps = [u.abs().sub_(2 * a).clamp_min_(0) for u, a in zip(offsets, tiles.half, strict=True)]
    nearest = cap(radius, *gaps).add_(roofs.extreme[s]).sub_(floors.extreme[t])
    within = (offsets[0].square() + offsets[1].square()).neg_().add_(radius**2)
    per_offset = within.clamp_min_(STEEP * radius**2).rsqrt_()
    planes, steepness = roofs.height[s].sub_(floors.height[t]), torch.ones_like(per_offset)
    for u, a, roof, floor in zip(offsets, tiles.half, roofs.slope, floors.slope, strict=True):
        upper, lower = roof[s], floor[t]
        low, high = torch.minimum(upper, lower), torch.maximum(upper, lower, out=upper)
        p = torch.maximum((u * per_offset).minimum(high), low)
        planes.add_(high.sub_(low), alpha=a).addcmul_(p, u, value=-1)
        steepness.addcmul_(p, p)
    return torch.minimum(nearest, planes.add_(steepness.sqrt_(), alpha=radius))


def most_promising(pairs: Pairs, bounds: Tensor, tiles: int) -> Tensor:
    """The source tile (T,) of the best bound for each target tile; the tile itself where no pair is left."""
    best = bounds.new_full((tiles,), -math.inf).scatter_reduce_(0, pairs.target, bounds, "amax")
    wins = (bounds == best[pairs.target]).nonzero()[:, 0]
    source = torch.arange(tiles, device=bounds.device)
    source[pairs.target[wins]] = pairs.source[wins]
    return source


def raised(
    tree: Quadtree,
    tiles: Tiles,
    heights: Tensor,
    source: Tensor,
    found: Tensor,
    best: Tensor,
    spacing: tuple[float, float],
    radius: float,
) -> Tensor:
    """What has been found (P,), raised by the touching point of each tile's middle in its most promising source tile.

    Every point of the tile tries that point itself, and the point that lies from it as that one lies from the middle.
    """
    k, (h, w) = len(tiles.down), spacing
    centre = tiles.side[0] // 2, tiles.side[1] // 2
    rows = (tiles.row[best] - tiles.row - centre[0])[:, None] + tiles.down
    columns = (tiles.column[best] - tiles.column - centre[1])[:, None] + tiles.across
    at = cap(radius, rows.mul_(h), columns.mul_(w)).add_(source.reshape(-1, k)[best]).argmax(1)
    touched = best * k + at  # (T,)
    down, across = (
        (tree.row[touched] - tiles.row - centre[0]),
        (tree.column[touched] - tiles.column - centre[1]),
    )
    same = cap(
        radius,
        ((down + centre[0])[:, None] - tiles.down) * h,
        ((across + centre[1])[:, None] - tiles.across) * w,
    ).add_(source[touched][:, None])
    row = tree.row.reshape(-1, k) + down.long()[:, None]
    column = tree.column.reshape(-1, k) + across.long()[:, None]
    outside = (row < 0) | (row >= tree.shape[0]) | (column < 0) | (column >= tree.shape[1])
    row, column = row.clamp_(0, tree.shape[0] - 1), column.clamp_(0, tree.shape[1] - 1)
    moved = heights.flatten()[row * tree.shape[1] + column].masked_fill_(outside, -math.inf)
    moved.add_(cap(radius, down * h, across * w)[:, None])
    return torch.maximum(found, torch.maximum(same, moved).flatten())


def evaluated(
    tiles: Tiles, pairs: Pairs, source: Tensor, found: Tensor, spacing: tuple[float, float], radius: float
) -> Tensor:
    """What has been found (P,), raised by every point of the pairs left.

    The pairs run along the last axis. A pair of tiles with n points a side has n² × n² pairs of points but only (2n − 1)²
    offsets between them, so few square roots. Targets are taken backwards: then the offsets of a source point are a slice.
    """
    k, (down, across) = len(tiles.down), tiles.side
    heights = source.reshape(-1, k)
    result = found.reshape(-1, k).T.contiguous()  # (k, T)
    rows, columns = (
        torch.arange(1 - n, n, dtype=source.dtype, device=source.device)[:, None] for n in tiles.side
    )
    for part in pairs.split(EVALUATIONS):
        t, s = part.target, part.source
        dy = (rows + (tiles.row[s] - tiles.row[t])).mul_(spacing[0])[:, None]  # (2n-1, 1, p)
        dx = (columns + (tiles.column[s] - tiles.column[t])).mul_(spacing[1])[None]
        caps = cap(radius, *(d.expand(2 * down - 1, 2 * across - 1, -1).clone() for d in (dy, dx)))
        raising = heights[s].T.contiguous()  # (k, p)
        highest = caps.new_full((down, across, len(t)), -math.inf)
        trial = torch.empty_like(highest)
        for i in range(k):
            y, x = divmod(i, across)
            torch.add(caps[y : y + down, x : x + across], raising[i], out=trial)
            torch.maximum(highest, trial, out=highest)
        result.scatter_reduce_(1, t.expand(k, -1), highest.flip(0, 1).reshape(k, -1), "amax")
    return result.T.flatten()


def cap(radius: float, dy: Tensor, dx: Tensor) -> Tensor:
    """√(ρ² − dy² − dx²), hugely negative out of reach; dy and dx are used up. (A root of a negative number is slow.)"""
    rest = dy.square_().add_(dx.square_()).neg_().add_(radius**2)
    penalty = rest.clamp_max(0).mul_(1e300)
    return rest.clamp_min_(0).sqrt_().add_(penalty)
