"""The authors' contact solver: N gradient steps towards the nearest point, from the old contact.

Algorithm 1 of arXiv 2505.19527 with its Eq. (4): the centre moves to c̃ = c − ητ(p); then N times
θ ← θ − γ[θ − θ̃ + (f(θ) − ỹ)∇f(θ)], and c' = p' + ρν(p'). Fixed γ and N, no test of convergence: the ball
may sink in.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from rbo import settings
from rbo.contact.algorithm import aim, project
from rbo.contact.base import View
from rbo.geometry import ball_center
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
        settings.check_positive("lr of Descent", self.lr)

    def prepare(self, graph: Graph, start: Tensor, radii: Tensor) -> Projector:
        return Projector(graph, self.steps, self.lr)


@dataclass(frozen=True)
class Footing:
    """n balls at a contact."""

    contact: Tensor  # (n, d)
    height: Tensor  # (n,) of Γ there
    grad: Tensor  # (n, d) there
    center: Tensor  # (n, d+1)
    radius: Tensor  # (n,)

    @staticmethod
    def of(contact: Tensor, height: Tensor, grad: Tensor, radius: Tensor) -> Footing:
        """Balls of radius (n,) at contact (n, d), where Γ has this height (n,) and gradient (n, d)."""
        return Footing(contact, height, grad, ball_center(contact, height, grad, radius), radius)

    @staticmethod
    def at(graph: Graph, contact: Tensor, radius: Tensor) -> Footing:
        """Balls of radius (n,) that touch Γ at contact (n, d)."""
        return Footing.of(contact, *graph.slope(contact), radius)

    def view(self) -> View:
        return View(self.contact, self.center, self.height, torch.ones_like(self.height, dtype=torch.long))


@dataclass(frozen=True)
class Projector:
    """The inner descent bound to a graph."""

    graph: Graph
    steps: int
    lr: float

    def place(self, start: Tensor, radius: Tensor) -> tuple[Footing, Tensor]:
        return Footing.at(self.graph, start, radius), torch.ones_like(radius)

    def step(self, state: Footing, lr: Tensor, radius: Tensor) -> Footing:
        sheet = Sheet(self.graph, state.contact.clone(), state.height[:, None], state.grad)
        steepness, rate = state.grad.square().sum(-1, keepdim=True), lr[:, None]
        target = aim([sheet.theta], sheet, steepness, rate * steepness, state.radius[:, None], [rate])
        project([sheet.theta], sheet, target, self.steps, [self.lr])
        return Footing.of(sheet.theta, sheet.height[:, 0], *sheet.grads, radius)

    def cost(self, radius: Tensor) -> Tensor:
        return torch.full_like(radius, self.steps)

    def check(
        self, states: Footing, lr: Tensor, radius: Tensor, tried: Tensor
    ) -> tuple[Footing, Tensor, Tensor]:
        return states, torch.ones_like(tried), torch.zeros_like(radius[1:])  # nothing to complete

    def view(self, state: Footing, radius: Tensor) -> View:
        return state.view()

    def position(self, view: View) -> Tensor:
        return view.contact

    def inside(self, view: View) -> Tensor:
        return torch.ones_like(view.height, dtype=torch.bool)


class Sheet:
    """Γ under n balls at theta (n, d), one block; its height is (n, 1)."""

    def __init__(self, graph: Graph, theta: Tensor, height: Tensor, grad: Tensor):
        self.graph, self.theta, self.height, self.grads = graph, theta, height, [grad]

    def look(self) -> None:
        height, grad = self.graph.slope(self.theta)
        self.height, self.grads = height[:, None], [grad]
