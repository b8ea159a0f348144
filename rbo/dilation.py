"""Grey-scale dilation of a grid by a hemisphere, exact: F_ρ(x) = max over |θ−x| ≤ ρ of h(θ) + √(ρ² − |x−θ|²).

Two ways to the same maximum. `shifted` takes it over every offset of the disc, for all points at once: its
cost is that of the disc. `dualtree.dilate` leaves out nearly all of it by bounds: its cost hardly depends on
ρ.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from rbo import dualtree

LARGE_DISC = 4000  # offsets from which the bounds pay for themselves
STRIP = (
    1 << 15
)  # points taken at once on a CPU: they stay in its cache, and are too few for torch to share out
SHORTEST_STRIP = 16  # rows


def dilate(heights: Tensor, spacing: tuple[float, float], radius: float) -> Tensor:
    """F_ρ on the grid of heights (N, M), double precision; nothing lies beyond the grid."""
    reach = [
        min(math.floor(radius / h * (1 + 1e-12)), n - 1) for h, n in zip(spacing, heights.shape, strict=True)
    ]
    disc = (2 * reach[0] + 1) * (2 * reach[1] + 1) * (math.pi / 4 if reach[0] else 1)
    if disc > LARGE_DISC:
        return dualtree.dilate(heights, spacing, radius)
    return shifted(heights, spacing, radius, reach)


def shifted(heights: Tensor, spacing: tuple[float, float], radius: float, reach: list[int]) -> Tensor:
    """The maximum over all offsets within `reach` points down and across; four of them share their height."""
    n, m = heights.shape
    down, across = reach
    wide = torch.nn.functional.pad(heights, (across, across, down, down), value=-math.inf)
    highest = heights + radius
    beside = wide.new_empty(n + 2 * down, m)  # the greater of the two points j to the left and to the right
    rows = max(1, STRIP // m) if heights.device.type == "cpu" else n
    for j in range(across + 1):
        for first in range(0, n + 2 * down, rows):
            strip = wide[first : first + rows]
            left, right = strip[:, across - j :][:, :m], strip[:, across + j :][:, :m]
            torch.maximum(left, right, out=beside[first : first + rows])
        squares = [radius**2 - ((i * spacing[0]) ** 2 + (j * spacing[1]) ** 2) for i in range(down + 1)]
        caps = [math.sqrt(square) for square in squares if square >= 0]
        for first in range(0, n, rows):
            raise_strip(highest[first : first + rows], beside[first:], caps, down)
    return highest


def raise_strip(highest: Tensor, beside: Tensor, caps: list[float], down: int) -> None:
    """Raise a strip (n, M) in place, offset by offset with its cap; `beside` begins `down` rows above it."""
    n, trial = len(highest), torch.empty_like(highest)
    for i, cap in enumerate(caps):
        torch.maximum(beside[down - i :][:n], beside[down + i :][:n], out=trial)
        torch.maximum(highest, trial.add_(cap), out=highest)
