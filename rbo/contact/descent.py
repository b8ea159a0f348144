"""The authors' contact solver: N gradient steps towards the nearest point, from the old contact.

Algorithm 1 of arXiv 2505.19527 with its Eq. (4): the centre moves to c̃ = c − ητ(p); then N times
θ ← θ − γ[θ − θ̃ + (f(θ) − ỹ)∇f(θ)], and c' = p' + ρν(p'). Fixed γ and N, no test of convergence: the ball may sink in.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from rbo.contact.base import BallState, Step
from rbo.geometry import ascent_tangent, ball_center
from rbo.graph import Graph


@dataclass(frozen=True)
class Descent:
    """Contact solver as published, in any dimension.

    Args:
        steps: N, inner gradient steps, an integer >= 1.
        lr: γ > 0, inner step size.
    """

    steps: int = 100
    lr: float = 1e-3

    def __post_init__(self) -> None:
        if isinstance(self.steps, bool) or not isinstance(self.steps, int) or self.steps < 1:
            raise ValueError(f"steps of Descent must be an integer >= 1, got {self.steps!r}")
        if not 0 < self.lr < float("inf"):
            raise ValueError(f"lr of Descent must be > 0 and finite, got {self.lr}")

    def prepare(self, graph: Graph, start: Tensor, largest_radius: float) -> Projector:
        return Projector(graph, self.steps, self.lr)


@dataclass(frozen=True)
class Projector:
    """The inner descent bound to a graph."""

    graph: Graph
    steps: int
    lr: float

    def place(self, start: Tensor, radius: Tensor) -> BallState:
        return touching_at(self.graph, start, radius)

    def step(self, state: BallState, lr: Tensor, radius: Tensor) -> Step:
        target = state.center - lr[:, None] * ascent_tangent(state.memory)
        theta, height, grad = state.contact, state.height, state.memory
        for _ in range(self.steps):
            theta = theta - self.lr * distance_gradient(theta, height, grad, target)
            height, grad = self.graph.slope(theta)
        center = ball_center(theta, height, grad, radius)
        state_next = BallState(theta, center, height, state.touching, memory=grad)
        everywhere = torch.ones_like(state.touching, dtype=torch.bool)
        return Step(state_next, theta - state.contact, everywhere)

    def harder(self, doubt: Tensor) -> None:
        return None

    def eased(self) -> Projector:
        return self



def distance_gradient(theta: Tensor, height: Tensor, grad: Tensor, center: Tensor) -> Tensor:
    """Gradient of ½|p − c|² along Γ, p = (θ, f(θ)): θ − θ_c + (f − y_c)∇f, (*B, d)."""
    return theta - center[..., :-1] + (height - center[..., -1])[..., None] * grad


def touching_at(graph: Graph, start: Tensor, radius: Tensor) -> BallState:
    """Balls of radius (n,) that touch Γ at start (n, d)."""
    height, grad = graph.slope(start)
    center = ball_center(start, height, grad, radius)
    return BallState(start, center, height, torch.ones_like(height, dtype=torch.long), memory=grad)
