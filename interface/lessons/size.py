"""What the radius does: the ball runs on another surface, which has fewer wrinkles."""

from __future__ import annotations

from dataclasses import replace

from interface.experiment import usual
from interface.lessons.lesson import PAPER, RADIUS, Control, Lesson, Trial
from interface.wording import number, reached, setting

VALLEY = 0.1  # a loss below it is in the valley


def text(trial: Trial) -> str:
    r = trial.report
    return (
        "A ball touches the loss where it can, and it cannot get into a wrinkle that is narrower than "
        "itself. So it does not roll on the loss but, with its centre, on another surface: the **centre "
        "surface**, where every wrinkle that is small against ρ is all but gone. The radius decides what is "
        "small.\n\n"
        "A radius is no smoothing knob that makes everything a little better at every turn: "
        f"each wrinkle lets the ball pass, or holds it. The ball with ρ = {setting(r.radius)} is held "
        f"early, at a loss of {reached(r.ball)}. Watch where the ball ends as you drag the radius: its "
        "end jumps from wrinkle to wrinkle, at times to a higher one."
    )


def short(trial: Trial) -> str:
    return (
        f"the ball with ρ = {setting(trial.value)} ends at a loss of {reached(trial.report.ball)}, and that "
        f"is not below {setting(VALLEY)}."
    )


def why(trial: Trial, beyond: Trial) -> str:
    return (
        f"The ball with ρ = {setting(trial.value)} gets to {number(trial.report.ball.loss)}, the next "
        f"smaller one, ρ = {setting(beyond.value)}, is held at {number(beyond.report.ball.loss)} on "
        f"{beyond.report.contacts} contacts. Gradient descent is held at "
        f"{number(trial.report.descent.loss)}: all three follow slopes, but of different surfaces."
    )


LESSON = Lesson(
    title="What the radius does",
    prepare=lambda: replace(usual("wrinkled_bowl"), radius=0.05),
    text=text,
    question=f"Which is the smallest ball that gets below a loss of {setting(VALLEY)}?",
    control=Control(RADIUS, "Radius ρ"),
    holds=lambda trial: trial.report.ball.loss < VALLEY,
    largest=False,
    short=short,
    why=why,
    formula=(
        r"F_\rho(x) = \max_{|\theta - x| \le \rho} "
        r"\left[\lambda f(\theta) + \sqrt{\rho^2 - |x - \theta|^2}\right] \qquad "
        r"\nabla F_\rho(x) = \lambda\nabla f(\theta_{\text{contact}})",
        "The height of the centre of a ball that is dropped above x. Its slope is that of the loss where the "
        "ball touches, so rolling is gradient descent on F. The page *Ironing* draws F for every radius.",
    ),
    sources=(
        PAPER,
        "S. R. Sternberg, *Biomedical image processing*, Computer 16 (1983): the rolling ball as an "
        "operation on images",
    ),
)
