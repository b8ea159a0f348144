"""Experiment -> film: the balls, the points and the grid, each kept under exactly what it depends on.

A family of radii rolls in one batch and does not depend on the radius that is shown: another radius costs
one ball, or nothing where the family has it. The ball that is shown can also be had alone, and sooner.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import fields, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st
import torch

from figures import Film, PointPath
from interface import rolling as runs
from interface.experiment import Experiment, Point
from interface.pool import Lane, Task
from interface.rolling import DEVICE, DTYPE, GRADIENT_DESCENT, Balls, Grid, Steps, insert
from interface.shared import Shared

__all__ = ["DEVICE", "DTYPE", "GRADIENT_DESCENT"]  # of `rolling`, for the pages

# What is computed in threads of this process has one torch thread: with two each, sessions wait for one
# another's cores. This is the process's own setting, made once, here.
torch.set_num_threads(1)

FAMILY = 24
KEPT = 48  # families: about 1 MB each; single balls and points, of some 30 kB, are kept in larger numbers
SECOND_BALL = "Ball from the second start"
SECOND_DESCENT = "Gradient descent from the second start"


class Kept(NamedTuple):
    """What all sessions share."""

    families: Shared
    balls: Shared
    points: Shared
    grids: Shared


@st.cache_resource(show_spinner=False)
def kept() -> Kept:
    """What has lately been computed, for any session."""
    return Kept(Shared(KEPT), Shared(8 * KEPT), Shared(8 * KEPT), Shared(KEPT))


def forget() -> None:
    """Nothing is computed yet."""
    for shared in kept():
        shared.clear()


def family_radii(experiment: Experiment) -> tuple[float, ...]:
    """24 radii from 1/200 to 1/4 of the domain, log-spaced, and the usual one: all the player can scrub to.

    They have few digits, so that the radius in a link is the radius of a ball.
    """
    surface = experiment.surface()
    width = max(high - low for low, high in surface.domain)
    spaced = {float(f"{radius:.3g}") for radius in np.geomspace(width / 200, width / 4, FAMILY)}
    return tuple(sorted(spaced | {float(surface.radius)}))


def has_family(experiment: Experiment) -> bool:
    """Whether the family of an experiment costs no time."""
    return kept().families.has(("balls", rolling(experiment, experiment.start), family_radii(experiment)))


def balls(experiment: Experiment, whole: bool = True) -> Balls:
    """The family of an experiment with the ball of its own radius, or that ball alone."""
    shared = rolling(experiment, experiment.start)
    if not whole:
        return roll(shared, (experiment.radius,))
    radii = family_radii(experiment)
    family = roll(shared, radii)
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


def roll(experiment: Experiment, radii: tuple[float, ...]) -> Balls:
    """Balls of all radii, rolled in one batch; the experiment's own radius plays no part."""
    if len(radii) == 1:
        return kept().balls.get(one_ball(experiment, radii[0]))
    family = experiment.surface(), steps(experiment), radii
    return kept().families.get(Task(runs.roll, family, Lane.NEXT, ("balls", experiment, radii)))


def one_ball(experiment: Experiment, radius: float) -> Task:
    """What rolls a single ball."""
    one, owner = (experiment.surface(), steps(experiment), radius), ("balls", experiment, (radius,))
    return Task(runs.roll_alike, one, Lane.SHOWN, owner, alike("balls", experiment))


def alike(what: str, experiment: Experiment) -> Hashable:
    """Balls, or points, that differ in no more than start, radius and rate can go together."""
    plain = experiment.plain()
    return what, rolling(replace(experiment, lr=plain.lr), plain.start)


def steps(experiment: Experiment) -> Steps:
    """How the balls and points of an experiment move."""
    inner = ("inner_steps", "inner_lr") if experiment.contact == "descent" else ()
    names = ("start", "lr", "steps", "scale", "contact", *inner)
    return Steps(**{name: getattr(experiment, name) for name in names})


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


def descend(experiment: Experiment, method: str) -> PointPath:
    """The path of gradient descent (method '') or of one of METHODS."""
    return kept().points.get(one_point(experiment, method))


def one_point(experiment: Experiment, method: str) -> Task:
    """What lets a point descend."""
    owner, one = ("points", experiment, method), (experiment.surface(), steps(experiment))
    call, together = partial(runs.descend_alike, method), (method, alike("points", experiment))
    return Task(call, one, Lane.SHOWN, owner, together)


def grid(plain: Experiment) -> Grid:
    """The landscape of an experiment, all else of which has its usual value, as it is drawn."""
    return kept().grids.get(Task(runs.drawn, plain.surface(), Lane.SHOWN, ("grid", plain)))


@contextmanager
def beside(experiment: Experiment) -> Iterator[None]:
    """While a film is computed: what runs beside its balls is wanted from the beginning, not after them."""
    balls, points, radius = kept().balls, kept().points, experiment.radius
    starts = [start for start in (experiment.start, experiment.second) if start]
    with ExitStack() as wanted:
        for start in starts[1:]:
            wanted.enter_context(balls.wanted(one_ball(rolling(experiment, start), radius)))
        for start in starts:
            wanted.enter_context(points.wanted(one_point(walking(experiment, start), "")))
        for method in experiment.methods:
            wanted.enter_context(points.wanted(one_point(walking(experiment, experiment.start), method)))
        yield


def film(experiment: Experiment, whole: bool = True) -> tuple[Film, Balls]:
    """The film of an experiment, of all radii or of its own alone, and its balls."""
    with beside(experiment):
        rolled, picture, walked = balls(experiment, whole), grid(experiment.plain()), points(experiment)
    arrays = {f.name: getattr(rolled, f.name) for f in fields(Film) if hasattr(rolled, f.name)}
    shot = Film(
        x=picture.x,
        y=picture.y,
        heights=experiment.scale * picture.losses,
        points=walked,
        loss_scale=experiment.scale,
        title=experiment.surface().title,
        grid_note=picture.note,
        **arrays,
    )
    return shot, rolled
