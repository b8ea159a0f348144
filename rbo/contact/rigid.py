"""The rigid ball: dropped from above, it never cuts into the surface.

Under a centre at x the drop D(θ) = f(θ) + √(ρ² − |x−θ|²) is the height at which the ball of radius ρ would
touch at θ. The ball rests on the highest: its centre lies on the centre surface F_ρ(x) = max D, and
∇F_ρ(x) = ∇f(contact). A step is the proximal one over the local maxima of D (`proximal`), then a fresh
drop: gradient descent on F_ρ.

Smooth contacts are followed by Newton (`equation`). A contact on a kink of f has no gradient: a search finds
it at every step, and a shrinking pattern climbs D.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor
from torch.linalg import vecdot, vector_norm

from rbo.contact.base import View, check_domain, check_spacing, check_start, within
from rbo.contact.equation import ascend, settle
from rbo.contact.places import Contacts, ahead, distinct, drifted, highest, join, lined_up, near, pick
from rbo.graph import Graph
from rbo.heightfield import Heightfield, Hills, Seen, Sides
from rbo.pattern import climb
from rbo.proximal import ProximalStep
from rbo.records import take

TRACKED = 5  # the highest local maxima of the drop are followed (d + 1 can act at once)
HILLS = 6  # new ones that are climbed
AHEAD = 10  # steps for which a hill that is too low now is left out
SOON, STEEP = 1, 1.0  # steps for which one is looked for at all, if its branch rises no more than so
NEWTON = 3  # updates a step of a small ball; a larger one takes one, from where its contacts drift
POLISH = 2  # updates of the contacts of every state that a path keeps
PLACING = 12  # updates when a ball is first put down
SMALL = 20  # grid spacings: the contacts of a ball may jump in a step
UNSEEN = 2  # grid spacings: the grid may show no hill under a ball
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
        updates = NEWTON if smallest < SMALL * field.spacing else 1
        ways = torch.tensor(list(product((0.0, -1.0, 1.0), repeat=start.shape[-1]))).to(start)
        ways = 0.6 * torch.nn.functional.normalize(ways, dim=-1)
        step = ProximalStep.over(TRACKED, start)
        return Dropper(graph, self.domain, field, updates, ways, step)


@dataclass(frozen=True)
class Dropped:
    """n balls at rest on what is below them."""

    x: Tensor  # (n, d) where their centres are
    contacts: Contacts


@dataclass(frozen=True)
class DropMeasure:
    """The drop of n balls, as what a search maximises."""

    square: Tensor  # (n,) ρ²

    def bound(self, seen: Seen, half: float) -> Tensor:
        """D is below the tile's highest point at its nearest; and, as the hemisphere is concave, below its
        tangent plane in the middle added to the tile's own: tight near a top, where the two slopes cancel."""
        nearest = hemisphere(self.square, seen.gap2(half), seen.top)
        sag = (self.square - seen.offset.square().sum(0)).sqrt_()
        tilt = (seen.slope - seen.offset / sag).abs_().sum(0)
        plane = sag.add_(seen.roof).add_(tilt, alpha=half)  # nan: the middle is out of reach
        return torch.fmin(nearest, plane)

    def score(self, distance2: Tensor, height: Tensor) -> Tensor:
        return hemisphere(self.square[:, None], distance2, height)

    def rows(self, chosen: Tensor) -> DropMeasure:
        return DropMeasure(self.square[chosen])


@dataclass(frozen=True)
class Dropper:
    """A rigid ball bound to a graph."""

    graph: Graph
    domain: Sides
    field: Heightfield
    updates: int  # of Newton, a step
    ways: Tensor  # (3**d, d) the middle and places around it, in radii
    proximal_step: ProximalStep

    def place(self, start: Tensor, radius: Tensor) -> Dropped:
        # walls all around, too low as yet for the search, are followed from here
        walls = settle(self.graph, start, radius, self.around(start, radius), PLACING)
        empty = Contacts.none(start[:, None].repeat(1, TRACKED, 1))
        guess = distinct(join(walls, empty), BLUR * radius, TRACKED)
        return Dropped(start, self.complete(start, radius, guess, torch.ones_like(radius)))

    def step(self, state: Dropped, lr: Tensor, radius: Tensor) -> Dropped:
        motion = self.motion(state.contacts, lr)
        x, lost = state.x + motion, state.contacts.drops.isinf()  # what is lost stays so
        seeds = drifted(state.contacts, motion)
        if self.updates == 1:
            return Dropped(x, settle(self.graph, x, radius, seeds, 1).without(lost))
        small = radius < SMALL * self.field.spacing
        around = self.around(x, radius)
        idle = torch.cat([lost, torch.ones_like(around[..., 0], dtype=torch.bool)], 1) & ~small[:, None]
        found = settle(self.graph, x, radius, torch.cat([seeds, around], 1), self.updates, small)
        return Dropped(x, distinct(found.without(idle), BLUR * radius, TRACKED))

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

    def check(self, states: Dropped, lr: Tensor, radius: Tensor, tried: Tensor) -> tuple[Dropped, Tensor]:
        """A step stands if the complete contacts at its beginning would give it, to STRAY of its length."""
        found = states.contacts.drops.isfinite().any(-1)  # (K+1, m); where none is the next step is no guess
        step, ball = (tried & (found[:-1].cumprod(0) > 0)).nonzero().unbind(1)
        at = step + 1, ball
        contacts = self.complete(states.x[at], radius[at], take(states.contacts, at), lr[at])
        true = torch.full_like(states.x, torch.nan)
        true[at] = self.motion(contacts, lr[at])
        states.contacts.put(at, contacts)
        least = vector_norm(true, dim=-1) + 1e-2 * radius
        good = vector_norm(states.x.diff(dim=0) - true[:-1], dim=-1) <= STRAY * least[:-1]  # false for nan
        good[0] = True
        return states, good & found[:-1]

    def complete(self, x: Tensor, radius: Tensor, guess: Contacts, lr: Tensor) -> Contacts:
        """All the contacts (n, TRACKED) of balls at x (n, d) that matter, highest first: those guessed, made
        exact, and what a search adds."""
        known = settle(self.graph, x, radius, guess.points, POLISH).without(guess.drops.isinf())
        places = join(known, self.tops(x, radius, known, self.motion(known, lr)))
        return distinct(places, BLUR * radius, TRACKED)

    def tops(self, x: Tensor, radius: Tensor, known: Contacts, motion: Tensor) -> Contacts:
        """The hills (n, h) around x (n, d) that a search adds to the known contacts, at their tops. Those
        known are left out, as are those too low to matter where the known ones send the ball."""
        top, best = known.drops.max(1)
        fall = (top - ahead(known, motion).amax(1)).nan_to_num(0.0)  # nan: none is known
        rise = (fall + STEEP * vector_norm(motion, dim=-1)).nan_to_num(0.0).clamp_min(0)
        below = pick(known.points, best[:, None])[:, 0]  # of the highest contact, else under the centre
        measure, half = DropMeasure(radius.float().square()), self.field.spacing / 2
        full = known.drops.amin(
            1
        )  # no room for one lower than all of those known, if as many are as is followed
        floor = torch.maximum(self.field.near(x, measure, below) - SOON * rise, full) - half
        hills = self.field.search(x, measure, floor, radius)
        rows, hints, peaks = self.with_places_around(x, radius, hills)
        gain = vecdot(sphere_slope(x[rows], radius[rows], hints), motion[rows]) + fall[rows]
        low = peaks - top[rows] + AHEAD * gain.clamp_min(0) < -half
        apart = (radius / 2).clamp_max(half)[rows]
        low |= peaks < full[rows] - half / 8
        seen = near(hints[:, None], known.map(lambda part: part[rows]), apart)[:, 0]
        new = (~seen & ~low).nonzero()[:, 0]
        if not len(new):
            return Contacts.none(x[:, None][:, :0])
        new = new[highest(rows[new], peaks[new], HILLS)]
        rows, hints = rows[new], hints[new]
        return lined_up(rows, self.at_top(x[rows], radius[rows], hints, top[rows]), x)

    def with_places_around(self, x: Tensor, radius: Tensor, hills: Hills) -> Hills:
        """Hills, and for a ball of a few grid points, to which the grid may show none, places around its
        centre as well, of drop inf."""
        tiny = (radius < UNSEEN * self.field.spacing).nonzero()[:, 0]
        points = self.around(x[tiny], radius[tiny]).flatten(0, 1)
        rows = tiny.repeat_interleave(len(self.ways))
        more = Hills(rows, points, torch.full_like(points[:, 0], torch.inf))
        return Hills(*(torch.cat(both) for both in zip(hills, more, strict=True)))

    def at_top(self, x: Tensor, radius: Tensor, hints: Tensor, top: Tensor) -> Contacts:
        """The contacts (k,) above hints (k, d) of balls at x (k, d) that touch at a drop of top (k,) already:
        a hint with no smooth top above it, unless it is too low, is on a kink."""
        found = ascend(self.graph, x, radius, hints)
        begun = drop_heights(x, radius, hints, self.graph.height(hints))
        kinked = (begun > found.drops + ABOVE * radius) & (begun > top - BELOW * radius)
        rows = kinked.nonzero()[:, 0]
        if len(rows):
            found.put(rows, self.climb(x[rows], radius[rows], hints[rows]))
        return found

    def climb(self, x: Tensor, radius: Tensor, seeds: Tensor) -> Contacts:
        """Contacts (n,) by climbing the drop from seeds (n, d) without derivatives, also onto kinks."""

        def height(theta: Tensor) -> Tensor:  # (n, m, d) -> (n, m)
            return drop_heights(x[:, None], radius[:, None], theta, self.graph.height(theta))

        points, drops, arrived = climb(height, seeds[:, None], radius.clamp_max(self.field.spacing)[:, None])
        stays = points.new_zeros(*points.shape, points.shape[-1])  # a kink does not move with the ball
        drops = drops.masked_fill(~arrived, -torch.inf)
        slope = sphere_slope(x, radius, points[:, 0])
        return Contacts(points[:, 0], drops[:, 0], slope, stays[:, 0])


def hemisphere(radius2: Tensor, distance2: Tensor, height: Tensor) -> Tensor:
    """height + √(ρ² − distance²), -inf out of reach."""
    return (radius2 - distance2).sqrt_().add_(height).nan_to_num_(nan=-torch.inf, neginf=-torch.inf)


def sphere_slope(x: Tensor, radius: Tensor, theta: Tensor) -> Tensor:
    """∇F_ρ = (θ − x)/√(ρ² − |x−θ|²), by the envelope theorem, of balls at x (n, d) touching θ (n, d)."""
    lateral = theta - x
    rise = (radius.square() - lateral.square().sum(-1)).clamp_min(torch.finfo(x.dtype).tiny)
    return lateral / rise.sqrt()[:, None]


def drop_heights(x: Tensor, radius: Tensor, theta: Tensor, height: Tensor) -> Tensor:
    """D(θ) of balls at x (*B, d) of radius (*B,) and points θ (*B, d) of height (*B,): (*B,), -inf out of
    reach."""
    distance = vector_norm(theta - x, dim=-1)
    sag = ((radius - distance) * (radius + distance)).sqrt_()
    return sag.add_(height).nan_to_num_(nan=-torch.inf, posinf=-torch.inf)
