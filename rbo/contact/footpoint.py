"""Algorithm 1 as written: the centre moves to c̃ = c − ητ(p), the contact is the global nearest point of Γ to c̃.

Exact where the surface is convex; in a valley narrower than the ball the new centre p' + ρν(p') still cuts in (arXiv 2505.19527).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from rbo.contact.base import BallState, Step, check_domain, check_start, within
from rbo.contact.descent import touching_at
from rbo.geometry import ascent_tangent
from rbo.graph import Graph
from rbo.heightfield import Heightfield, Sides, expand
from rbo.nearest import nearest_points


@dataclass(frozen=True)
class Footpoint:
    """Contact solver by the global nearest point.

    Args:
        domain: d pairs (low, high), d = 1 or 2: where the contact may be. The graph is searched one radius beyond.
        spacing: grid spacing of the search; None resolves the loss's `finest_wavelength`, or takes a fixed fine grid.
    """

    domain: Sides
    spacing: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", check_domain(self.domain))
        if self.spacing is not None and not self.spacing > 0:
            raise ValueError(f"spacing must be > 0, got {self.spacing}")

    def prepare(self, graph: Graph, start: Tensor, largest_radius: float) -> Foot:
        check_start(self.domain, start)
        field = Heightfield.of(graph, expand(self.domain, largest_radius), start, self.spacing)
        return Foot(graph, self.domain, field)


@dataclass(frozen=True)
class Foot:
    """The nearest-point solver bound to a graph."""

    graph: Graph
    domain: Sides
    field: Heightfield
    width: int = 8

    def place(self, start: Tensor, radius: Tensor) -> BallState:
        return touching_at(self.graph, start, radius)

    def step(self, state: BallState, lr: Tensor, radius: Tensor) -> Step:
        target = state.center - lr[:, None] * ascent_tangent(state.memory)
        guess = torch.stack([state.contact, target[:, :-1]], 1)
        contact, _, certified = nearest_points(self.graph, self.field, target, guess, self.width)
        foot = touching_at(self.graph, contact, radius)
        return Step(
            replace(foot, doubt=~certified[:, None]), contact - state.contact, within(self.domain, contact)
        )

    def harder(self, doubt: Tensor) -> Foot | None:
        return replace(self, width=4 * self.width) if self.width < len(self.field.cells.index) else None

    def eased(self) -> Foot:
        return self
