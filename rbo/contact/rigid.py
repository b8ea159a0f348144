"""The rigid ball: dropped from above, it never cuts into the surface.

Under a centre at x the drop D(θ) = f(θ) + √(ρ² − |x−θ|²) is the height at which the ball of radius ρ would touch at θ. The ball
rests on the highest: its centre lies on the centre surface F_ρ(x) = max D, and ∇F_ρ(x) = ∇f(contact). A step is the
proximal one over all local maxima of D (`proximal`), then a fresh drop: gradient descent on F_ρ.

A smooth contact solves θ = x + ρ g/s, by Newton with the matrix I − ρS (`geometry.shape_operator`): well conditioned on
steep slopes, where D itself is not. A contact on a kink of f has no gradient: there a shrinking pattern search climbs D.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from rbo.contact.base import BallState, Step, check_domain, check_start, within
from rbo.graph import Graph
from rbo.heightfield import Heightfield, Sides, expand
from rbo.newton import metric, solve_positive
from rbo.pattern import climb
from rbo.proximal import proximal_step

CONTACTS = 4  # branches of F_ρ kept between steps (d + 1 can act)
HILLS = 6  # grid maxima polished at each step
NEWTON = 2  # updates a step: contacts kept from the step before converge quadratically, new ones settle within a few steps
TOUCH = 1e-4  # a contact this close to the highest, in radii, counts as touching
SETTLED = 5e-3  # off the contact equation by this, in radii, the drop is off by its square: below 1e-4


@dataclass(frozen=True)
class Rigid:
    """Contact solver of a rigid ball (default of the app).

    Args:
        domain: d pairs (low, high), d = 1 or 2: where the ball's centre may be. The graph is searched one radius beyond.
        spacing: grid spacing of the search; None resolves the loss's `finest_wavelength`, or takes a fixed fine grid.

    Raises:
        ValueError: for a domain that is not one or two pairs low < high, or a spacing that is not > 0.
    """

    domain: Sides
    spacing: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", check_domain(self.domain))
        if self.spacing is not None and not self.spacing > 0:
            raise ValueError(f"spacing must be > 0, got {self.spacing}")

    def prepare(self, graph: Graph, start: Tensor, largest_radius: float) -> Dropper:
        check_start(self.domain, start)
        field = Heightfield.of(graph, expand(self.domain, largest_radius), start, self.spacing)
        eye = torch.eye(start.shape[-1], dtype=start.dtype, device=start.device)
        cross = torch.cat([torch.zeros_like(eye[:1]), 0.7 * eye, -0.7 * eye])
        return Dropper(graph, self.domain, field, largest_radius, cross)


@dataclass(frozen=True)
class Contacts:
    """Local maxima of the drop of n balls, highest first; -inf marks an empty place."""

    points: Tensor  # (n, C, d)
    drops: Tensor  # (n, C) height of the ball's centre when it touches there
    gradients: Tensor  # (n, C, d) gradient of that branch of F_ρ


@dataclass(frozen=True)
class Dropper:
    """A rigid ball bound to a graph."""

    graph: Graph
    domain: Sides
    field: Heightfield
    largest_radius: float
    cross: Tensor  # (2d+1, d) the middle and places on either side of it, in radii
    width: int = 16  # blocks searched point by point
    newton: int = NEWTON  # updates a step
    kinks: bool = False  # climb by pattern search as well

    def place(self, start: Tensor, radius: Tensor) -> BallState:
        return self._drop(start, radius, start[:, None], newton=12)

    def step(self, state: BallState, lr: Tensor, radius: Tensor) -> Step:
        x, contacts = state.center[:, :-1], state.memory
        motion = proximal_step(contacts.drops, contacts.gradients, lr)
        x = x + motion
        return Step(self._drop(x, radius, contacts.points, self.newton), motion, within(self.domain, x))

    def harder(self, doubt: list[bool]) -> Dropper | None:
        """A wider search; more Newton steps, then a climb on kinks."""
        narrow, unsettled = doubt
        harder = self
        if narrow and self.width < len(self.field.top):
            harder = replace(harder, width=2 * self.width)
        if unsettled:
            harder = replace(harder, newton=3 * NEWTON, kinks=self.newton > NEWTON)
        return harder if harder != self else None

    def _drop(self, x: Tensor, radius: Tensor, warm: Tensor, newton: int) -> BallState:
        """Drop balls of radius (n,) at x (n, d) from above; warm (n, k, d) are guesses of their contacts."""
        seeds, hill, certified = self._seeds(x, radius, warm)
        places, off = self._settle(x, radius, seeds, newton)
        reached = places.drops.masked_fill(off.isinf(), -torch.inf)
        smooth = reached.amax(-1) >= torch.maximum(hill, places.drops.amax(-1)) - TOUCH / 10 * radius
        places = replace(places, drops=reached)
        if self.kinks:
            places = join(places, self._climb(x, radius, seeds))
            off = torch.nn.functional.pad(off, (0, CONTACTS))
        contacts = distinct(places, 1e-3 * radius[:, None] + 4 * off)
        doubt = torch.stack([~certified, ~(smooth | self.kinks)], -1)
        highest = contacts.drops[:, 0]
        touching = (contacts.drops >= (highest - TOUCH * radius)[:, None]).sum(-1)
        contact = contacts.points[:, 0]
        center = torch.cat([x, highest[:, None]], -1)
        return BallState(contact, center, self.graph.height(contact), touching, doubt, contacts)

    def _seeds(self, x: Tensor, radius: Tensor, warm: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Guesses (n, k, d) for every contact, the drop (n,) at the best grid point, and whether the grid search is certified."""
        square = radius[:, None].square()
        window = self.field.near(x, self.largest_radius)
        reach = square - window.gap2
        bound = (self.field.top[window.blocks] + reach.clamp_min(0).sqrt()).masked_fill(reach <= 0, -torch.inf)

        def score(distance2: Tensor, height: Tensor) -> Tensor:
            sag2 = square[..., None] - distance2
            return (height + sag2.clamp_min(0).sqrt()).masked_fill(sag2 <= 0, -torch.inf)

        found = self.field.search(x, window, bound, score, self.width)
        hills = torch.where(found.scores[:, :HILLS, None].isfinite(), found.points[:, :HILLS], x[:, None])
        around = x[:, None] + radius[:, None, None] * self.cross  # for balls smaller than the grid can see
        fine = radius < 2 * self.field.spacing
        return torch.cat([warm, hills, around], 1), found.scores[:, 0], found.certified | fine

    def _settle(self, x: Tensor, radius: Tensor, theta: Tensor, updates: int) -> tuple[Contacts, Tensor]:
        """Newton on the contact equation θ = x + ρ g/s: the places reached, and how far each is from solving it."""
        rho, center = radius[:, None], x[:, None]
        for update in range(updates + 1):
            height, grad, hess = self.graph.jet(theta)
            ratio = rho / (1 + grad.square().sum(-1)).sqrt()
            residual = theta - torch.addcmul(center, ratio[..., None], grad)
            side = torch.addcmul(residual, grad, (grad * residual).sum(-1, keepdim=True))
            step, maximum = solve_positive(metric(grad, hess, -ratio), side)
            if update < updates:
                step = torch.where(maximum[..., None], step, residual)  # elsewhere: uphill
                length = step.norm(dim=-1)
                theta = theta - step * (rho / torch.maximum(length, rho))[..., None]
        off = residual.norm(dim=-1)
        rounding = 16 * torch.finfo(x.dtype).eps * theta.abs().amax(-1)
        settled = maximum & (off <= SETTLED * rho + rounding)
        return Contacts(theta, drop(x, radius, theta, height), grad), off.masked_fill(~settled, torch.inf)

    def _climb(self, x: Tensor, radius: Tensor, seeds: Tensor) -> Contacts:
        """Climb the drop from the best seeds (n, k, d) without derivatives, onto kinks."""
        height = drop(x, radius, seeds, self.graph.height(seeds))
        stride = radius.clamp_max(self.field.spacing)[:, None]
        seeds = distinct(Contacts(seeds, height, seeds), stride.expand_as(height)).points
        points, height, arrived = climb(lambda t: drop(x, radius, t, self.graph.height(t)), seeds, stride)
        lateral = points - x[:, None]
        rise = (radius.square()[:, None] - lateral.square().sum(-1)).clamp_min(torch.finfo(x.dtype).tiny).sqrt()
        slope = lateral / rise[..., None]  # ∇F_ρ = (θ − x)/√(ρ² − |x−θ|²), the envelope theorem: also on a kink
        return Contacts(points, torch.where(arrived, height, -torch.inf), slope)


def drop(x: Tensor, radius: Tensor, theta: Tensor, height: Tensor) -> Tensor:
    """D(θ) for balls at x (n, d) of radius (n,) and points θ (n, k, d) of height (n, k): (n, k), -inf out of reach."""
    distance = (theta - x[:, None]).norm(dim=-1)
    sag2 = (radius[:, None] - distance) * (radius[:, None] + distance)
    return (height + sag2.clamp_min(0).sqrt()).masked_fill((sag2 < 0) | ~height.isfinite(), -torch.inf)


def join(first: Contacts, second: Contacts) -> Contacts:
    """The places of both."""
    return Contacts(*(torch.cat([getattr(c, f.name) for c in (first, second)], 1) for f in fields(Contacts)))


def distinct(places: Contacts, blur: Tensor) -> Contacts:
    """The CONTACTS highest places that are not within each other's blur (n, k) of a higher one."""
    drops, order = places.drops.sort(dim=1, descending=True)
    wide = order[..., None].expand_as(places.points)
    points, blur = places.points.gather(1, wide), blur.gather(1, order)
    distance = (points[:, :, None] - points[:, None]).norm(dim=-1)
    repeated = (distance < blur[:, :, None] + blur[:, None]).tril(-1).any(-1)
    drops, best = drops.masked_fill(repeated, -torch.inf).topk(CONTACTS, dim=1)
    wide = best[..., None].expand(-1, -1, points.shape[-1])
    return Contacts(points.gather(1, wide), drops, places.gradients.gather(1, order.gather(1, best)[..., None].expand_as(wide)))
