"""Square patches of a grid of heights, each with what bounds the surface over it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

CELL = 4  # points a side of a cell


@dataclass(frozen=True)
class Tiles:
    """Square patches of the grid: each within its heights, and under a plane that is fitted to it and
    lifted."""

    side: int  # grid points a side
    half: float  # from the middle to a side
    corner: Tensor  # (m, d) the lowest one
    table: Tensor  # (2d+3, m): middle, slope of the plane, its height there, highest and lowest height

    @staticmethod
    def of(
        index: Tensor, heights: Tensor, slopes: Tensor, offsets: Tensor, origin: Tensor, spacing: float
    ) -> Tiles:
        """Tiles with lowest corners at grid index (m, d), and heights (m, k) and slopes (d, m, k) at grid
        steps (k, d) from there. They bound the planes that touch Γ at their points, half a step around."""
        side = int(offsets.max()) + 1
        half = (side - 1) * spacing / 2
        lever = spacing * offsets.to(heights.dtype) - half  # (k, d), of zero mean
        slope = (heights @ lever) / lever.square().sum(0)  # least squares on a regular grid
        tilt = (slopes - slope.T[..., None]).abs_().sum(0)
        roof = torch.add(heights - slope @ lever.T, tilt, alpha=spacing / 2).amax(-1)
        top = torch.add(heights, slopes.abs().sum(0), alpha=spacing / 2).amax(-1)
        middle = origin + spacing * index + half
        bounds = torch.stack([roof, top, heights.amin(-1)], -1)
        table = torch.cat([middle, slope, bounds], -1).T.contiguous()
        return Tiles(side, half, origin + spacing * index, table)

    def seen_from(self, x: Tensor, numbers: Tensor) -> Seen:
        """Tiles (p,), each seen from its own x (p, d)."""
        d = x.shape[1]
        rows = self.table.index_select(1, numbers)
        return Seen(rows[:d] - x.T, rows[d : 2 * d], *rows[2 * d :])


class Seen(NamedTuple):
    """What p queries see of a tile each."""

    offset: Tensor  # (d, p) of the middle
    slope: Tensor  # (d, p) of the plane
    roof: Tensor  # (p,) height of the plane over the middle
    top: Tensor  # (p,) highest height
    bottom: Tensor  # (p,) lowest height

    def gap2(self, half: float) -> Tensor:
        """Squared horizontal distance of the nearest point, (p,)."""
        return (self.offset.abs() - half).clamp_min_(0).square_().sum(0)


def tiled(grid: Tensor, counts: tuple[int, ...], per_block: int) -> Tensor:
    """A grid by blocks, cells and points: (blocks, per_block**d, CELL**d)."""
    d = len(counts)
    parts = grid.reshape([k for m in counts for k in (m, per_block, CELL)])
    parts = parts.permute([3 * i + level for level in range(3) for i in range(d)])
    return parts.reshape(math.prod(counts), per_block**d, CELL**d).contiguous()
