"""The ball that cannot reach the bottom: too big for a valley, it lies on both walls."""

from __future__ import annotations

from interface.experiment import usual
from interface.lessons.lesson import PAPER, RADIUS, Control, Lesson, Trial
from interface.wording import number, setting

CURVATURE = 2.0
TOUCHES = 1e-4  # of ρ: as near as the ball is put to the surface


def text(trial: Trial) -> str:
    r = trial.report
    return (
        "What keeps a ball out of bad wrinkles keeps it out of good valleys, too. This gutter has the "
        f"profile ax²/2 with a = {setting(CURVATURE)}. Gradient descent runs down to the bottom, to a "
        f"loss of {number(r.descent.loss)}. The ball with ρ = {setting(r.radius)} does not: it comes to "
        f"lie on **{r.contacts} contacts**, one on each wall, and under it is a gap of {number(r.gap)}. "
        "The slopes of the two walls cancel, so it rests, and the loss where it touches is "
        f"{number(r.ball.loss)}.\n\n"
        "No learning rate and no number of steps helps: the bottom is out of reach for a ball of this size. "
        "Look at the section as you drag the radius: at some size the two contacts become one."
    )


def touches(trial: Trial) -> bool:
    return abs(trial.report.gap) < TOUCHES * trial.value


def short(trial: Trial) -> str:
    r = trial.report
    return (
        f"the ball with ρ = {setting(trial.value)} lies on {r.contacts} contacts, {number(r.gap)} above the "
        f"bottom, at a loss of {number(r.ball.loss)}."
    )


def why(trial: Trial, beyond: Trial) -> str:
    return (
        f"The ball with ρ = {setting(trial.value)} lies on the bottom, on {trial.report.contacts} "
        f"contact; the next larger one, ρ = {setting(beyond.value)}, has a gap of "
        f"{number(beyond.report.gap)} under it. Between them is the radius of curvature of the bottom, "
        f"1/a = {setting(1 / CURVATURE)}: a ball fits where it is more curved than the valley."
    )


LESSON = Lesson(
    title="The ball that cannot reach the bottom",
    prepare=lambda: usual("parabolic_trough", {"curvature": CURVATURE, "slope": 0.0}, radius=1.0, lr=0.02),
    text=text,
    question="Which is the largest ball that touches the bottom?",
    control=Control(RADIUS, "Radius ρ"),
    holds=touches,
    largest=True,
    short=short,
    why=why,
    formula=(
        r"\rho \le \frac{1}{a} \qquad \text{else a gap of}\quad \frac{(a\rho - 1)^2}{2a}",
        "Only a ball of at most the radius of curvature touches the bottom of ax²/2. A larger one rests at "
        "x = ±√(ρ² − 1/a²).",
    ),
    sources=(PAPER, "the gap and the contacts can be worked out by hand; the tests of this app compare them"),
)
