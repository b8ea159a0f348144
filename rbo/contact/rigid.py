"""The rigid ball: dropped from above, it never cuts into the surface.

Under a centre at x the drop D(θ) = f(θ) + √(ρ² − |x−θ|²) is the height at which the ball of radius ρ would
touch at θ. The ball rests on the highest: its centre lies on the centre surface F_ρ(x) = max D, and
∇F_ρ(x) = ∇f(contact). A step is the proximal one over the local maxima of D (`proximal`), then a fresh
drop: gradient descent on F_ρ.

A smooth contact solves θ = x + ρ g/s, by Newton with the matrix I − ρS (`geometry.shape_operator`): well
conditioned on steep slopes, where D itself is not. A contact on a kink of f has no gradient: there a
shrinking pattern search climbs D.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import torch
from torch import Tensor
from torch.linalg import vecdot, vector_norm

from rbo.contact.base import Verdict, View, check_domain, check_spacing, check_start, within
from rbo.contact.places import Contacts, ahead, distinct, extended, join, near, parts, take
from rbo.graph import Graph
from rbo.heightfield import Heightfield, Sides, Tiles, expand
from rbo.newton import newton_step, uphill
from rbo.pattern import climb
from rbo.proximal import ProximalStep

TRACKED = 8  # local maxima of the drop followed from step to step
ACTING = 5  # the highest of them take part in a step (d + 1 can act at once)
HILLS = 6  # grid maxima that a check points out
NEWTON = 3  # updates a step, from the contacts of the step before
TOUCH = 1e-4  # a contact this close to the highest, in radii, counts as touching
# The last update may rise by this, in radii, on its quadratic model: the error is of higher order.
NEAR = 1e-4
REACHED = 1e-8  # the same, where a top must have been reached


@dataclass(frozen=True)
class Rigid:
    """Contact solver of a rigid ball (default of the app).

    Args:
        domain: d pairs (low, high), d = 1 or 2: where the ball's centre may be. The graph is searched one
            radius beyond.
        spacing: grid spacing of the search; None resolves the loss's `finest_wavelength`, or takes a fixed
            fine grid.

    Raises:
        ValueError: for a domain that is not one or two pairs low < high, or a spacing that is not > 0.
    """

    domain: Sides
    spacing: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", check_domain(self.domain))
        check_spacing(self.spacing)

    def prepare(self, graph: Graph, start: Tensor, largest_radius: float) -> Dropper:
        check_start(self.domain, start)
        field = Heightfield.of(graph, expand(self.domain, largest_radius), start, self.spacing)
        ways = torch.tensor(list(product((-1.0, 0.0, 1.0), repeat=start.shape[-1]))).to(start)
        ways = torch.nn.functional.normalize(ways[ways.any(-1)], dim=-1)
        around = torch.cat([torch.zeros_like(ways[:1]), 0.5 * ways])
        return Dropper(
            graph,
            self.domain,
            field,
            largest_radius,
            around,
            0.7 * ways,
            ProximalStep.over(ACTING, start),
        )


@dataclass(frozen=True)
class Dropped:
    """n balls at rest on what is below them."""

    x: Tensor  # (n, d) where their centres are
    contacts: Contacts


@dataclass(frozen=True)
class DropMeasure:
    """The drop of n balls, as what a search maximises."""

    square: Tensor  # (n, 1) ρ²

    def bound(self, x: Tensor, numbers: Tensor, tiles: Tiles) -> Tensor:
        """D is below the tile's highest point at its nearest; and, as the hemisphere is concave, below its
        tangent plane in the middle added to the tile's own: tight near a top, where the two slopes cancel."""
        offset, slope, roof, top, _ = tiles.seen_from(x, numbers)
        gap2 = (offset.abs() - tiles.half).clamp_min(0).square().sum(-1)
        nearest = hemisphere(self.square, gap2, top)
        sag = (self.square - offset.square().sum(-1)).sqrt()
        tilt = (slope - offset / sag[..., None]).abs().sum(-1)
        plane = sag.add_(roof).add_(tilt, alpha=tiles.half)  # nan: the middle is out of reach
        return torch.fmin(nearest, plane)

    def score(self, distance2: Tensor, height: Tensor) -> Tensor:
        return hemisphere(self.square[..., None], distance2, height)

    def rows(self, chosen: Tensor) -> DropMeasure:
        return DropMeasure(self.square[chosen])


@dataclass(frozen=True)
class Dropper:
    """A rigid ball bound to a graph."""

    graph: Graph
    domain: Sides
    field: Heightfield
    largest_radius: float
    around: Tensor  # (3**d, d) the middle and places around it, in radii
    ring: Tensor  # (3**d - 1, d) places all around, in radii
    proximal_step: ProximalStep

    def place(self, start: Tensor, radius: Tensor) -> Dropped:
        seeds = self.find(start, radius)[0]
        state = self.drop(start, radius, seeds, 4 * NEWTON, None)
        tops, best = self.tops(start, radius, state.contacts)
        missed = torch.maximum(best, tops.drops.amax(-1)) > state.contacts.drops[:, 0] + TOUCH / 10 * radius
        return self.drop(start, radius, seeds, 4 * NEWTON, missed) if missed.any() else state

    def recall(self, state: Dropped, radius: Tensor, hints: Tensor) -> Dropped:
        places, off = self.settle(state.x, radius, hints, NEWTON)
        off = torch.nn.functional.pad(off, (TRACKED, 0))
        places = join(state.contacts, places)
        return Dropped(state.x, distinct(places, 1e-3 * radius[:, None] + off, TRACKED))

    def step(
        self, state: Dropped, lr: Tensor, radius: Tensor, hints: Tensor | None, thorough: Tensor | None
    ) -> Dropped:
        known = state.contacts
        seeds = known.points if hints is None else torch.cat([known.points, hints], 1)
        x = state.x + self.proximal_step(known.drops[:, :ACTING], known.gradients[:, :ACTING], lr)
        return self.drop(x, radius, seeds, NEWTON, thorough)

    def view(self, state: Dropped, radius: Tensor) -> View:
        highest = state.contacts.drops[..., 0]
        touches = state.contacts.drops >= (highest - TOUCH * radius)[..., None]
        points = state.contacts.points
        sag2 = radius.square()[..., None] - (points - state.x[..., None, :]).square().sum(-1)
        height = state.contacts.drops - sag2.clamp_min(0).sqrt()
        order = height + TOUCH / 10 * radius[..., None] * points.sum(-1)  # the lowest; a tie must not flicker
        at = order.masked_fill(~touches, torch.inf).argmin(-1, keepdim=True)
        contact = points.gather(-2, at[..., None].expand_as(points[..., :1, :]))[..., 0, :]
        center = torch.cat([state.x, highest[..., None]], -1)
        return View(contact, center, self.graph.height(contact), touches.sum(-1))

    def position(self, view: View) -> Tensor:
        return view.center[..., :-1]

    def inside(self, view: View) -> Tensor:
        return within(self.domain, self.position(view))

    def check(self, states: Dropped, radius: Tensor) -> Verdict:
        """Good: no hill is higher than the ball says, and none that it did not know of had a part in the
        step.

        A branch of F_ρ has no part in a step where its tangent stays below those of the known ones.
        """
        flat = Contacts(*(part.flatten(0, 1) for part in parts(states.contacts)))
        tops, best = self.tops(states.x.flatten(0, 1), radius.flatten(), flat)
        tops = Contacts(*(part.unflatten(0, radius.shape) for part in parts(tops)))
        best = best.view_as(radius)
        allowed = TOUCH / 10 * radius + 1e-6 * best.abs()  # the table is in single precision
        missed = torch.maximum(best, tops.drops.amax(-1)) > states.contacts.drops[..., 0] + allowed
        motion = states.x.diff(dim=0)
        known, found = (take(c, slice(-1)) for c in (states.contacts, tops))
        new = ahead(found, motion).masked_fill(near(found, known, 0.01 * radius[:-1]), -torch.inf)
        unknown = new.amax(-1) > ahead(known, motion)[..., :ACTING].amax(-1) + allowed[:-1]
        return Verdict(~(missed[1:] | unknown), torch.cat([tops.points[1:], tops.points[:-1]], -2))

    def tops(self, x: Tensor, radius: Tensor, known: Contacts) -> tuple[Contacts, Tensor]:
        """The hills (n, h) around x (n, d) that a search of the grid adds to the known ones (n, C), at their
        tops, and the best grid point (n,). A known one has drop -inf, as has one that leads nowhere."""
        hints, best = self.find(x, radius)
        apart = torch.full_like(radius, self.field.spacing / 2)
        row, hint = (~near(Contacts(hints, hints[..., 0], hints), known, apart)).nonzero().unbind(1)
        x, rho, start = x[row], radius[row], hints[row, hint][:, None]
        found, _ = self.settle(x, rho, start, 2 * NEWTON, careful=True)
        above = drop_heights(x, rho, start, self.graph.height(start)) > (
            known.drops[row, :1] - 10 * NEAR * rho[:, None]
        )
        # a flat ridge, or a kink: too near the top to pass over
        slow = (found.drops.isinf() & above).nonzero()[:, 0]
        if len(slow):
            climbed = self.climb(x[slow], rho[slow], start[slow])
            for whole, part in zip(parts(found), parts(climbed), strict=True):
                whole[slow] = part
        tops = Contacts(hints, torch.full_like(hints[..., 0], -torch.inf), torch.zeros_like(hints))
        for whole, part in zip(parts(tops), parts(found), strict=True):
            whole[row, hint] = part[:, 0]
        lost = tops.drops.isinf()[..., None]
        return replace(tops, points=torch.where(lost, hints, tops.points)), best

    def find(self, x: Tensor, radius: Tensor) -> tuple[Tensor, Tensor]:
        """Tops of the highest hills (n, h, d) of the drop on the grid, and the drop at the best grid point
        (n,). Around a ball of a few grid points, places on a ring as well."""
        hills, best = x[:, None].repeat(1, HILLS + len(self.ring), 1), x.new_empty(len(x))
        reach = self.largest_radius
        while reach > 0:  # small balls need not look far
            smaller = reach / 6 if reach > 4 * self.field.spacing else 0.0
            rows = ((radius <= reach) & (radius > smaller)).nonzero()[:, 0]
            measure = DropMeasure(radius[rows].float().square()[:, None])
            found = self.field.search(x[rows], measure, HILLS, reach)
            hills[rows, :HILLS] = torch.where(found.peaks[..., None].isfinite(), found.points, x[rows, None])
            best[rows] = found.best
            reach = smaller
        small = (radius < 4 * self.field.spacing)[:, None, None]
        ring = x[:, None] + radius[:, None, None] * self.ring
        hills[:, HILLS:] = torch.where(small, ring, hills[:, :1])
        return hills, best

    def drop(
        self, x: Tensor, radius: Tensor, seeds: Tensor, updates: int, thorough: Tensor | None
    ) -> Dropped:
        """Drop balls of radius (n,) at x (n, d) from above onto the hills around the seeds (n, k, d)."""
        around = x[:, None] + radius[:, None, None] * self.around  # for balls smaller than the grid can see
        seeds = torch.cat([seeds, around], 1)
        places, off = self.settle(x, radius, seeds, updates)
        if thorough is not None:
            climbed = self.climb(x[thorough], radius[thorough], self.best_seeds(x, radius, seeds)[thorough])
            places, off = extended(places, climbed, thorough), torch.nn.functional.pad(off, (0, ACTING))
        return Dropped(x, distinct(places, 1e-3 * radius[:, None] + off, TRACKED))

    def settle(
        self, x: Tensor, radius: Tensor, theta: Tensor, updates: int, careful: bool = False
    ) -> tuple[Contacts, Tensor]:
        """Newton on the contact equation θ = x + ρ g/s from theta (n, k, d).

        The last update is taken on the quadratic model itself, so that its drop and gradient need no
        evaluation. With care (and a wait for the device) it climbs out of saddles, and only a top that is
        reached counts.

        Returns:
            The places reached, with drop -inf where that is no local maximum or not near one, and the last
            update's length (n, k).
        """
        n, k, d = theta.shape
        theta, rho = theta.reshape(-1, d), radius[:, None].expand(n, k).reshape(-1)
        center = x[:, None].expand(n, k, d).reshape(-1, d)
        for update in range(updates):
            height, grad, hess = self.graph.jet(theta)
            ratio = rho * (1 + vecdot(grad, grad)).rsqrt_()  # ρ/s
            residual = theta - torch.addcmul(center, ratio[:, None], grad)
            side = torch.addcmul(residual, grad, vecdot(grad, residual)[:, None])
            step, maximum = newton_step(grad, hess, -ratio, side, residual)
            if careful:
                lost = (~maximum).nonzero()[:, 0]
                step[lost] = uphill(grad[lost], hess[lost], -ratio[lost], side[lost])
            length = vector_norm(step, dim=-1)
            if update < updates - 1:
                theta = theta - step * (rho / length).clamp_max_(1)[:, None]
        # Newton's decrement: the hessian of D is −(s/ρ)(I + ggᵀ − ρH/s)
        rise = vecdot(side, step) / (2 * ratio)
        distance = vector_norm(theta - center, dim=-1)
        drops = ((rho - distance) * (rho + distance)).sqrt_() + height
        most = (REACHED if careful else NEAR) * rho + 16 * torch.finfo(x.dtype).eps * drops.abs()
        drops = (
            (drops + rise)
            .masked_fill_(~(maximum & (rise <= most)), -torch.inf)
            .nan_to_num_(nan=-torch.inf, neginf=-torch.inf)
        )
        grad = grad - (hess @ step[..., None])[..., 0]
        return Contacts((theta - step).view(n, k, d), drops.view(n, k), grad.view(n, k, d)), length.view(n, k)

    def climb(self, x: Tensor, radius: Tensor, seeds: Tensor) -> Contacts:
        """Climb the drop of balls (n,) from seeds (n, k, d) without derivatives, also onto kinks."""

        def height(theta: Tensor) -> Tensor:
            return drop_heights(x, radius, theta, self.graph.height(theta))

        points, drops, arrived = climb(height, seeds, radius.clamp_max(self.field.spacing)[:, None])
        lateral = points - x[:, None]
        rise = (radius.square()[:, None] - lateral.square().sum(-1)).clamp_min(torch.finfo(x.dtype).tiny)
        slope = lateral / rise.sqrt()[..., None]  # ∇F_ρ = (θ − x)/√(ρ² − |x−θ|²), the envelope theorem
        return Contacts(points, drops.masked_fill(~arrived, -torch.inf), slope)

    def best_seeds(self, x: Tensor, radius: Tensor, seeds: Tensor) -> Tensor:
        """The ACTING highest (n, ACTING, d) of some seeds (n, k, d), none beside another."""
        drops = drop_heights(x, radius, seeds, self.graph.height(seeds))
        apart = radius.clamp_max(self.field.spacing)[:, None].expand_as(drops)
        return distinct(Contacts(seeds, drops, seeds), apart, ACTING).points


def hemisphere(radius2: Tensor, distance2: Tensor, height: Tensor) -> Tensor:
    """height + √(ρ² − distance²), -inf out of reach."""
    return (radius2 - distance2).sqrt_().add_(height).nan_to_num_(nan=-torch.inf, neginf=-torch.inf)


def drop_heights(x: Tensor, radius: Tensor, theta: Tensor, height: Tensor) -> Tensor:
    """D(θ) for balls at x (n, d) of radius (n,) and points θ (n, k, d) of height (n, k): (n, k), -inf out
    of reach."""
    distance, rho = vector_norm(theta - x[:, None], dim=-1), radius[:, None]
    sag = ((rho - distance) * (rho + distance)).sqrt_()
    return sag.add_(height).nan_to_num_(nan=-torch.inf, posinf=-torch.inf)
