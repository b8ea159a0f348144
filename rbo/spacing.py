"""How fine the grid must be on which a graph is searched.

It resolves the finest wavelength. A steep graph needs more: a ball that rests on a slope g touches there
like a cap of curvature s³/ρ over the plane, s = √(1 + g²), so that the drop falls by any amount within a way
that shrinks as s^(−3/2). The radius is left out, since all balls of a batch share the grid of their single
runs.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from rbo.graph import Graph

POINTS_PER_WAVELENGTH = 8
MAX_SIDE = {1: 1 << 16, 2: 2048}  # grid points a side
MIN_SIDE = {1: 2048, 2: 192}
GENTLE = 2.4  # s that the grid of the wavelength is fine enough for
FINER = 4.0  # times at most
STEEP_SIDE = {1: 1 << 14, 2: 768}  # grid points a side that a steep graph is given at most
LATTICE = {1: 1024, 2: 32}  # points a side at which the slope is looked at
MOST = 0.9  # share of them that may not be steeper: a pole or a jump is no slope

Sides = tuple[tuple[float, float], ...]


def grid_spacing(wavelength: float | None, sides: Sides) -> float:
    """Spacing that resolves a wavelength, between the coarsest and the finest grid allowed."""
    extent = max(high - low for low, high in sides)
    coarsest, finest = extent / MIN_SIDE[len(sides)], extent / MAX_SIDE[len(sides)]
    if wavelength is None:
        wavelength = 4 * coarsest  # an unknown loss: twice the coarsest resolution
    return max(finest, min(coarsest, wavelength / POINTS_PER_WAVELENGTH))


def search_spacing(graph: Graph, sides: Sides, like: Tensor) -> float:
    """Spacing that resolves the wavelength of a graph over a box, and its slopes."""
    spacing = grid_spacing(graph.finest_wavelength, sides)
    finest = max(high - low for low, high in sides) / STEEP_SIDE[len(sides)]
    if spacing <= finest:
        return spacing
    length = math.hypot(1.0, usual_slope(graph, sides, spacing, like))
    finer = min(max(length / GENTLE, 1.0), FINER) ** 1.5
    return max(spacing / min(finer, FINER), finest)


def usual_slope(graph: Graph, sides: Sides, spacing: float, like: Tensor) -> float:
    """The slope of λf along an axis that few places of a lattice exceed, by differences over a spacing."""
    d, kind = len(sides), {"dtype": like.dtype, "device": like.device}
    axes = [torch.linspace(low, high, LATTICE[d], **kind) for low, high in sides]
    places = torch.cartesian_prod(*axes).reshape(-1, d)
    steps = spacing * torch.eye(d + 1, d, **kind).flip(0)  # 0 comes first
    heights = graph.height(places + steps[:, None]).detach()  # (d+1, n)
    slopes = (heights[1:] - heights[0]).abs_().amax(0).div_(spacing)
    slopes = slopes[slopes.isfinite()]
    return slopes.quantile(MOST).item() if len(slopes) else 0.0
