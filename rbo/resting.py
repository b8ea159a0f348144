"""Where a ball can rest on a graph: the open ball B(p + ρν, ρ) that touches it at p misses the graph.

A ball with its centre at (x, y) misses the graph where no point of it lies inside,

    h(θ) + √(ρ² − |x−θ|²) <= y    for all θ within ρ of x.

This is asked for every p at once by branch and bound: for each ball from coarse tiles of θ to fine ones. A
pair is dropped when a bound says that no θ of the tile can lie inside, and a ball when one does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rbo.dualtree import STEEP, cap
from rbo.quadtree import Planes, Quadtree, Tiles
from rbo.surfaces import Heights, Spacing, checked

ROUNDING = 1e-9  # of the greatest height and the radius
BALLS = 1 << 12  # looked at together: what is at hand stays in the cache
WINDOW = 1  # tiles that a ball reaches beyond its own at the first level, if there are such large ones


def rests(heights: Heights, slopes: Heights, spacing: Spacing, radius: float) -> Heights:
    """Where a ball can rest on a curve or a surface of known slopes.

    This is sharper than `reachable`. The centre stands where it belongs and not over the nearest point of the
    grid, which on fine wrinkles and beside a place with κ near 1/ρ is not near enough. On the surface between
    the points of the grid nothing is seen.

    Args:
        heights: (N,) or (N, M), a floating-point tensor on any device or NumPy array.
        slopes: (n,) or (2, n, m), down and across, the derivatives at the n <= N and m <= M points in the
            middle, which are those that are judged; at a kink any between those of its sides.
        spacing: as in `center_surface`.
        radius: ρ >= 0, in the units of the heights.

    Returns:
        Bool (n,) or (n, m), of the kind and device of the heights. The graph ends at the edge of the grid.

    Raises:
        ValueError: as in `center_surface`, and for slopes that are not of such a shape or not finite.

    >>> rests(torch.tensor([4.0, 0.0, 4.0]), torch.zeros(3), 3.0, 5.0)
    tensor([ True, False,  True])
    """
    values, steps, radius = checked(heights, spacing, radius)
    down, across = checked_slopes(slopes, values, heights.ndim)
    shape = across.shape
    first = [(n - own) // 2 for n, own in zip(values.shape, shape, strict=True)]
    rows, columns = (torch.arange(n, device=values.device) + k for n, k in zip(shape, first, strict=True))
    rows, columns = rows.repeat_interleave(shape[1]), columns.repeat(shape[0])
    balls = Balls.touching(values, steps, (rows, columns), (down.flatten(), across.flatten()), radius)
    free = beside(values, steps, (rows, columns), balls) <= 0
    left = free.nonzero()[:, 0]  # of wrinkles, few
    ground = Ground.of(values, steps)
    free[left] = torch.cat([ground.missed(balls.where(some)) for some in left.split(BALLS)])
    free = free.reshape(shape[2 - heights.ndim :])
    return free.cpu().numpy() if isinstance(heights, np.ndarray) else free


@dataclass(frozen=True)
class Balls:
    """Balls of one radius over a grid, by their centres."""

    down: Tensor  # (n,) from the first row
    across: Tensor  # (n,) from the first column
    top: Tensor  # (n,) height, and the rounding that a point may lie inside
    radius: float

    @staticmethod
    def touching(
        values: Tensor,
        spacing: tuple[float, float],
        points: tuple[Tensor, Tensor],
        slopes: tuple[Tensor, Tensor],
        radius: float,
    ) -> Balls:
        """Those that touch heights (N, M) at points (n,) of a grid, rows and columns, with their slopes."""
        norm = (1 + slopes[0].square() + slopes[1].square()).sqrt()
        down, across = (
            n.to(values) * h - radius * slope / norm
            for n, h, slope in zip(points, spacing, slopes, strict=True)
        )
        rounding = ROUNDING * (values.abs().max() + radius)
        return Balls(down, across, values[points] + radius / norm + rounding, radius)

    def where(self, keep: Tensor) -> Balls:
        return Balls(self.down[keep], self.across[keep], self.top[keep], self.radius)

    def depth(self, down: Tensor, across: Tensor, heights: Tensor) -> Tensor:
        """How far up (n,) each ball must go to hold none of k points of the graph (n, k); none if <= 0."""
        caps = cap(self.radius, down - self.down[:, None], across - self.across[:, None])
        return caps.add_(heights).amax(1).sub_(self.top)

    def bound(self, ball: Tensor, tiles: Tiles, tile: Tensor, roofs: Planes) -> Tensor:
        """What no `depth` (p,) of a ball and a point of a tile exceeds: `gain_bound`, for centres alone."""
        apart = []
        for own, first, a, h in zip(
            (self.down, self.across), (tiles.row, tiles.column), tiles.half, tiles.spacing, strict=True
        ):
            middle = first.index_select(0, tile).to(own).mul_(h).add_(a)
            apart.append(middle.sub_(own.index_select(0, ball)))
        gaps = [(u.abs() - a).clamp_min_(0) for u, a in zip(apart, tiles.half, strict=True)]
        nearest = cap(self.radius, *gaps).add_(roofs.extreme.index_select(0, tile))
        within = self.radius**2 - apart[0].square() - apart[1].square()
        per_offset = within.clamp_min_(STEEP * self.radius**2).rsqrt_()
        planes, steepness = roofs.height.index_select(0, tile), torch.ones_like(per_offset)
        for u, a, slopes in zip(apart, tiles.half, roofs.slope, strict=True):
            p = u * per_offset
            planes.add_(slopes.index_select(0, tile).sub_(p).abs_(), alpha=a).addcmul_(p, u, value=-1)
            steepness.addcmul_(p, p)
        return nearest.minimum(planes.add_(steepness.sqrt_(), alpha=self.radius)).sub_(self.top[ball])


@dataclass(frozen=True)
class Ground:
    """The graph that the balls must miss, as a tree of tiles with a roof over each."""

    tree: Quadtree
    heights: Tensor  # (P,) in the order of the tree, -inf beyond the grid
    roofs: tuple[Planes, ...]  # over the tiles of each level

    @staticmethod
    def of(heights: Tensor, spacing: tuple[float, float]) -> Ground:
        tree = Quadtree.of(heights, spacing)
        extended = tree.leaves(heights)
        real = tree.filled(extended, -math.inf)
        return Ground(tree, real, tuple(Planes.above(tiles, extended, real) for tiles in tree.levels))

    def missed(self, balls: Balls) -> Tensor:
        """Which balls (n,) miss it."""
        free = torch.ones_like(balls.top, dtype=torch.bool)
        first, ball, tile = self.first(balls)
        for level in range(first, len(self.roofs)):
            tiles = self.tree.levels[level]
            k = len(tiles.down)
            if level > first:
                parts = len(self.tree.levels[level - 1].down) // k
                ball = ball.repeat_interleave(parts)
                tile = (tile[:, None] * parts + torch.arange(parts, device=tile.device)).flatten()
            near = (balls.bound(ball, tiles, tile, self.roofs[level]) > 0).nonzero()[:, 0]
            ball, tile = ball.index_select(0, near), tile.index_select(0, near)
            middle = sum(lever.square() for lever in tiles.lever).argmin()
            free[ball[self.depth(balls, ball, (tile * k + middle)[:, None]) > 0]] = False
            alive = free[ball].nonzero()[:, 0]
            ball, tile = ball.index_select(0, alive), tile.index_select(0, alive)
        every = tile[:, None] * k + torch.arange(k, device=tile.device)
        free[ball[self.depth(balls, ball, every) > 0]] = False
        return free

    def depth(self, balls: Balls, ball: Tensor, leaves: Tensor) -> Tensor:
        """`Balls.depth` (p,) of some balls (p,) and some leaves (p, k)."""
        tree, like = self.tree, balls.top
        down, across = (
            n[leaves].to(like).mul_(h) for n, h in zip((tree.row, tree.column), tree.spacing, strict=True)
        )
        return balls.where(ball).depth(down, across, self.heights[leaves])

    def first(self, balls: Balls) -> tuple[int, Tensor, Tensor]:
        """The level whose tiles are about as large as a ball; the balls and tiles (p,) in reach there."""
        tree = self.tree
        for level in range(len(tree.levels) - 1, -1, -1):
            tiles = tree.levels[level]
            sizes = [n * h for n, h in zip(tiles.side, tiles.spacing, strict=True)]
            counts = [n // own for n, own in zip(tree.padded, tiles.side, strict=True)]
            reach = [min(math.ceil(balls.radius / size), n) for size, n in zip(sizes, counts, strict=True)]
            if max(reach) <= WINDOW:
                break
        every = torch.arange(len(tiles.row), device=balls.top.device)
        number = every.new_full([n + 2 * r for n, r in zip(counts, reach, strict=True)], -1)
        at = (n // own + r for n, own, r in zip((tiles.row, tiles.column), tiles.side, reach, strict=True))
        number[tuple(at)] = every  # of the tile in each place, -1 around them
        rows, columns = (
            (place / size).floor().long().clamp(0, n - 1)[:, None] + every.new_tensor(range(2 * r + 1))
            for place, size, n, r in zip((balls.down, balls.across), sizes, counts, reach, strict=True)
        )
        tile = number[rows[:, :, None], columns[:, None]].flatten(1)
        ball, at = (tile >= 0).nonzero(as_tuple=True)
        return level, ball, tile[ball, at]


def beside(
    values: Tensor, spacing: tuple[float, float], points: tuple[Tensor, Tensor], balls: Balls
) -> Tensor:
    """`Balls.depth` (n,) of balls and the eight points of heights (N, M) beside those that they touch."""
    around = torch.nn.functional.pad(values, (1, 1, 1, 1), value=-math.inf)
    steps = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    i, j = torch.tensor(steps, device=values.device).T
    rows, columns = points[0][:, None] + i, points[1][:, None] + j  # (n, 8)
    heights = around[rows + 1, columns + 1]
    return balls.depth(rows.to(values) * spacing[0], columns.to(values) * spacing[1], heights)


def checked_slopes(slopes: Heights, values: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """Slopes down and across (n, m), those of a curve as one row, on the device of the values (N, M)."""
    wanted = "(2, n, m)" if dim == 2 else "(n,)"
    if slopes.ndim != 2 * dim - 1 or (dim == 2 and len(slopes) != 2):
        raise ValueError(f"slopes must be {wanted}, got {tuple(slopes.shape)}")
    flat = torch.as_tensor(slopes.copy() if isinstance(slopes, np.ndarray) else slopes).to(values)
    if not flat.isfinite().all():
        raise ValueError("slopes must be finite, got nan or inf")
    down, across = flat if dim == 2 else (torch.zeros_like(flat[None]), flat[None])
    if any(n < own or (n - own) % 2 for n, own in zip(values.shape, across.shape, strict=True)):
        shapes = f"{tuple(across.shape[2 - dim :])} of {tuple(values.shape[2 - dim :])}"
        raise ValueError(f"slopes must be of points in the middle of the heights, got {shapes}")
    return down, across
