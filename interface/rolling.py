"""Balls, points and the landscape under them as plain arrays: what a process can compute for a page.

It knows nothing of sessions and caches: `interface.compute` asks for it, `interface.pool` says where.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from time import perf_counter

import numpy as np
import torch

import rbo
from figures.film import PointPath
from interface import budget
from interface.experiment import METHODS, Point
from landscapes import Landscape

DEVICE = torch.device("cpu")  # a few dozen balls in the plane: a graphics card would wait for its launches
DTYPE = torch.float64
GRADIENT_DESCENT = "Gradient descent"
FINEST_SIDE = 385
SMOOTH_SIDE = 257  # where no wavelength asks for more
POINTS_PER_WAVE = 8  # drawn; with fewer than 4 the landscape is not what is drawn


@dataclass(frozen=True)
class Steps:
    """How balls and points move.

    Args:
        start: x, y.
        lr, steps, scale, contact, inner_steps, inner_lr: as in an experiment.
    """

    start: Point
    lr: float
    steps: int
    scale: float
    contact: str = "rigid"
    inner_steps: int = 0
    inner_lr: float = 0.0


@dataclass(frozen=True, eq=False)
class Balls:
    """Balls of R radii as plain arrays, named and shaped as in `figures.Film`, and what they cost."""

    radii: np.ndarray
    contacts: np.ndarray
    centers: np.ndarray
    rotations: np.ndarray
    losses: np.ndarray
    clearance: np.ndarray
    touching: np.ndarray
    evaluations: np.ndarray
    ends: np.ndarray
    outcomes: tuple[str, ...]
    gaps: np.ndarray  # (R,) in units of λf: lowest point of the ball over the surface below it, at the end
    seconds: float

    def one(self, k: int) -> Balls:
        """The k-th ball alone."""
        rest = ("outcomes", "seconds")
        arrays = {f.name: getattr(self, f.name)[k : k + 1] for f in fields(self) if f.name not in rest}
        return Balls(**arrays, outcomes=self.outcomes[k : k + 1], seconds=self.seconds)


Family = tuple[Landscape, Steps, tuple[float, ...]]
Alone = tuple[Landscape, Steps, float]


def roll(family: Family) -> Balls:
    """Roll balls of all radii in one batch; ValueError where that takes too long."""
    began = perf_counter()
    surface, how, radii = family
    radius = torch.tensor(radii, dtype=DTYPE, device=DEVICE)
    start = torch.tensor(how.start, dtype=DTYPE, device=DEVICE)
    bounded = budget.within(surface, budget.FAMILY)
    path = rbo.roll(bounded, start, radius=radius, lr=how.lr, **_common(surface, how))
    return _balls(path, surface, radius, how.scale, perf_counter() - began)


def roll_alike(ones: list[Alone]) -> list[Balls]:
    """Roll several single balls in one batch; they differ in start, radius and rate alone."""
    began = perf_counter()
    surface, how, _ = ones[0]
    starts, rates = _starts([how for _, how, _ in ones])
    radius = torch.tensor([radius for *_, radius in ones], dtype=DTYPE, device=DEVICE)
    bounded = budget.within(surface, budget.ALONE)
    path = rbo.roll(bounded, starts, radius=radius, lr=rates, **_common(surface, how))
    together = _balls(path, surface, radius, how.scale, (perf_counter() - began) / len(ones))
    return [together.one(k) for k in range(len(ones))]


def _starts(hows: list[Steps]) -> tuple[torch.Tensor, torch.Tensor]:
    """Starts (n, 2) and rates (n,)."""
    starts, rates = [how.start for how in hows], [how.lr for how in hows]
    return tuple(torch.tensor(values, dtype=DTYPE, device=DEVICE) for values in (starts, rates))


def _common(surface: Landscape, how: Steps) -> dict[str, object]:
    return {"steps": how.steps, "contact": _solver(how, surface), "loss_scale": how.scale}


def _balls(path: rbo.Path, surface: Landscape, radius: torch.Tensor, scale: float, seconds: float) -> Balls:
    if not path.centers[0].isfinite().all():
        raise ValueError(
            "the surface is too high or too steep around the start to place a ball there; "
            "try another start or a smaller loss scale"
        )
    rotations = rbo.rolling_rotation(path.centers, path.normals, radius)
    return Balls(
        radii=radius.cpu().numpy(),
        contacts=_by_ball(torch.cat([path.contacts, scale * path.losses[..., None]], -1)),
        centers=_by_ball(path.centers),
        rotations=_by_ball(rotations),
        losses=_by_ball(path.losses),
        clearance=_by_ball(path.clearance),
        touching=_by_ball(path.touching),
        evaluations=_by_ball(path.evaluations_of),
        ends=path.ends.cpu().numpy(),
        outcomes=tuple(path.advice),
        gaps=_gaps(path, surface, radius, scale).cpu().numpy(),
        seconds=seconds,
    )


def _gaps(path: rbo.Path, surface: Landscape, radius: torch.Tensor, scale: float) -> torch.Tensor:
    center = path.centers[-1]
    return center[:, 2] - radius - scale * surface(center[:, :2])


def _solver(how: Steps, surface: Landscape) -> rbo.Rigid | rbo.Footpoint | rbo.Descent:
    if how.contact == "descent":
        return rbo.Descent(how.inner_steps, how.inner_lr)
    return {"rigid": rbo.Rigid, "footpoint": rbo.Footpoint}[how.contact](surface.domain)


def _by_ball(tensor: torch.Tensor) -> np.ndarray:
    """(T+1, R, ...) as an array (R, T+1, ...)."""
    return np.ascontiguousarray(tensor.transpose(0, 1).cpu().numpy())


def insert(family: Balls, one: Balls) -> Balls:
    """A family with one more ball, in the order of the radii."""
    order = np.argsort(np.concatenate([family.radii, one.radii]), kind="stable")
    joined = {
        f.name: np.concatenate([getattr(family, f.name), getattr(one, f.name)])[order]
        for f in fields(Balls)
        if f.name not in ("outcomes", "seconds")
    }
    outcomes = (*family.outcomes, *one.outcomes)
    return Balls(**joined, outcomes=tuple(outcomes[k] for k in order), seconds=family.seconds + one.seconds)


def descend_alike(method: str, ones: list[tuple[Landscape, Steps]]) -> list[PointPath]:
    """Paths of gradient descent (method '') or of one of METHODS; they differ in start and rate alone."""
    surface, how = ones[0]
    name, part = METHODS.get(method, (GRADIENT_DESCENT, rbo.GradientDescent()))
    starts, rates = _starts([how for _, how in ones])
    path = rbo.descend(surface, starts, lr=rates, steps=how.steps, method=part, domain=surface.domain)
    contacts = torch.cat([path.contacts, how.scale * path.losses[..., None]], -1)
    return [
        PointPath(
            name,
            contacts[:, k].cpu().numpy(),
            path.losses[:, k].cpu().numpy(),
            path.evaluations_of[:, k].numpy(),
            int(path.ends[k]),
            path.advice[k],
        )
        for k in range(len(ones))
    ]


@dataclass(frozen=True, eq=False)
class Grid:
    """The landscape as it is drawn: f, not λf."""

    x: np.ndarray
    y: np.ndarray
    losses: np.ndarray  # (ny, nx)
    note: str


def drawn(surface: Landscape) -> Grid:
    """A landscape on a grid that shows its finest wavelength, as far as 385 points a side can."""
    axes, note = [], ""
    for low, high in surface.domain:
        wanted = POINTS_PER_WAVE * (high - low) / surface.finest_wavelength + 1
        side = int(min(FINEST_SIDE, max(SMOOTH_SIDE, np.ceil(wanted))))
        axes.append(torch.linspace(low, high, side, dtype=DTYPE))
        if 4 * (high - low) / (side - 1) > surface.finest_wavelength:
            note = (
                f"Its finest wrinkles, {surface.finest_wavelength:.2g} long, are finer than the drawing: "
                "the ball and the points feel them, the picture does not show them all."
            )
    return Grid(axes[0].numpy(), axes[1].numpy(), surface.grid(axes).T.numpy(), note)
