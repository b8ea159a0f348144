"""Experiment -> film: the balls, the points and the grid, each cached under exactly what it depends on.

A family of radii rolls in one batch and does not depend on the radius that is shown: another radius costs
one ball, or nothing where the family has it. The ball that is shown can also be had alone, and sooner.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, fields, replace
from time import perf_counter

import numpy as np
import streamlit as st
import torch

import rbo
from figures import Film, PointPath
from interface.experiment import METHODS, Experiment, Point
from landscapes import Landscape

# Sessions are threads of one process: with two torch threads each, they wait for one another's cores, and one
# run of 25 balls takes several times as long as with one. This is the process's own setting, made once, here.
torch.set_num_threads(1)

DEVICE = torch.device("cpu")  # a few dozen balls in the plane: a graphics card would wait for its launches
DTYPE = torch.float64
FAMILY = 24
KEPT = 48  # families, and as many single balls: about 1 MB each
FINEST_SIDE = 385
SMOOTH_SIDE = 257  # where no wavelength asks for more
POINTS_PER_WAVE = 8  # drawn; with fewer than 4 the landscape is not what is drawn
GRADIENT_DESCENT = "Gradient descent"
SECOND_BALL = "Ball from the second start"
SECOND_DESCENT = "Gradient descent from the second start"


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


def family_radii(experiment: Experiment) -> tuple[float, ...]:
    """24 radii from 1/200 to 1/4 of the domain, log-spaced, and the usual one: all the player can scrub to.

    They have few digits, so that the radius in a link is the radius of a ball.
    """
    surface = experiment.surface()
    width = max(high - low for low, high in surface.domain)
    spaced = {float(f"{radius:.3g}") for radius in np.geomspace(width / 200, width / 4, FAMILY)}
    return tuple(sorted(spaced | {float(surface.radius)}))


@st.cache_resource(show_spinner=False)
def _families() -> deque[Experiment]:
    """What the families of balls depend on that `roll` has lately computed, for any session."""
    return deque(maxlen=KEPT)


def has_family(experiment: Experiment) -> bool:
    """Whether the family of an experiment costs no time."""
    return rolling(experiment, experiment.start) in _families().copy()  # other sessions append meanwhile


def balls(experiment: Experiment, whole: bool = True) -> Balls:
    """The family of an experiment with the ball of its own radius, or that ball alone."""
    shared = rolling(experiment, experiment.start)
    radii = family_radii(experiment) if whole else (experiment.radius,)
    family = roll(shared, radii)
    if whole and not has_family(experiment):
        _families().append(shared)
    return family if experiment.radius in radii else insert(family, roll(shared, (experiment.radius,)))


def walking(experiment: Experiment, start: Point) -> Experiment:
    """What points depend on; all else has its usual value, and so plays no part."""
    plain = experiment.plain()
    return replace(plain, start=start, lr=experiment.lr, steps=experiment.steps, scale=experiment.scale)


def rolling(experiment: Experiment, start: Point) -> Experiment:
    """What balls depend on besides their radius; all else has its usual value."""
    inner = ("inner_steps", "inner_lr") if experiment.contact == "descent" else ()
    settings = {name: getattr(experiment, name) for name in ("contact", *inner)}
    return replace(walking(experiment, start), **settings)


@st.cache_data(max_entries=2 * KEPT, show_spinner=False)
def roll(experiment: Experiment, radii: tuple[float, ...]) -> Balls:
    """Roll balls of all radii in one batch; the experiment's own radius plays no part."""
    began = perf_counter()
    surface, radius = experiment.surface(), torch.tensor(radii, dtype=DTYPE, device=DEVICE)
    path = rbo.roll(
        surface,
        torch.tensor(experiment.start, dtype=DTYPE, device=DEVICE),
        radius=radius,
        lr=experiment.lr,
        steps=experiment.steps,
        contact=_solver(experiment, surface),
        loss_scale=experiment.scale,
    )
    rotations = rbo.rolling_rotation(path.centers, path.normals, radius)
    scaled = experiment.scale * path.losses
    return Balls(
        radii=np.array(radii),
        contacts=_by_ball(torch.cat([path.contacts, scaled[..., None]], -1)),
        centers=_by_ball(path.centers),
        rotations=_by_ball(rotations),
        losses=_by_ball(path.losses),
        clearance=_by_ball(path.clearance),
        touching=_by_ball(path.touching),
        evaluations=_by_ball(path.evaluations_of),
        ends=path.ends.cpu().numpy(),
        outcomes=tuple(sentence(outcome) for outcome in path.outcome),
        gaps=_gaps(path, surface, radius, experiment.scale).cpu().numpy(),
        seconds=perf_counter() - began,
    )


def _gaps(path: rbo.Path, surface: Landscape, radius: torch.Tensor, scale: float) -> torch.Tensor:
    center = path.centers[-1]
    return center[:, 2] - radius - scale * surface(center[:, :2])


def _solver(experiment: Experiment, surface: Landscape) -> rbo.Rigid | rbo.Footpoint | rbo.Descent:
    if experiment.contact == "descent":
        return rbo.Descent(experiment.inner_steps, experiment.inner_lr)
    return {"rigid": rbo.Rigid, "footpoint": rbo.Footpoint}[experiment.contact](surface.domain)


def _by_ball(tensor: torch.Tensor) -> np.ndarray:
    """(T+1, R, ...) as an array (R, T+1, ...)."""
    return np.ascontiguousarray(tensor.transpose(0, 1).cpu().numpy())


def sentence(outcome: rbo.Outcome) -> str:
    """Why a run ended, and what to try."""
    return outcome.advice


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


def points(experiment: Experiment) -> tuple[PointPath, ...]:
    """Gradient descent, the further methods, and what starts from the second start, if there is one."""
    here = walking(experiment, experiment.start)
    paths = [descend(here, name) for name in ("", *experiment.methods)]
    if experiment.second:
        other = rolling(experiment, experiment.second)
        paths.append(_center_path(roll(other, (experiment.radius,))))
        paths.append(replace(descend(walking(experiment, experiment.second), ""), name=SECOND_DESCENT))
    return tuple(paths)


def _center_path(ball: Balls) -> PointPath:
    """The path of one ball's centre: which of several contacts is drawn is a matter of rounding."""
    return PointPath(
        SECOND_BALL, ball.centers[0], ball.losses[0], ball.evaluations[0], int(ball.ends[0]), ball.outcomes[0]
    )


@st.cache_data(max_entries=128, show_spinner=False)
def descend(experiment: Experiment, method: str) -> PointPath:
    """The path of gradient descent (method '') or of one of METHODS."""
    surface = experiment.surface()
    name, part = METHODS.get(method, (GRADIENT_DESCENT, rbo.GradientDescent()))
    start = torch.tensor(experiment.start, dtype=DTYPE, device=DEVICE)
    path = rbo.descend(
        surface, start, lr=experiment.lr, steps=experiment.steps, method=part, domain=surface.domain
    )
    contacts = torch.cat([path.contacts, experiment.scale * path.losses[:, None]], -1)
    return PointPath(
        name,
        contacts.cpu().numpy(),
        path.losses.cpu().numpy(),
        path.evaluations.numpy(),
        int(path.ends),
        sentence(path.outcome),
    )


@dataclass(frozen=True, eq=False)
class Grid:
    """The landscape as it is drawn: f, not λf."""

    x: np.ndarray
    y: np.ndarray
    losses: np.ndarray  # (ny, nx)
    note: str


@st.cache_data(max_entries=64, show_spinner=False)
def grid(plain: Experiment) -> Grid:
    """The landscape of an experiment, all else of which has its usual value, on a grid that shows its finest
    wavelength, as far as 385 points a side can."""
    surface = plain.surface()
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


def film(experiment: Experiment, whole: bool = True) -> tuple[Film, Balls]:
    """The film of an experiment, of all radii or of its own alone, and its balls."""
    rolled, drawn = balls(experiment, whole), grid(experiment.plain())
    arrays = {f.name: getattr(rolled, f.name) for f in fields(Film) if hasattr(rolled, f.name)}
    shot = Film(
        x=drawn.x,
        y=drawn.y,
        heights=experiment.scale * drawn.losses,
        points=points(experiment),
        loss_scale=experiment.scale,
        title=experiment.surface().title,
        grid_note=drawn.note,
        **arrays,
    )
    return shot, rolled
