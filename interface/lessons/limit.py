"""ρ → 0: gradient descent is the ball of radius zero."""

from __future__ import annotations

from interface.experiment import usual
from interface.lessons.lesson import PAPER, RADIUS, Control, Lesson, Trial
from interface.wording import number, setting

NEAR = 0.2


def text(trial: Trial) -> str:
    r = trial.report
    return (
        "A ball of finite size and gradient descent seem to be two methods. They are one: gradient "
        "descent is the ball of radius **zero**. The contact of a ball is not below its centre but "
        "uphill of it, where the slope meets the ball, but always by less than ρ.\n\n"
        "Himmelblau's function is smooth, so nothing else comes between them. The ball with "
        f"ρ = {setting(r.radius)} is dropped above the start of gradient descent and touches "
        f"{number(r.from_descent)} away from it. From then on both run down, and in the end they rest in the "
        "same minimum. Shrink the ball and watch its path on the map."
    )


def short(trial: Trial) -> str:
    r = trial.report
    return (
        f"the contact of the ball with ρ = {setting(trial.value)} is up to {number(r.from_descent)} away "
        f"from gradient descent, that is {r.from_descent / trial.value:.2f} ρ."
    )


def why(trial: Trial, beyond: Trial) -> str:
    shares = [t.report.from_descent / t.value for t in (trial, beyond)]
    return (
        f"With ρ = {setting(trial.value)} the contact is never more than {number(trial.report.from_descent)} "
        f"away, with ρ = {setting(beyond.value)} up to {number(beyond.report.from_descent)}: "
        f"{shares[0]:.2f} and {shares[1]:.2f} of ρ. The distance shrinks with the ball, and at ρ = 0 there "
        "is none left."
    )


LESSON = Lesson(
    title="ρ → 0",
    prepare=lambda: usual("himmelblau", start=(0.0, 4.0), radius=1.0),
    text=text,
    question="Which is the largest ball whose contact is never more than "
    f"{setting(NEAR)} from gradient descent at the same step?",
    control=Control(RADIUS, "Radius ρ"),
    holds=lambda trial: trial.report.from_descent <= NEAR,
    largest=True,
    short=short,
    why=why,
    formula=(
        r"\theta_{\text{contact}} - x_{\text{centre}} = "
        r"\rho\,\frac{\lambda\nabla f}{\sqrt{1 + \lambda^2|\nabla f|^2}} \xrightarrow{\ \rho \to 0\ } 0",
        "The contact lies off the centre by less than ρ. As ρ goes to 0 the centre surface F becomes the "
        "loss itself, and a step of the ball becomes a step of gradient descent.",
    ),
    sources=(PAPER, "D. M. Himmelblau, *Applied Nonlinear Programming*, 1972"),
)
