"""Ready-made experiments, each with a claim that its numbers must bear out, and a text that prints them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import rbo
from interface.experiment import Experiment, usual
from interface.report import EXACT, Report, apart
from interface.wording import number, percent, reached, setting


@dataclass(frozen=True)
class Story:
    """One thing to see.

    Args:
        title: a few words, for a button.
        experiment: what shows it.
        text: two sentences with the numbers of the experiment and, where there is one, of the other.
        claim: whether those numbers bear the sentences out.
        other: an experiment to compare with, that is computed but not shown.
    """

    title: str
    experiment: Experiment
    text: Callable[[Report, Report | None], str]
    claim: Callable[[Report, Report | None], bool]
    other: Experiment | None = None


def _wrinkle_text(r: Report, _: Report | None) -> str:
    return (
        f"Gradient descent starts at a loss of {number(r.start_loss)} and rests in the first wrinkle after "
        f"{r.descent.end} steps, {r.from_start:.2f} away, at {number(r.descent.loss)}. "
        f"The ball with ρ = {setting(r.radius)} is too big for the wrinkles: dropped with its centre above "
        f"the same start, it first touches at a loss of {number(r.ball.first)} and reaches {reached(r.ball)}."
    )


def _wrinkle(r: Report, _: Report | None) -> bool:
    stuck = r.descent.ended(rbo.Outcome.RESTS) and r.descent.loss > 0.8 * r.start_loss
    first = r.from_start < COARSEST
    return stuck and first and r.ball.loss < 0.1 * r.descent.loss and r.penetration < EXACT


def _near(apart: float) -> str:
    return f"{apart:.2f}" if apart >= 0.01 else "less than 0.01"


def _starts_text(r: Report, _: Report | None) -> str:
    return (
        f"From two starts 0.1 apart, gradient descent rests in two dips {r.descents_apart:.2f} apart, at "
        f"losses of {number(r.descent.loss)} and {number(r.second_descent.loss)}. "
        f"The balls with ρ = {setting(r.radius)} roll past both and rest in one place, their centres "
        f"{_near(r.balls_apart)} apart, at losses of {number(r.ball.loss)} and {number(r.second_ball.loss)}."
    )


def _starts(r: Report, _: Report | None) -> bool:
    apart_and_together = r.descents_apart > 0.4 and r.balls_apart < 1e-3
    lower = max(r.ball.loss, r.second_ball.loss) < min(r.descent.loss, r.second_descent.loss)
    return apart_and_together and lower and r.penetration < EXACT


TROUGH_CURVATURE = 2.0


def _trough_text(r: Report, _: Report | None) -> str:
    return (
        f"The bottom of this valley has a radius of curvature of {setting(1 / TROUGH_CURVATURE)}, so the "
        f"ball with ρ = {setting(r.radius)} comes to lie on both walls: {r.contacts} contacts, and a gap of "
        f"{number(r.gap)} under it. It never feels the bottom of the valley: it ends at a loss of "
        f"{number(r.ball.loss)}, gradient descent at {number(r.descent.loss)}."
    )


def _trough(r: Report, _: Report | None) -> bool:
    a = TROUGH_CURVATURE
    gap = (a * r.radius - 1) ** 2 / (2 * a)  # below a ball in the parabola ax²/2
    fits = abs(r.gap / gap - 1) < EXACT and r.penetration < EXACT
    return fits and r.contacts == 2 and r.descent.loss < r.ball.loss


def _limit_text(r: Report, _: Report | None) -> str:
    return (
        f"A ball with ρ = {setting(r.radius)} feels what a point feels: its contact stays within "
        f"{number(r.from_descent, 2)} of gradient descent at every step, and both rest in the same wrinkle, "
        f"at losses of {number(r.ball.loss, 4)} and {number(r.descent.loss, 4)}. "
        "Now drag the radius under the picture to the right: gradient descent is the ball of radius zero, "
        "and size is what gets it out."
    )


def _limit(r: Report, _: Report | None) -> bool:
    same_end = apart(r.ball, r.descent) < 1e-3 and abs(r.ball.loss - r.descent.loss) < 1e-3
    return r.from_descent < 3 * r.radius and same_end


def _sinks_text(r: Report, other: Report | None) -> str:
    return (
        f"The authors' code takes {DESCENT.inner_steps} small gradient steps towards the contact and stops "
        f"short of it: the ball cuts in by up to {percent(r.penetration)} of its radius and ends where "
        f"gradient descent does, at {number(r.ball.loss)}. The same ball, dropped from above, cuts in by "
        f"{percent(other.penetration)} and reaches {reached(other.ball)}."
    )


def _sinks(r: Report, other: Report | None) -> bool:
    sinks = r.penetration > 0.2 and other.penetration < EXACT
    return sinks and apart(r.ball, r.descent) < 0.01 and other.ball.loss < 0.1 * r.ball.loss


def _scale_text(r: Report, other: Report | None) -> str:
    return (
        f"Count the loss in other units (λ = {setting(r.scale)}) and the wrinkles are flat to the same ball "
        f"with ρ = {setting(r.radius)}: it rests where gradient descent rests, at {number(r.ball.loss)}. "
        f"With λ = {setting(other.scale)} they are steep, and it rolls over them and reaches "
        f"{reached(other.ball)}; gradient descent ends at {number(r.descent.loss)} either way."
    )


def _scale(r: Report, other: Report | None) -> bool:
    same = r.descent.loss == other.descent.loss and r.radius == other.radius and r.scale != other.scale
    return same and apart(r.ball, r.descent) < 0.01 and other.ball.loss < 0.1 * r.ball.loss


BOWL = usual("wrinkled_bowl")
COARSEST = dict(BOWL.parameters)["wavelength"]  # the longest of its wrinkles
TWO_STARTS = usual("gaussian_mse", {"seed": 82}, start=(2.0, 0.0), second=(2.0, 0.1), lr=0.004)
TROUGH = usual("parabolic_trough", {"curvature": TROUGH_CURVATURE, "slope": 0.0}, start=(-0.5, 0.0))
DESCENT, FLAT = replace(BOWL, contact="descent"), replace(BOWL, scale=0.02)
STORIES = {
    "wrinkle": Story("Stuck in a wrinkle", BOWL, _wrinkle_text, _wrinkle),
    "starts": Story("Two starts, one end", TWO_STARTS, _starts_text, _starts),
    "trough": Story("Too big for the valley", TROUGH, _trough_text, _trough),
    "limit": Story("ρ → 0 is GD", replace(BOWL, radius=0.01), _limit_text, _limit),
    "sinks": Story("The authors' solver sinks in", DESCENT, _sinks_text, _sinks, other=BOWL),
    "scale": Story("The loss scale changes everything", FLAT, _scale_text, _scale, other=BOWL),
}


def told_by(experiment: Experiment, stories: Mapping[str, Any] = STORIES) -> str | None:
    """The story whose experiment this is."""
    return next((name for name, story in stories.items() if story.experiment == experiment), None)
