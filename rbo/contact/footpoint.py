"""Algorithm 1 as written: the centre moves to c̃ = c − ητ(p), the contact is the global nearest point of Γ
to c̃.

Exact where the surface is convex; in a valley narrower than the ball the new centre p' + ρν(p') still cuts
in (arXiv 2505.19527).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from rbo.contact.base import View, check_domain, check_spacing, check_start, within
from rbo.contact.descent import Footing
from rbo.geometry import ascent_tangent
from rbo.graph import Graph
from rbo.heightfield import Heightfield
from rbo.nearest import NEWTON, descend_to_nearest, nearest_points
from rbo.records import map_tensors
from rbo.spacing import Sides


@dataclass(frozen=True)
class Footpoint:
    """Contact solver by the global nearest point.

    Args:
        domain: d pairs (low, high), d = 1 or 2: where the contact may be. The graph is searched one radius
            beyond.
        spacing: grid spacing of the search; None resolves the loss's `finest_wavelength` and its slopes.
    """

    domain: Sides
    spacing: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", check_domain(self.domain))
        check_spacing(self.spacing)

    def prepare(self, graph: Graph, start: Tensor, radii: Tensor) -> Pointer:
        check_start(self.domain, start)
        field = Heightfield.of(graph, self.domain, start, self.spacing, margin=radii.max().item())
        return Pointer(graph, self.domain, field)


@dataclass(frozen=True)
class Foot:
    """n balls at the point of Γ nearest to a target."""

    footing: Footing
    target: Tensor  # (n, d+1) c̃
    distance: Tensor  # (n,) of the contact from c̃


@dataclass(frozen=True)
class Pointer:
    """The nearest-point solver bound to a graph."""

    graph: Graph
    domain: Sides
    field: Heightfield

    def place(self, start: Tensor, radius: Tensor) -> tuple[Foot, Tensor]:
        footing = Footing.at(self.graph, start, radius)
        return Foot(footing, footing.center, radius), torch.ones_like(radius)

    def step(self, state: Foot, lr: Tensor, radius: Tensor) -> Foot:
        target = moved(state.footing, lr)
        contact, distance = descend_to_nearest(self.graph, target, state.footing.contact)
        return Foot(Footing.at(self.graph, contact, radius), target, distance)

    def cost(self, radius: Tensor) -> Tensor:
        return torch.full_like(radius, NEWTON + 1)

    def check(self, states: Foot, lr: Tensor, radius: Tensor, tried: Tensor) -> tuple[Foot, Tensor, Tensor]:
        """A step stands if nothing on Γ is nearer to the target of the step before than the contact it begins
        at."""
        shape, rho = radius[1:].shape, radius[1:].flatten()
        target, contact = states.target[1:].flatten(0, 1), states.footing.contact[1:].flatten(0, 1)
        found, distance, tries = nearest_points(self.graph, self.field, target, contact[:, None])
        near = states.distance[1:] <= distance.view(shape) + 1e-6 * radius[1:]
        complete = Foot(Footing.at(self.graph, found, rho), target, distance)
        complete = map_tensors(
            lambda first, more: torch.cat([first[:1], more.unflatten(0, shape)]), states, complete
        )
        return complete, torch.cat([torch.ones_like(near[:1]), near[:-1]]), (NEWTON * tries + 1).view(shape)

    def view(self, state: Foot, radius: Tensor) -> View:
        return state.footing.view()

    def position(self, view: View) -> Tensor:
        return view.contact

    def inside(self, view: View) -> Tensor:
        return within(self.domain, view.contact)


def moved(footing: Footing, lr: Tensor) -> Tensor:
    """c̃ = c − ητ(p), (n, d+1)."""
    return footing.center - lr[:, None] * ascent_tangent(footing.grad)
