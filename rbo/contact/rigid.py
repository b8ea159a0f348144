"""The rigid ball: dropped from above, it never cuts into the surface.

Under a centre at x the drop D(θ) = f(θ) + √(ρ² − |x−θ|²) is the height at which the ball of radius ρ would touch at θ. The ball
rests on the highest: its centre lies on the centre surface F_ρ(x) = max D, and ∇F_ρ(x) = ∇f(contact). A step is the
proximal one over all local maxima of D (`proximal`), then a fresh drop: gradient descent on F_ρ.

A smooth contact solves θ = x + ρ g/s, by Newton with the matrix I − ρS (`geometry.shape_operator`): well conditioned on
steep slopes, where D itself is not. A contact on a kink of f has no gradient: there a shrinking pattern search climbs D.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from rbo.contact.base import BallState, Step, check_domain, check_start, within
from rbo.geometry import shape_operator
from rbo.graph import Graph
from rbo.heightfield import Heightfield, Sides, expand
from rbo.pattern import climb
from rbo.proximal import proximal_step

CONTACTS = 4  # branches of F_ρ kept between steps (d + 1 can act)
HILLS = 6  # grid maxima polished at each step
TOUCH = 1e-4  # a contact this close to the highest, in radii, counts as touching


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
        return Dropper(graph, self.domain, field)


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
    width: int = 8  # blocks searched point by point
    kinks: bool = False  # climb by pattern search where Newton did not settle

    def place(self, start: Tensor, radius: Tensor) -> BallState:
        return self._drop(start, radius, start[:, None], newton=12)

    def step(self, state: BallState, lr: Tensor, radius: Tensor) -> Step:
        x, contacts = state.center[:, :-1], state.memory
        motion = proximal_step(contacts.drops, contacts.gradients, lr)
        x = x + motion
        return Step(self._drop(x, radius, contacts.points, newton=3), motion, within(self.domain, x))

    def harder(self, doubt: list[bool]) -> Dropper | None:
        narrow, kinked = doubt
        width = 4 * self.width if narrow and self.width < len(self.field.top) else self.width
        harder = replace(self, width=width, kinks=self.kinks or kinked)
        return harder if harder != self else None

    def _drop(self, x: Tensor, radius: Tensor, warm: Tensor, newton: int) -> BallState:
        """Drop balls of radius (n,) at x (n, d) from above; warm (n, k, d) are guesses of their contacts."""
        seeds, hill, certified = self._seeds(x, radius, warm)
        points, drops, gradients, settled = self._settle(x, radius, seeds, newton)
        reached = torch.where(settled, drops, -torch.inf)
        smooth = reached.amax(-1) >= torch.maximum(hill, drops.amax(-1)) - TOUCH / 10 * radius
        if self.kinks:
            found = self._climb(x, radius, seeds)
            points, gradients = torch.cat([points, found.points], 1), torch.cat([gradients, found.gradients], 1)
            reached = torch.cat([reached, found.drops], 1)
        contacts = distinct(points, reached, gradients, 1e-3 * radius)
        doubt = torch.stack([~certified, ~(smooth | self.kinks)], -1)
        highest = contacts.drops[:, 0]
        touching = (contacts.drops >= (highest - TOUCH * radius)[:, None]).sum(-1)
        contact = contacts.points[:, 0]
        center = torch.cat([x, highest[:, None]], -1)
        return BallState(contact, center, self.graph.height(contact), touching, doubt, contacts)

    def _seeds(self, x: Tensor, radius: Tensor, warm: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Guesses (n, k, d) for every contact, the drop (n,) at the best grid point, and whether the grid search is certified."""
        square = radius[:, None].square()
        reach = square - self.field.gap_squared(x)
        bound = torch.where(reach > 0, self.field.top + reach.clamp_min(0).sqrt(), -torch.inf)

        def score(distance2: Tensor, height: Tensor) -> Tensor:
            sag2 = square[..., None] - distance2
            return torch.where(sag2 > 0, height + sag2.clamp_min(0).sqrt(), -torch.inf)

        found = self.field.search(x, bound, score, self.width)
        hills = torch.where(found.scores[..., None].isfinite(), found.points, x[:, None])[:, :HILLS]
        cross = torch.cat([torch.eye(x.shape[1]), -torch.eye(x.shape[1])]).to(x)
        around = x[:, None] + 0.7 * radius[:, None, None] * cross  # for balls smaller than the grid can see
        fine = radius < 2 * self.field.spacing
        return torch.cat([warm, hills, x[:, None], around], 1), found.scores[:, 0], found.certified | fine

    def _settle(
        self, x: Tensor, radius: Tensor, theta: Tensor, updates: int
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Newton on the contact equation θ = x + ρ g/s: points, drops, gradients and which are local maxima."""
        rho, center = radius[:, None, None], x[:, None]
        for update in range(updates + 1):
            height, grad, hess = self.graph.jet(theta)
            s = (1 + grad.square().sum(-1, keepdim=True)).sqrt()
            residual = theta - center - rho * grad / s
            correction, maximum = newton_step(rho[..., None] * shape_operator(grad, hess), residual)
            if update < updates:
                length = correction.norm(dim=-1, keepdim=True)
                theta = theta - correction * (rho / length.clamp_min(rho))
        drops = drop(x, radius, theta, height)
        rounding = 16 * torch.finfo(x.dtype).eps * theta.abs().amax(-1)
        still = residual.norm(dim=-1) <= TOUCH * radius[:, None] + rounding  # the height is off by its square
        return theta, drops, grad, maximum & still & drops.isfinite()

    def _climb(self, x: Tensor, radius: Tensor, seeds: Tensor) -> Contacts:
        """Climb the drop from the best seeds (n, k, d) without derivatives, onto kinks."""
        height = drop(x, radius, seeds, self.graph.height(seeds))
        seeds = distinct(seeds, height, seeds, 2 * radius.clamp_max(self.field.spacing)).points
        stride = radius.clamp_max(self.field.spacing)[:, None]
        points, height, arrived = climb(lambda t: drop(x, radius, t, self.graph.height(t)), seeds, stride)
        lateral = points - x[:, None]
        rise = (radius.square()[:, None] - lateral.square().sum(-1)).clamp_min(torch.finfo(x.dtype).tiny).sqrt()
        slope = lateral / rise[..., None]  # ∇F_ρ = (θ − x)/√(ρ² − |x−θ|²), the envelope theorem: also on a kink
        return Contacts(points, torch.where(arrived, height, -torch.inf), slope)


def drop(x: Tensor, radius: Tensor, theta: Tensor, height: Tensor) -> Tensor:
    """D(θ) for balls at x (n, d) of radius (n,) and points θ (n, k, d) of height (n, k): (n, k), -inf out of reach."""
    distance = (theta - x[:, None]).norm(dim=-1)
    sag2 = (radius[:, None] - distance) * (radius[:, None] + distance)
    return torch.where((sag2 >= 0) & height.isfinite(), height + sag2.clamp_min(0).sqrt(), -torch.inf)


def newton_step(curvature: Tensor, residual: Tensor) -> tuple[Tensor, Tensor]:
    """Solve (I − ρS) Δ = residual where I − ρS is positive (a local maximum of the drop); else Δ = residual, uphill.

    Args:
        curvature: ρS, (n, k, d, d), d = 1 or 2.
        residual: (n, k, d).

    Returns:
        Δ (n, k, d) and which are local maxima (n, k).
    """
    if residual.shape[-1] == 1:
        det = 1 - curvature[..., 0, 0]
        maximum, solved = det > 0, residual
    else:
        a, b = 1 - curvature[..., 0, 0], -curvature[..., 0, 1]
        c, d = -curvature[..., 1, 0], 1 - curvature[..., 1, 1]
        det = a * d - b * c
        maximum = (det > 0) & (a + d > 0)
        r0, r1 = residual.unbind(-1)
        solved = torch.stack([d * r0 - b * r1, a * r1 - c * r0], -1)
    scale = torch.where(maximum, det, 1.0)[..., None]
    return torch.where(maximum[..., None], solved / scale, residual), maximum


def distinct(points: Tensor, drops: Tensor, gradients: Tensor, apart: Tensor) -> Contacts:
    """The CONTACTS highest places (n, k, d) that lie `apart` (n,) from any higher one."""
    drops, order = drops.sort(dim=1, descending=True)
    d = points.shape[-1]
    points = points.gather(1, order[..., None].expand(-1, -1, d))
    gradients = gradients.gather(1, order[..., None].expand(-1, -1, d))
    distance = (points[:, :, None] - points[:, None]).square().sum(-1)
    close = (distance < apart.square()[:, None, None]).tril(-1)
    drops = torch.where(close.any(-1), -torch.inf, drops)
    drops, order = drops.topk(CONTACTS, dim=1)
    order = order[..., None].expand(-1, -1, d)
    return Contacts(points.gather(1, order), drops, gradients.gather(1, order))
