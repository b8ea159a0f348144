"""Methods for a point: gradient descent and its relatives, as torch.optim defines them, one interface for
all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from rbo import settings
from rbo.contact.base import check_domain, within
from rbo.contact.base import check_start as check_inside
from rbo.graph import Graph, Loss
from rbo.path import CODES, Outcome, Path, outcomes
from rbo.rolling import rest_tolerance


class PointMethod(Protocol):
    """Turns gradients (*B, d) into a direction d: θ ← θ − ηd."""

    def begin(self, start: Tensor) -> Any:
        """Memory before the first step."""

    def direction(self, grad: Tensor, memory: Any) -> tuple[Tensor, Any]:
        """The direction and the memory after it."""


@dataclass(frozen=True)
class GradientDescent:
    """θ ← θ − η∇f."""

    def begin(self, start: Tensor) -> None:
        return None

    def direction(self, grad: Tensor, memory: None) -> tuple[Tensor, None]:
        return grad, None


@dataclass(frozen=True)
class Momentum:
    """Heavy ball: v ← μv + ∇f, θ ← θ − ηv. μ in [0, 1)."""

    momentum: float = 0.9

    def __post_init__(self) -> None:
        check_decay("momentum", self.momentum)

    def begin(self, start: Tensor) -> Tensor:
        return torch.zeros_like(start)

    def direction(self, grad: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        velocity = self.momentum * memory + grad
        return velocity, velocity


@dataclass(frozen=True)
class Nesterov(Momentum):
    """Nesterov's momentum: v ← μv + ∇f, θ ← θ − η(∇f + μv)."""

    def direction(self, grad: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        velocity = self.momentum * memory + grad
        return grad + self.momentum * velocity, velocity


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma & Ba 2015): running means of ∇f and ∇f², corrected for their start at zero."""

    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def __post_init__(self) -> None:
        check_decay("beta1", self.beta1)
        check_decay("beta2", self.beta2)
        if not (settings.is_number(self.eps) and self.eps > 0):
            raise ValueError(f"eps must be > 0, got {self.eps!r}")

    def begin(self, start: Tensor) -> tuple[Tensor, Tensor, int]:
        return torch.zeros_like(start), torch.zeros_like(start), 0

    def direction(self, grad: Tensor, memory: tuple[Tensor, Tensor, int]) -> tuple[Tensor, Any]:
        mean, square, count = memory
        mean = self.beta1 * mean + (1 - self.beta1) * grad
        square = self.beta2 * square + (1 - self.beta2) * grad.square()
        count += 1
        unbiased = mean / (1 - self.beta1**count)
        size = (square / (1 - self.beta2**count)).sqrt() + self.eps
        return unbiased / size, (mean, square, count)


def check_decay(name: str, value: float) -> None:
    """A decay rate lies in [0, 1)."""
    if not (settings.is_number(value) and 0 <= value < 1):
        raise ValueError(f"{name} must be in [0, 1), got {value!r}")


def descend(
    loss: Loss,
    start: Tensor,
    lr: settings.Rate,
    steps: int,
    method: PointMethod | None = None,
    domain: Any = None,
) -> Path:
    """Run a point method on a loss: the same record as `roll`, with `centers=None`.

    Args:
        loss: differentiable callable (*B, d) -> (*B,).
        start: (*B, d); its dtype and device are used throughout.
        lr: η > 0: a number, a tensor (*B,) or a schedule of the rates of the steps 0, ..., T−1.
        steps: T, an integer >= 0.
        method: `GradientDescent()` (default), `Momentum`, `Nesterov`, `Adam`, or any part with their
            interface.
        domain: optional d pairs (low, high): a run ends where it would leave them.

    Returns:
        Path with contacts = the points.

    Raises:
        ValueError: for an argument out of its range, a loss of the wrong shape; `LossRaised` where the loss
            raises.

    >>> bowl = lambda p: p.square().sum(-1) / 2
    >>> descend(bowl, torch.tensor([1.0]), lr=0.5, steps=2).contacts.flatten()
    tensor([1.0000, 0.5000, 0.2500])
    """
    settings.check_start(start)
    settings.check_steps(steps)
    settings.check_loss(loss, start)
    method = method or GradientDescent()
    settings.check_part("method", method, "direction", "Momentum(0.9)")
    sides = None if domain is None else check_domain(domain, most=start.shape[-1])
    if sides is not None:
        check_inside(sides, start.reshape(-1, start.shape[-1]))
    rates = settings.rates("lr", lr, max(steps, 1), start)
    start, rates = settings.one_batch(start, lr=rates)
    box = None if sides is None else start.new_tensor(sides)
    with torch.no_grad():
        return walk(Graph(loss), start, rates[:steps], method, box)


def walk(graph: Graph, theta: Tensor, rates: Tensor, method: PointMethod, box: Tensor | None) -> Path:
    """Take a step with each of the rates (T, *B) from theta (*B, d), within a box (d, 2)."""
    memory, (value, grad) = method.begin(theta), graph.slope(theta)
    alive = value.isfinite()
    code = torch.where(alive, CODES.index(Outcome.STEPS), CODES.index(Outcome.NOT_FINITE))
    end = torch.zeros_like(code)
    points, losses = [theta], [value]
    for step, rate in enumerate(rates, start=1):
        direction, memory = method.direction(grad, memory)
        motion = -rate[..., None] * direction
        alive, code = judge(theta + motion, motion, rate, box, alive, code)
        ahead = torch.where(alive[..., None], theta + motion, theta)
        value_ahead, grad = graph.slope(ahead)
        lost = alive & ~value_ahead.isfinite()
        alive, code = alive & ~lost, torch.where(lost, CODES.index(Outcome.NOT_FINITE), code)
        theta = torch.where(alive[..., None], ahead, theta)
        value, end = torch.where(alive, value_ahead, value), torch.where(alive, step, end)
        points.append(theta)
        losses.append(value)
    count = torch.arange(len(points), device=theta.device)
    held = torch.minimum(count.reshape(-1, *[1] * end.dim()), end)  # a run that has ended needs no more
    return Path(torch.stack(points), torch.stack(losses), count, held, end, outcomes(code), graph=graph)


def judge(
    proposed: Tensor, motion: Tensor, rate: Tensor, box: Tensor | None, alive: Tensor, code: Tensor
) -> tuple[Tensor, Tensor]:
    """Which points (*B,) move on to `proposed` (*B, d), and the outcome codes of those that end here."""
    finite = proposed.isfinite().all(-1)
    inside = torch.ones_like(finite) if box is None else within(box, proposed)
    rests = motion.norm(dim=-1) <= rest_tolerance(rate)
    ended = torch.where(rests, CODES.index(Outcome.RESTS), code)
    ended = torch.where(inside, ended, CODES.index(Outcome.LEFT))
    ended = torch.where(finite, ended, CODES.index(Outcome.NOT_FINITE))
    return alive & finite & inside & ~rests, torch.where(alive, ended, code)
