"""The authors' contact solver: N gradient steps towards the nearest point, from the old contact.

Algorithm 1 of arXiv 2505.19527 with its Eq. (4): the centre moves to c̃ = c − ητ(p); then N times
θ ← θ − γ[θ − θ̃ + (f(θ) − ỹ)∇f(θ)], and c' = p' + ρν(p'). Fixed γ and N, no test of convergence: the ball
may sink in.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from rbo.contact.base import View
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
class Footing:
    """n balls at a contact."""

    contact: Tensor  # (n, d)
    height: Tensor  # (n,) of Γ there
    grad: Tensor  # (n, d) there
    center: Tensor  # (n, d+1)

    @staticmethod
    def at(graph: Graph, contact: Tensor, radius: Tensor) -> Footing:
        """Balls of radius (n,) that touch Γ at contact (n, d)."""
        height, grad = graph.slope(contact)
        return Footing(contact, height, grad, ball_center(contact, height, grad, radius))

    def view(self) -> View:
        return View(self.contact, self.center, self.height, torch.ones_like(self.height, dtype=torch.long))


@dataclass(frozen=True)
class Projector:
    """The inner descent bound to a graph."""

    graph: Graph
    steps: int
    lr: float

    def place(self, start: Tensor, radius: Tensor) -> Footing:
        return Footing.at(self.graph, start, radius)

    def recall(self, state: Footing, radius: Tensor, hints: Tensor) -> Footing:
        return state

    def step(
        self, state: Footing, lr: Tensor, radius: Tensor, hints: Tensor | None, thorough: Tensor | None
    ) -> Footing:
        target = state.center - lr[:, None] * ascent_tangent(state.grad)
        theta, height, grad = state.contact, state.height, state.grad
        for _ in range(self.steps):
            theta = theta - self.lr * distance_gradient(theta, height, grad, target)
            height, grad = self.graph.slope(theta)
        return Footing(theta, height, grad, ball_center(theta, height, grad, radius))

    def check(self, states: Footing, radius: Tensor) -> None:
        return None

    def view(self, state: Footing, radius: Tensor) -> View:
        return state.view()

    def position(self, view: View) -> Tensor:
        return view.contact

    def inside(self, view: View) -> Tensor:
        return torch.ones_like(view.height, dtype=torch.bool)


def distance_gradient(theta: Tensor, height: Tensor, grad: Tensor, center: Tensor) -> Tensor:
    """Gradient of ½|p − c|² along Γ, p = (θ, f(θ)): θ − θ_c + (f − y_c)∇f, (*B, d)."""
    return theta - center[..., :-1] + (height - center[..., -1])[..., None] * grad
