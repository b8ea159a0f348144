"""A grid of heights as a tree of tiles, each lying between a lifted and a lowered plane.

The points are laid out so that a tile of any level is a run of consecutive points and its children are the parts of that run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

CELL = 4  # points a side of the finest tile of a surface; 16 in a row for a curve
ROOTS = 8  # at most so many tiles a side at the coarsest level


@dataclass(frozen=True)
class Quadtree:
    """The points of a grid (N, M), padded to whole tiles, in the order of the tree."""

    shape: tuple[int, int]  # (N, M)
    padded: tuple[int, int]
    spacing: tuple[float, float]
    order: Tensor  # (P,) number on the padded grid of each point
    clamped: Tensor  # (P,) number on the grid of the nearest point of the grid
    row: Tensor  # (P,)
    column: Tensor  # (P,)
    depths: tuple[tuple[int, int], ...]  # points (down, across) of a tile of each level, coarsest first

    @staticmethod
    def of(heights: Tensor, spacing: tuple[float, float]) -> Quadtree:
        n, m = heights.shape
        cell = (CELL, CELL) if n > 1 else (1, CELL * CELL)
        levels = 0
        while max(n / (cell[0] << levels), m / (cell[1] << levels)) > ROOTS and (
            n > 1 or m > cell[1] << levels
        ):
            levels += 1
        split = (2, 2) if n > 1 else (1, 2)
        depths = tuple(
            tuple(c * s**level for c, s in zip(cell, split, strict=True)) for level in range(levels, -1, -1)
        )
        roots = [-(-k // side) for k, side in zip((n, m), depths[0], strict=True)]
        padded = tuple(k * side for k, side in zip(roots, depths[0], strict=True))
        numbers = torch.arange(math.prod(padded), device=heights.device)
        parts = [part for i in range(2) for part in (roots[i], *[split[i]] * levels, cell[i])]
        axes = [i * (levels + 2) + level for level in range(levels + 2) for i in range(2)]
        order = numbers.reshape(parts).permute(axes).flatten()
        row, column = order // padded[1], order % padded[1]
        clamped = row.clamp_max(n - 1) * m + column.clamp_max(m - 1)
        return Quadtree((n, m), padded, spacing, order, clamped, row, column, depths)

    def leaves(self, grid: Tensor) -> Tensor:
        """A grid (N, M) in the order of the tree, (P,); padding repeats the edge."""
        return grid.flatten()[self.clamped]

    def grid(self, leaves: Tensor) -> Tensor:
        """Points in the order of the tree (P,) as a grid (N, M)."""
        whole = torch.empty_like(leaves)
        whole[self.order] = leaves
        return whole.reshape(self.padded)[: self.shape[0], : self.shape[1]]
