"""A grid of heights as a tree of tiles.

The points are laid out so that a tile of any level is a run of consecutive points, and its children are the
parts of that run. A curve is a grid of one row, and its tree is binary.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

CELL = 4  # points a side of the finest tile of a surface; that of a curve has CELL² in its row
ROOTS = 8  # at most so many tiles a side at the coarsest level


@dataclass(frozen=True)
class Tiles:
    """The T tiles of one level, of k points each."""

    side: tuple[int, int]  # points down, across
    row: Tensor  # (T,) of the first point
    column: Tensor  # (T,)
    down: Tensor  # (k,) rows of a tile's points below the first
    across: Tensor  # (k,)
    spacing: tuple[float, float]
    half: tuple[float, float]  # from the middle to a side
    lever: tuple[Tensor, Tensor]  # (k,) each: from the middle to the points


@dataclass(frozen=True)
class Planes:
    """A plane over or under the heights of every tile: least squares, moved until it clears them."""

    height: Tensor  # (T,) over the middle
    slope: tuple[Tensor, Tensor]  # (T,) each
    extreme: Tensor  # (T,) highest height, or lowest

    @staticmethod
    def above(tiles: Tiles, heights: Tensor, real: Tensor) -> Planes:
        """Over heights (P,); `real` is the same with -inf beyond the grid."""
        slope, rest = level_out(tiles, heights)
        return Planes(rest.amax(1), slope, real.reshape(rest.shape).amax(1))

    @staticmethod
    def below(tiles: Tiles, heights: Tensor, real: Tensor) -> Planes:
        """Under heights (P,); `real` is the same with +inf beyond the grid."""
        slope, rest = level_out(tiles, heights)
        return Planes(rest.amin(1), slope, real.reshape(rest.shape).amin(1))


@dataclass(frozen=True)
class Quadtree:
    """The points of a grid (N, M) in the order of the tree, P with the padding to whole tiles."""

    shape: tuple[int, int]
    padded: tuple[int, int]
    spacing: tuple[float, float]
    order: Tensor  # (P,) number on the padded grid
    row: Tensor  # (P,)
    column: Tensor  # (P,)
    beyond: Tensor | None  # (P,) bool: padding; None where there is none
    nearest: Tensor | None  # (P,) place in the tree of the nearest point of the grid
    levels: tuple[Tiles, ...]  # coarsest first

    @staticmethod
    def of(heights: Tensor, spacing: tuple[float, float]) -> Quadtree:
        """The tree of heights (N, M)."""
        shape = tuple(heights.shape)
        sides = tile_sides(shape)
        order, padded = tree_order(shape, sides, heights.device)
        row, column = order // padded[1], order % padded[1]
        beyond = nearest = None
        if padded != shape:
            beyond = (row >= shape[0]) | (column >= shape[1])
            place = torch.empty_like(order)
            place[order] = torch.arange(len(order), device=order.device)
            nearest = place[row.clamp_max(shape[0] - 1) * padded[1] + column.clamp_max(shape[1] - 1)]
        levels = tuple(tiles_of(side, (row, column), spacing, heights.dtype) for side in sides)
        return Quadtree(shape, padded, spacing, order, row, column, beyond, nearest, levels)

    def leaves(self, grid: Tensor) -> Tensor:
        """A grid (N, M) in the order of the tree (P,); the padding repeats the edge."""
        row, column = self.row, self.column
        if self.beyond is not None:
            row, column = row.clamp_max(self.shape[0] - 1), column.clamp_max(self.shape[1] - 1)
        return grid.flatten()[row * self.shape[1] + column]

    def grid(self, leaves: Tensor) -> Tensor:
        """Values (P,) in the order of the tree as a grid (N, M)."""
        whole = torch.empty_like(leaves)
        whole[self.order] = leaves
        return whole.reshape(self.padded)[: self.shape[0], : self.shape[1]]

    def extended(self, leaves: Tensor) -> Tensor:
        """Values (P,) with those of the edge repeated in the padding."""
        return leaves if self.nearest is None else leaves[self.nearest]

    def filled(self, leaves: Tensor, value: float) -> Tensor:
        """Values (P,) with a constant in the padding."""
        return leaves if self.beyond is None else leaves.masked_fill(self.beyond, value)


def tile_sides(shape: tuple[int, int]) -> list[tuple[int, int]]:
    """Points a side of the tiles of each level, coarsest first. A short axis stops doubling early."""
    cell = (CELL, CELL) if shape[0] > 1 else (1, CELL * CELL)
    doublings = [max(0, math.ceil(math.log2(n / (c * ROOTS)))) for n, c in zip(shape, cell, strict=True)]
    return [
        (cell[0] << min(level, doublings[0]), cell[1] << min(level, doublings[1]))
        for level in range(max(doublings), -1, -1)
    ]


def tree_order(
    shape: tuple[int, int], sides: list[tuple[int, int]], device: torch.device
) -> tuple[Tensor, tuple[int, int]]:
    """The number on the padded grid of each point of the tree, and the shape of that grid."""
    roots = [-(-n // side) for n, side in zip(shape, sides[0], strict=True)]
    padded = roots[0] * sides[0][0], roots[1] * sides[0][1]
    splits = [[a[i] // b[i] for a, b in pairwise(sides)] for i in range(2)]
    parts = [part for i in range(2) for part in (roots[i], *splits[i], sides[-1][i])]
    depth = len(sides) + 1
    axes = [i * depth + level for level in range(depth) for i in range(2)]
    return torch.arange(math.prod(padded), device=device).reshape(parts).permute(axes).flatten(), padded


def tiles_of(
    side: tuple[int, int], place: tuple[Tensor, Tensor], spacing: tuple[float, float], dtype: torch.dtype
) -> Tiles:
    """Tiles of a level of points at (row, column), each (P,) in the order of the tree."""
    k = side[0] * side[1]
    within = tuple(p[:k] - p[0] for p in place)
    first = tuple(p[::k].contiguous() for p in place)
    half = tuple((n - 1) / 2 * h for n, h in zip(side, spacing, strict=True))
    lever = tuple(w.to(dtype) * h - a for w, h, a in zip(within, spacing, half, strict=True))
    return Tiles(side, *first, *within, spacing, half, lever)


def level_out(tiles: Tiles, heights: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
    """The least-squares slopes of every tile, (T,) each, and its heights less that slope, (T, k)."""
    rest = heights.reshape(-1, len(tiles.down))
    slopes = []
    for lever in tiles.lever:
        moment = lever.square().sum()
        slope = rest @ (lever / torch.where(moment > 0, moment, 1.0))  # one row has no slope down
        slopes.append(slope)
        rest = torch.addcmul(rest, slope[:, None], lever, value=-1)
    return tuple(slopes), rest
