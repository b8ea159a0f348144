"""When the ball loses: a narrow good minimum, units that do not suit it, and what its steps cost."""

from __future__ import annotations

from interface.experiment import usual
from interface.lessons.lesson import PAPER, Control, Lesson, Trial
from interface.wording import about, number, setting

AS_LOW = 0.01


def text(trial: Trial) -> str:
    r = trial.report
    return (
        "A bowl with **one narrow, good minimum**, a dip beside its middle. Gradient descent falls into "
        f"it and ends at {number(r.descent.loss)}. The ball with ρ = {setting(r.radius)} and λ = "
        f"{setting(trial.value)} fits into the bowl; it rolls over the dip and ends at "
        f"{number(r.ball.loss)}: it cannot know that this wrinkle is worth having. That is the first "
        "way to lose.\n\n"
        "The second: what is narrow depends on the **units of the loss**. A ball lives in (θ, λf), where "
        "λ, the loss scale, says how much height a unit of loss is. With a small λ the dip is shallow, "
        "and the ball fits in; then every bad wrinkle of the same curvature lets it in, too. Gradient "
        f"descent knows no λ.\n\n"
        f"The third is **cost**: gradient descent took {r.descent.evaluations} "
        f"gradients, this ball {about(r.ball.evaluations)}, most of them to find where it touches."
    )


def as_low(trial: Trial) -> bool:
    return trial.report.ball.loss <= trial.report.descent.loss + AS_LOW


def short(trial: Trial) -> str:
    r = trial.report
    return (
        f"with λ = {setting(trial.value)} the ball ends at a loss of {number(r.ball.loss)}, gradient descent "
        f"at {number(r.descent.loss)}."
    )


def why(trial: Trial, beyond: Trial) -> str:
    r = trial.report
    times = r.ball.evaluations / r.descent.evaluations
    return (
        f"With λ = {setting(trial.value)} the ball lies in the dip, at {number(r.ball.loss)}, with "
        f"λ = {setting(beyond.value)} it is left above it, at {number(beyond.report.ball.loss)}. Nothing but "
        f"the units has changed. And it is no bargain: the same minimum cost it {times:.0f} times the "
        f"gradients of gradient descent, {about(r.ball.evaluations)} against {r.descent.evaluations}."
    )


LESSON = Lesson(
    title="When the ball loses",
    prepare=lambda: usual(
        "gaussian_mse",
        {"centres": 1, "sigma": 0.3, "seed": 148},
        start=(2.4, 0.8),
        radius=0.8,
        scale=0.5,  # the ball fits into the bowl, and not into the dip
        steps=300,
    ),
    text=text,
    question="The same ball, other units: which is the largest λ with which it ends as low as gradient "
    f"descent, within {setting(AS_LOW)}?",
    control=Control("scale", "Loss scale λ", (0.02, 0.03, 0.05, 0.08, 0.2, 0.3, 0.5)),
    holds=as_low,
    largest=True,
    short=short,
    why=why,
    formula=(
        r"\rho \le \frac{1}{\lambda\,\kappa_{\max}} \qquad \kappa_{\max} \le 2 + \frac{1}{\sigma^2}",
        "A ball fits into a minimum if λ times the largest curvature κ there is at most 1/ρ. The dip "
        "|θ|² − exp(−|θ − m|²/2σ²) with σ = 0.3 is curved by at most 13.1, at its bottom by about 12, so "
        "this ball needs a λ of at most about 0.1.",
    ),
    sources=(
        PAPER,
        "[L. Dinh et al. 2017](https://arxiv.org/abs/1703.04933): sharpness depends on the units in "
        "which it is measured",
    ),
)
