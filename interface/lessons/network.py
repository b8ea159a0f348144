"""A network's loss: smooth at this scale, and how sharp it is can be read off the ball."""

from __future__ import annotations

from dataclasses import replace

from interface.lessons.lesson import PAPER, RADIUS, Control, Lesson, Trial
from interface.neural.run import Run, run
from interface.neural.study import Study
from interface.neural.wording import data, network
from interface.wording import number, setting

STUDY = Study(plane="hessian")
AS_LOW = 1e-3


def prepare() -> Run:
    """A ball too big for the bottom, on the slice through the trained weights that is curved most."""
    return replace(run(STUDY)[0], radius=0.9)


def sharpest() -> float:
    """The largest eigenvalue of the Hessian at the trained weights, as Lanczos finds it."""
    return prepare().cut().exact.plane.eigenvalues[0]


def weights() -> int:
    """How many weights the network has."""
    return prepare().cut().trained.path.shape[1]


def text(trial: Trial) -> str:
    r = trial.report
    return (
        f"This is no made-up landscape but the loss of {network(STUDY)}, trained on {data(STUDY)}. Of its "
        f"{weights()} weights the picture shows a **plane** through the trained ones, along the "
        "two directions in which the loss is curved most. Pictures of a loss on a plane became "
        "known through Li et al.\n\n"
        "You may expect wrinkles. On this slice there are none to iron out, and a ball has no advantage: "
        f"gradient descent gets to {number(r.descent.loss, 4)}, the ball with ρ = {setting(r.radius)} is too "
        f"big for the valley, lies on {r.contacts} contacts and ends at {number(r.ball.loss, 4)}. A slice "
        "through another network, or on another scale, may be different: look at it on the page *Real "
        "losses*."
    )


def short(trial: Trial) -> str:
    r = trial.report
    return (
        f"the ball with ρ = {setting(trial.value)} ends at {number(r.ball.loss, 4)} on {r.contacts} "
        f"contacts, gradient descent at {number(r.descent.loss, 4)}."
    )


def why(trial: Trial, beyond: Trial) -> str:
    kappa, scale = sharpest(), trial.report.scale
    return (
        f"The ball with ρ = {setting(trial.value)} reaches {number(trial.report.ball.loss, 4)}, the next "
        f"larger one, ρ = {setting(beyond.value)}, {number(beyond.report.ball.loss, 4)}. So the ball has "
        f"measured the sharpness: 1/(λρ) lies between {number(1 / (scale * beyond.value))} and "
        f"{number(1 / (scale * trial.value))}. The largest eigenvalue of the Hessian at the "
        f"trained weights, computed another way, is {number(kappa)}."
    )


LESSON = Lesson(
    title="A network's loss",
    prepare=prepare,
    text=text,
    question=f"Which is the largest ball that ends as low as gradient descent, within {setting(AS_LOW)}?",
    control=Control(RADIUS, "Radius ρ"),
    holds=lambda trial: trial.report.ball.loss <= trial.report.descent.loss + AS_LOW,
    largest=True,
    short=short,
    why=why,
    formula=(
        r"\rho \le \frac{1}{\lambda\,\kappa_{\max}(\nabla^2 L)}",
        "A ball fits into the minimum of a loss L if it is more curved than λL there; κ is the largest "
        "eigenvalue of the Hessian. Sharp minima are those that a small ball only can enter.",
    ),
    sources=(
        PAPER,
        "[H. Li et al. 2018](https://arxiv.org/abs/1712.09913), *Visualizing the Loss Landscape of "
        "Neural Nets*",
        "[N. S. Keskar et al. 2017](https://arxiv.org/abs/1609.04836): sharp minima and what they are "
        "blamed for",
    ),
)
