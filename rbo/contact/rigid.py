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
from rbo.heightfield import Heightfield, Sides, Tiles, expand
from rbo.newton import newton_step
from rbo.pattern import climb
from rbo.proximal import proximal_step

CONTACTS = 4  # branches of F_ρ kept between steps (d + 1 can act)
HILLS = 6  # grid maxima polished at each step
NEWTON = 3  # updates a step, from the top of a parabola on the grid or from the contact of the step before
TOUCH = 1e-4  # a contact this close to the highest, in radii, counts as touching
SETTLED = 1e-5  # a place whose hill rises at most this much further, in radii, is as good as its top


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
    width: int = 32  # tiles opened in a search
    newton: int = NEWTON  # updates a step
    climbers: Tensor | None = None  # (n,) bool: balls whose contacts are climbed to by pattern search as well

    def place(self, start: Tensor, radius: Tensor) -> BallState:
        return self._drop(start, radius, start[:, None], 4 * NEWTON)

    def step(self, state: BallState, lr: Tensor, radius: Tensor) -> Step:
        x, contacts = state.center[:, :-1], state.memory
        motion = proximal_step(contacts.drops, contacts.gradients, lr)
        x = x + motion
        return Step(self._drop(x, radius, contacts.points, self.newton), motion, within(self.domain, x))

    def harder(self, doubt: Tensor) -> Dropper | None:
        """A wider search; more updates, then a climb for the balls whose contact did not settle."""
        narrow, unsettled = doubt.unbind(-1)
        harder = self
        if narrow.any() and self.width < len(self.field.cells.index):
            harder = replace(harder, width=2 * self.width)
        if unsettled.any():
            harder = replace(harder, newton=4 * NEWTON, climbers=unsettled if self.newton > NEWTON else None)
        return harder if harder is not self else None

    def eased(self) -> Dropper:
        return replace(self, newton=NEWTON, climbers=None)

    def _drop(self, x: Tensor, radius: Tensor, warm: Tensor, newton: int) -> BallState:
        """Drop balls of radius (n,) at x (n, d) from above; warm (n, k, d) are guesses of their contacts."""
        seeds, hill, certified = self._seeds(x, radius, warm)
        places, off = self._settle(x, radius, seeds, newton)
        reached = places.drops.masked_fill(off.isinf(), -torch.inf)
        slack = TOUCH / 10 * radius + 1e-6 * hill.abs()  # the table is in single precision
        unsettled = reached.amax(-1) < torch.maximum(hill, places.drops.amax(-1)) - slack
        places = replace(places, drops=reached)
        if self.climbers is not None:
            places = join(places, self._climb(x, radius, seeds))
            off = torch.nn.functional.pad(off, (0, CONTACTS))
            unsettled = unsettled & ~self.climbers
        contacts = distinct(places, 1e-3 * radius[:, None] + 4 * off)
        doubt = torch.stack([~certified, unsettled], -1)
        highest = contacts.drops[:, 0]
        touching = (contacts.drops >= (highest - TOUCH * radius)[:, None]).sum(-1)
        contact = contacts.points[:, 0]
        center = torch.cat([x, highest[:, None]], -1)
        return BallState(contact, center, self.graph.height(contact), touching, doubt, contacts)

    def _seeds(self, x: Tensor, radius: Tensor, warm: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Guesses (n, k, d) for every contact, the drop (n,) at the best grid point, and whether the grid search is certified."""
        square = radius.float()[:, None].square()

        def bound(x: Tensor, numbers: Tensor, tiles: Tiles) -> Tensor:
            """D is below the tile's highest point at its nearest, and, as the hemisphere is concave, below its tangent plane in
            the middle added to the tile's own: tight near a top, where the two slopes cancel."""
            offset, slope, roof, top, _ = tiles.of_numbers(x, numbers)
            gap2 = (offset.abs() - tiles.half).clamp_min(0).square().sum(-1)
            nearest = hemisphere(square, gap2, top)
            sag = (square - offset.square().sum(-1)).sqrt()
            tilt = (slope - offset / sag[..., None]).abs().sum(-1)
            return torch.fmin(nearest, sag.add_(roof).add_(tilt, alpha=tiles.half))  # nan: the middle is out of reach

        def score(distance2: Tensor, height: Tensor) -> Tensor:
            return hemisphere(square[..., None], distance2, height)

        found = self.field.search(x, self.largest_radius, bound, score, self.width, HILLS)
        hills = torch.where(found.peaks[..., None].isfinite(), found.points, x[:, None])
        around = x[:, None] + radius[:, None, None] * self.cross  # for balls smaller than the grid can see
        fine = radius < 2 * self.field.spacing
        return torch.cat([warm, hills, around], 1), found.best, found.certified | fine

    def _settle(self, x: Tensor, radius: Tensor, theta: Tensor, updates: int) -> tuple[Contacts, Tensor]:
        """Newton on the contact equation θ = x + ρ g/s: the places reached and how far each still is from its solution, infinite
        where there is none: not a local maximum, or not settled."""
        rho, center = radius[:, None], x[:, None]
        for update in range(updates + 1):
            height, grad, hess = self.graph.jet(theta)
            ratio = rho * (1 + grad.square().sum(-1)).rsqrt()  # ρ/s
            residual = theta - torch.addcmul(center, ratio[..., None], grad)
            side = torch.addcmul(residual, grad, (grad * residual).sum(-1, keepdim=True))
            step, maximum = newton_step(grad, hess, -ratio, side, residual)  # else uphill
            if update < updates:
                theta = theta - step * (rho / torch.linalg.vector_norm(step, dim=-1)).clamp_max(1)[..., None]
        below = (side * step).sum(-1) / (2 * ratio)  # Newton's decrement: the hessian of D is −(s/ρ)(I + ggᵀ − ρH/s)
        drops = drop(x, radius, theta, height)
        settled = maximum & (below <= SETTLED * rho + 16 * torch.finfo(x.dtype).eps * drops.abs())
        off = torch.linalg.vector_norm(step, dim=-1).masked_fill(~settled, torch.inf)
        return Contacts(theta, drops, grad), off

    def _climb(self, x: Tensor, radius: Tensor, seeds: Tensor) -> Contacts:
        """Climb the drop of the `climbers` from their best seeds (n, k, d) without derivatives, also onto kinks."""
        chosen = self.climbers
        x, radius, seeds = x[chosen], radius[chosen], seeds[chosen]
        stride = radius.clamp_max(self.field.spacing)[:, None]
        height = drop(x, radius, seeds, self.graph.height(seeds))
        seeds = distinct(Contacts(seeds, height, seeds), stride.expand_as(height)).points
        points, height, arrived = climb(lambda t: drop(x, radius, t, self.graph.height(t)), seeds, stride)
        lateral = points - x[:, None]
        rise = (radius.square()[:, None] - lateral.square().sum(-1)).clamp_min(torch.finfo(x.dtype).tiny).sqrt()
        slope = lateral / rise[..., None]  # ∇F_ρ = (θ − x)/√(ρ² − |x−θ|²), the envelope theorem: also on a kink
        n, d = chosen.shape[0], x.shape[1]
        found = Contacts(x.new_zeros(n, CONTACTS, d), x.new_full((n, CONTACTS), -torch.inf), x.new_zeros(n, CONTACTS, d))
        found.points[chosen], found.gradients[chosen] = points, slope
        found.drops[chosen] = height.masked_fill(~arrived, -torch.inf)
        return found


def hemisphere(radius2: Tensor, distance2: Tensor, height: Tensor) -> Tensor:
    """height + √(ρ² − distance²), -inf out of reach."""
    return (radius2 - distance2).sqrt_().add_(height).nan_to_num_(nan=-torch.inf, neginf=-torch.inf)


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
