"""What the ball forgets of its start: the number of distinct ends of a grid of starts, against the radius.

Radius 0 is gradient descent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

import landscapes
from rbo.contact import Rigid
from rbo.experiments.maps import Basins, ball_basins, point_basins
from rbo.experiments.rates import POINT, RADII, spaced
from rbo.experiments.training import RECIPE

COLUMNS = ("radius", "starts", "distinct_ends", "moving", "diverged")
APART = 0.01  # of the domain's width: ends nearer than that are one


@dataclass(frozen=True)
class Starts:
    """side × side starts in the middles of as many cells, and the radius of the ball that rolls from them."""

    landscape: str
    side: int
    steps: int
    radius: float

    @property
    def key(self) -> str:
        """A name for files, the same for the same starts and ball."""
        return f"{self.landscape}-{self.side}-{self.steps}-{self.radius:g}-{RECIPE}"


def runs(name: str, side: int, count: int = 8, steps: int | None = None) -> list[Starts]:
    """Gradient descent, then `count` radii.

    Raises:
        ValueError: for a landscape that is not known.
    """
    surface = landscapes.get(name)
    radii = spaced(*(share * width(surface) for share in RADII), count)
    steps = surface.steps if steps is None else steps
    return [Starts(name, side, steps, radius) for radius in (POINT, *radii)]


def ends(starts: Starts, folder: str | None = None) -> dict[str, Any]:
    """The counts of one radius; it is too short to keep a checkpoint in the folder."""
    torch.set_num_threads(1)  # radii go in parallel
    surface = landscapes.get(starts.landscape)
    apart = float(f"{APART * width(surface):.2g}")
    places, lr, steps = middles(surface.domain, starts.side), surface.lr, starts.steps
    if starts.radius == POINT:
        return row(POINT, point_basins(surface, places, lr, steps, surface.domain, apart))
    contact, scale = Rigid(surface.domain), surface.loss_scale
    found = ball_basins(surface, places, starts.radius, lr, steps, contact, scale, apart)
    return row(starts.radius, found)


def width(surface: landscapes.Landscape) -> float:
    """The longest side of a domain."""
    return max(high - low for low, high in surface.domain)


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
