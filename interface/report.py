"""The numbers of a film: what each run reached, why it ended, how far the ball cut in, what it cost."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

import rbo
from figures import Film, PointPath
from interface.compute import SECOND_BALL, SECOND_DESCENT, Balls
from interface.experiment import Experiment
from rbo.path import SAID

EXACT = 1e-4  # of its radius: a rigid ball promises to cut in no deeper


@dataclass(frozen=True)
class Run:
    """One run: a ball, or a point method.

    Args:
        name: what the reader calls it.
        first: f where it began; of a ball, at its first contact.
        loss: f where it ended; of a ball, at its contact.
        place: x, y of that point.
        end: last step at which it still moved.
        outcome: a sentence that says why it ended.
        evaluations: gradient evaluations until then.
        center: of a ball, x, y of its centre at the end.
    """

    name: str
    first: float
    loss: float
    place: tuple[float, float]
    end: int
    outcome: str
    evaluations: int
    center: tuple[float, float] | None = None

    def ended(self, outcome: rbo.Outcome) -> bool:
        """Whether it ended so."""
        return self.outcome in SAID[outcome]


@dataclass(frozen=True)
class Report:
    """The numbers of a film at one radius.

    Args:
        ball: the ball of that radius.
        points: the point methods, gradient descent first.
        start_loss: f at the start.
        touchdown: x, y of the ball's first contact.
        radius, scale: ρ and λ.
        contact: how the ball finds its contact, as in `Experiment`.
        penetration: deepest cut of the ball into the surface, in radii; nan if its clearance never is finite.
        contacts: number of contacts at the end.
        gap: height of the ball's lowest point over the surface below it at the end, in units of λf.
        from_start: distance in the plane from the start to the end of gradient descent.
        from_descent: the greatest distance between the ball's contact and gradient descent at the same step.
        seconds: what the balls took when they were computed.
    """

    ball: Run
    points: tuple[Run, ...]
    start_loss: float
    touchdown: tuple[float, float]
    radius: float
    scale: float
    contact: str
    penetration: float
    contacts: int
    gap: float
    from_start: float
    from_descent: float
    seconds: float

    @property
    def descent(self) -> Run:
        """Gradient descent."""
        return self.points[0]

    @property
    def second_ball(self) -> Run:
        """The ball from the second start; its place is that of its centre, too."""
        return self._named(SECOND_BALL)

    @property
    def second_descent(self) -> Run:
        """Gradient descent from the second start."""
        return self._named(SECOND_DESCENT)

    @property
    def descents_apart(self) -> float:
        """Distance between the ends of gradient descent from both starts."""
        return apart(self.descent, self.second_descent)

    @property
    def balls_apart(self) -> float:
        """Distance in the plane between the centres of the balls from both starts."""
        return float(np.hypot(*np.subtract(self.ball.center, self.second_ball.center)))

    def _named(self, name: str) -> Run:
        return next(run for run in self.points if run.name == name)


def apart(a: Run, b: Run) -> float:
    """Distance in the plane between the ends of two runs."""
    return float(np.hypot(*np.subtract(a.place, b.place)))


def report(experiment: Experiment, film: Film, balls: Balls) -> Report:
    """The numbers of a film at the radius of its experiment."""
    k = int(np.abs(film.radii - experiment.radius).argmin())
    descent = film.points[0]
    ball = _run("Ball", film.contacts[k], film.losses[k], film.ends[k], film.outcomes[k], film.evaluations[k])
    return Report(
        ball=replace(ball, center=_end_of(film.centers[k])),
        points=tuple(_point(path) for path in film.points),
        start_loss=float(descent.losses[0]),
        touchdown=_point_of(film.contacts[k, 0]),
        radius=float(film.radii[k]),
        scale=film.loss_scale,
        contact=experiment.contact,
        penetration=_deepest_cut(film.clearance[k]) / float(film.radii[k]),
        contacts=int(film.touching[k, -1]),
        gap=float(balls.gaps[k]),
        from_start=float(np.linalg.norm((descent.contacts[-1] - descent.contacts[0])[:2])),
        from_descent=float(np.linalg.norm((film.contacts[k] - descent.contacts)[:, :2], axis=-1).max()),
        seconds=balls.seconds,
    )


def _deepest_cut(clearance: np.ndarray) -> float:
    """The most that a ball cuts in where its clearance (T+1,) is finite; nan if it never is."""
    finite = clearance[np.isfinite(clearance)]
    return max(0.0, -float(finite.min())) if finite.size else math.nan


def _point(path: PointPath) -> Run:
    run = _run(path.name, path.contacts, path.losses, path.end, path.outcome, path.evaluations)
    return replace(run, center=run.place) if path.name == SECOND_BALL else run


def _run(
    name: str, path: np.ndarray, losses: np.ndarray, end: int, outcome: str, evaluations: np.ndarray
) -> Run:
    first, last = float(losses[0]), float(losses[-1])
    return Run(name, first, last, _end_of(path), int(end), outcome, int(evaluations[int(end)]))


def _end_of(path: np.ndarray) -> tuple[float, float]:
    return _point_of(path[-1])


def _point_of(row: np.ndarray) -> tuple[float, float]:
    return float(row[0]), float(row[1])
