"""What Table 1 compares: the paper's four methods, two that its reviewers missed, two extensions of ours.

Each has a few rates to choose from, because a comparison at one rate is a comparison of rates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import Parameter
from torch.optim import Optimizer

from rbo.optim import SAM, EntropySGD, RollingBall, Shrink

CONTACT_STEPS = 10
RADIUS = 1.0
BALL = {"radius": RADIUS, "contact_steps": CONTACT_STEPS, "contact_lr": 0.005}
TOLERANCE = 0.9 * BALL["contact_lr"]  # an inner step shortens the distance by a share of γ at most
FLAT = {
    "loss_scale": 0.1,
    "contact_lr": 0.02,
}  # Eq. (4) diverges for γ > 2/(1 + λ²|∇f|²): a flat loss bears more


@dataclass(frozen=True)
class Method:
    """A method of the table.

    Attributes:
        title: as the table calls it.
        make: parameters, lr and the steps it will take at most -> the optimiser.
        rates: lr to choose from.
        cost: gradients of a step at most.
    """

    title: str
    make: Callable[[Iterable[Parameter], float, int], Optimizer]
    rates: tuple[float, ...]
    cost: int = 1


def ball(params: Iterable[Parameter], lr: float, steps: int = 0, **changes: Any) -> RollingBall:
    """The ball of the table with changes; how many steps it will take does not matter to it."""
    return RollingBall(params, lr, **{**BALL, **changes})


STEEP = (0.03, 0.1, 0.3, 1.0)  # rates of descent
GENTLE = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # of the ball, whose best rates lie further apart

METHODS: dict[str, Method] = {
    "sgd": Method("SGD", lambda p, lr, steps: torch.optim.SGD(p, lr), STEEP),
    "momentum": Method(
        "SGD with momentum",
        lambda p, lr, steps: torch.optim.SGD(p, lr, momentum=0.9),
        (0.003, 0.01, 0.03, 0.1),
    ),
    "adamw": Method("AdamW", lambda p, lr, steps: torch.optim.AdamW(p, lr), (0.001, 0.003, 0.01, 0.03)),
    "entropy": Method(
        "Entropy-SGD",  # η = 1/γ moves x to μ
        lambda p, lr, steps: EntropySGD(p, 1 / 0.03, 0.03, CONTACT_STEPS + 1, langevin_lr=lr),
        STEEP,
        CONTACT_STEPS + 1,
    ),
    "sam": Method("SAM", lambda p, lr, steps: SAM(p, lr, 0.05), STEEP, 2),
    "rbo": Method("RBO", ball, GENTLE, CONTACT_STEPS + 1),
    "rbo-scaled": Method(
        "RBO, loss scale 0.1", lambda p, lr, steps: ball(p, lr, **FLAT), GENTLE, CONTACT_STEPS + 1
    ),
    "rbo-stop": Method(
        "RBO, early stop", lambda p, lr, steps: ball(p, lr, tolerance=TOLERANCE), GENTLE, CONTACT_STEPS + 1
    ),
    "rbo-shrink": Method(
        "RBO, shrinking ball",
        lambda p, lr, steps: ball(p, lr, radius=Shrink(3 * RADIUS, RADIUS / 10, steps)),
        GENTLE,
        CONTACT_STEPS + 1,
    ),
}
