"""The rigid ball: dropped from above, it never cuts into the surface.

Under a centre at x the drop D(θ) = f(θ) + √(ρ² − |x−θ|²) is the height at which the ball of radius ρ would
touch at θ. The ball rests on the highest: its centre lies on the centre surface F_ρ(x) = max D, and
∇F_ρ(x) = ∇f(contact). A step is the proximal one over the local maxima of D (`proximal`), then a fresh
drop: gradient descent on F_ρ.

Smooth contacts are followed by Newton (`equation`). A contact on a kink of f has no gradient: a search finds
it at every step, and a shrinking pattern climbs D.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import torch
from torch import Tensor
from torch.linalg import vector_norm

from rbo.contact.base import View, check_domain, check_spacing, check_start, within
from rbo.contact.equation import ascend, settle
from rbo.contact.places import Contacts, ahead, distinct, drifted, join, near
from rbo.graph import Graph
from rbo.heightfield import Heightfield, Sides, Tiles
from rbo.pattern import climb
from rbo.proximal import ProximalStep
from rbo.records import map_tensors, take

TRACKED = 5  # the highest local maxima of the drop are followed (d + 1 can act at once)
HILLS = 6  # grid maxima that a search points out
AHEAD = 10  # steps for which a hill that is too low now is left out
NEWTON = 3  # updates a step of a small ball; a larger one takes one, from where its contacts drift
PLACING = 12  # updates when a ball is first put down
SMALL = 10  # grid spacings: a ball may move by more than its radius in a step
UNSEEN = 4  # grid spacings: the grid may show no hill under a ball
BLUR = 1e-3  # contacts closer than two of these, in radii, are one
TOUCH = 1e-4  # a contact this close to the highest, in radii, counts as touching
STRAY = 1e-3  # a guessed step may differ by this share of its length from that of all contacts
# A hill of the grid with no smooth top so far above is climbed, unless that far below the highest, in radii.
ABOVE, BELOW = 1e-5, 1e-3


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

    def prepare(self, graph: Graph, start: Tensor, radii: Tensor) -> Dropper:
        check_start(self.domain, start)
        smallest, largest = radii.min().item(), radii.max().item()
        field = Heightfield.of(graph, self.domain, start, self.spacing, margin=largest)
        ways = torch.tensor(list(product((0.0, -1.0, 1.0), repeat=start.shape[-1]))).to(start)
        ways = 0.6 * torch.nn.functional.normalize(ways, dim=-1)
        step = ProximalStep.over(TRACKED, start)
        return Dropper(graph, self.domain, field, smallest, largest, ways, step)


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
        seen = tiles.seen_from(x, numbers)
        nearest = hemisphere(self.square, seen.gap2(tiles.half), seen.top)
        sag = (self.square - sum(along.square() for along in seen.offset)).sqrt_()
        tilt = sum((slope - along / sag).abs_() for slope, along in zip(seen.slope, seen.offset, strict=True))
        plane = sag.add_(seen.roof).add_(tilt, alpha=tiles.half)  # nan: the middle is out of reach
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
    smallest: float  # radius
    largest: float
    ways: Tensor  # (3**d, d) the middle and places around it, in radii
    proximal_step: ProximalStep

    def place(self, start: Tensor, radius: Tensor) -> Dropped:
        # walls all around, too low as yet for the search, are followed from here
        walls = settle(self.graph, start, radius, self.around(start, radius), PLACING)
        empty = Contacts.none(start[:, None].repeat(1, TRACKED, 1))
        guess = distinct(join(walls, empty), BLUR * radius, TRACKED)
        return Dropped(start, self.complete(start, radius, guess, torch.ones_like(radius)))

    def apart(self, radius: Tensor) -> Sequence[Tensor | None]:
        """Balls that are small for the grid."""
        if self.smallest >= SMALL * self.field.spacing:
            return [None] * len(radius)
        small = radius < SMALL * self.field.spacing
        return small.nonzero()[:, 1].split(small.sum(1).tolist())

    def step(self, state: Dropped, lr: Tensor, radius: Tensor, apart: Tensor | None) -> Dropped:
        motion = self.motion(state.contacts, lr)
        x, lost = state.x + motion, state.contacts.drops.isinf()
        contacts = settle(self.graph, x, radius, drifted(state.contacts, motion), 1)
        # what is lost stays so, or a ball would not take the path it takes alone
        contacts = replace(contacts, drops=contacts.drops.masked_fill_(lost, -torch.inf))
        if apart is not None and len(apart):
            rho = radius[apart]
            seeds = torch.cat([state.contacts.points[apart], self.around(x[apart], rho)], 1)
            found = settle(self.graph, x[apart], rho, seeds, NEWTON)
            contacts.put(apart, distinct(found, BLUR * rho, TRACKED))
        return Dropped(x, contacts)

    def motion(self, contacts: Contacts, lr: Tensor) -> Tensor:
        """The proximal step (n, d) over all contacts."""
        return self.proximal_step(contacts.drops, contacts.gradients, lr)

    def around(self, x: Tensor, radius: Tensor) -> Tensor:
        """Places (n, 3**d, d) under balls at x (n, d): for those that move by more than they measure."""
        return x[:, None] + radius[:, None, None] * self.ways

    def view(self, state: Dropped, radius: Tensor) -> View:
        highest = state.contacts.highest
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

    def check(self, states: Dropped, lr: Tensor, radius: Tensor) -> tuple[Dropped, Tensor]:
        """A step stands if the complete contacts at its beginning would give it, to STRAY of its length."""
        shape, rates, rho = radius[1:].shape, lr[1:].flatten(), radius[1:].flatten()
        guess, x = take(states.contacts, slice(1, None)).map(lambda part: part.flatten(0, 1)), states.x[1:]
        contacts = self.complete(x.flatten(0, 1), rho, guess, rates)
        true = self.motion(contacts, rates).unflatten(0, shape)[:-1]
        least = vector_norm(true, dim=-1) + 1e-2 * radius[1:-1]
        good = vector_norm(x.diff(dim=0) - true, dim=-1) <= STRAY * least
        contacts = map_tensors(
            lambda first, more: torch.cat([first[:1], more.unflatten(0, shape)]), states.contacts, contacts
        )
        return Dropped(states.x, contacts), torch.cat([torch.ones_like(radius[:1], dtype=torch.bool), good])

    def complete(self, x: Tensor, radius: Tensor, guess: Contacts, lr: Tensor) -> Contacts:
        """All the contacts (n, TRACKED) of balls at x (n, d) that matter, highest first: those guessed, made
        exact, and what a search adds."""
        known = settle(self.graph, x, radius, guess.points, 1)
        known = replace(known, drops=known.drops.masked_fill_(guess.drops.isinf(), -torch.inf))
        places = join(known, self.tops(x, radius, known, self.motion(known, lr)))
        return distinct(places, BLUR * radius, TRACKED)

    def tops(self, x: Tensor, radius: Tensor, known: Contacts, motion: Tensor) -> Contacts:
        """The hills (n, h) around x (n, d) that a search adds to the known contacts, at their tops. Those
        known are left out, as are those too low to matter where the known ones send the ball."""
        hints, peaks = self.find(x, radius)
        top, slope = known.highest, sphere_slope(x, radius, hints)
        gain = (slope @ motion[..., None])[..., 0] - (ahead(known, motion).amax(-1) - top)[:, None]
        low = peaks - top[:, None] + AHEAD * gain.clamp_min(0) < -self.field.spacing / 2
        apart = (radius / 2).clamp_max(self.field.spacing / 2)
        new = (peaks > -torch.inf) & ~near(hints, known, apart) & ~(low & top.isfinite()[:, None])
        row, hint = new.nonzero().unbind(1)
        x, rho, start = x[row], radius[row], hints[row, hint]
        found = ascend(self.graph, x, rho, start)
        begun = drop_heights(x, rho, start, self.graph.height(start))
        kinked = (begun > found.drops + ABOVE * rho) & (
            begun > top[row] - BELOW * rho
        )  # no smooth top above it
        rows = kinked.nonzero()[:, 0]
        if len(rows):
            found.put(rows, self.climb(x[rows], rho[rows], start[rows]))
        tops = Contacts.none(hints)
        tops.put((row, hint), found)
        return tops

    def find(self, x: Tensor, radius: Tensor) -> tuple[Tensor, Tensor]:
        """Tops of the highest hills (n, h, d) of the drop on the grid, and their drops (n, h), -inf for none.
        For a ball of a few grid points, places around as well, of drop inf."""
        hills = torch.cat([x[:, None].expand(-1, HILLS, -1), self.around(x, radius)], 1)
        peaks = torch.full_like(hills[..., 0], -torch.inf)
        peaks[:, HILLS:].masked_fill_((radius < UNSEEN * self.field.spacing)[:, None], torch.inf)
        reach = self.largest
        while reach > 0:  # small balls need not look far
            smaller = reach / 6 if reach > 4 * self.field.spacing else 0.0
            rows = ((radius <= reach) & (radius > smaller)).nonzero()[:, 0]
            if len(rows):
                measure = DropMeasure(radius[rows].float().square()[:, None])
                found = self.field.search(x[rows], measure, HILLS, reach)
                hills[rows, :HILLS], peaks[rows, :HILLS] = found.points, found.peaks
            reach = smaller
        return hills, peaks

    def climb(self, x: Tensor, radius: Tensor, seeds: Tensor) -> Contacts:
        """Contacts (n,) by climbing the drop from seeds (n, d) without derivatives, also onto kinks."""

        def height(theta: Tensor) -> Tensor:  # (n, m, d) -> (n, m)
            return drop_heights(x[:, None], radius[:, None], theta, self.graph.height(theta))

        points, drops, arrived = climb(height, seeds[:, None], radius.clamp_max(self.field.spacing)[:, None])
        stays = points.new_zeros(*points.shape, points.shape[-1])  # a kink does not move with the ball
        drops = drops.masked_fill(~arrived, -torch.inf)
        return Contacts(points, drops, sphere_slope(x, radius, points), stays).map(lambda part: part[:, 0])


def hemisphere(radius2: Tensor, distance2: Tensor, height: Tensor) -> Tensor:
    """height + √(ρ² − distance²), -inf out of reach."""
    return (radius2 - distance2).sqrt_().add_(height).nan_to_num_(nan=-torch.inf, neginf=-torch.inf)


def sphere_slope(x: Tensor, radius: Tensor, points: Tensor) -> Tensor:
    """∇F_ρ = (θ − x)/√(ρ² − |x−θ|²), by the envelope theorem, of balls at x (n, d) touching θ (n, k, d)."""
    lateral = points - x[:, None]
    rise = (radius.square()[:, None] - lateral.square().sum(-1)).clamp_min(torch.finfo(x.dtype).tiny)
    return lateral / rise.sqrt()[..., None]


def drop_heights(x: Tensor, radius: Tensor, theta: Tensor, height: Tensor) -> Tensor:
    """D(θ) of balls at x (*B, d) of radius (*B,) and points θ (*B, d) of height (*B,): (*B,), -inf out of
    reach."""
    distance = vector_norm(theta - x, dim=-1)
    sag = ((radius - distance) * (radius + distance)).sqrt_()
    return sag.add_(height).nan_to_num_(nan=-torch.inf, posinf=-torch.inf)
