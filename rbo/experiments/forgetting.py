"""What the ball forgets of its start: the number of distinct ends of a grid of starts, against the radius.

Radius 0 is gradient descent.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any

import torch

import landscapes
from rbo.contact import Rigid
from rbo.experiments.maps import Basins, ball_basins, point_basins
from rbo.experiments.rates import RADII, spaced

COLUMNS = ("radius", "starts", "distinct_ends", "moving", "diverged")
APART = 0.01  # of the domain's width: ends nearer than that are one


def ends(
    name: str, side: int, count: int = 8, steps: int | None = None, pool: Executor | None = None
) -> Iterator[dict[str, Any]]:
    """Gradient descent, then `count` radii, from side × side starts in the middles of as many cells.

    Raises:
        ValueError: for a landscape that is not known.
    """
    surface = landscapes.get(name)
    steps = surface.steps if steps is None else steps
    width = max(high - low for low, high in surface.domain)
    apart = float(f"{APART * width:.2g}")
    starts = middles(surface.domain, side)
    point = point_basins(surface, starts, surface.lr, steps, surface.domain, apart)
    yield row(0.0, point)
    for radius in spaced(*(share * width for share in RADII), count):
        contact, scale = Rigid(surface.domain), surface.loss_scale
        yield row(
            radius, ball_basins(surface, starts, radius, surface.lr, steps, contact, scale, apart, pool)
        )


def middles(domain: tuple[tuple[float, float], ...], side: int) -> torch.Tensor:
    """Starts (side, ..., side, d), double precision: the middles of the cells that cover a domain."""
    axes = [
        low + (high - low) * (torch.arange(side, dtype=torch.float64) + 0.5) / side for low, high in domain
    ]
    return torch.stack(torch.meshgrid(*axes, indexing="xy"), -1)


def row(radius: float, found: Basins) -> dict[str, Any]:
    """The counts of one radius."""
    return {
        "radius": radius,
        "starts": found.basin.numel(),
        "distinct_ends": found.count,
        "moving": int(found.moving.sum()),
        "diverged": int((found.basin < 0).sum()),
    }
