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
from torch import Tensor, hypot
from torch.linalg import vecdot, vector_norm

from rbo.contact.base import View, check_domain, check_spacing, check_start, within
from rbo.contact.equation import REACHED, Balls, ascend, settle
from rbo.contact.places import Contacts, distinct, highest, lined_up, near
from rbo.graph import Graph
from rbo.heightfield import Heightfield, Hills, Points
from rbo.newton import components, points
from rbo.pattern import climb
from rbo.proximal import ProximalStep
from rbo.records import take
from rbo.spacing import Sides
from rbo.tiles import Seen

TRACKED = 5  # the highest local maxima of the drop are followed (d + 1 can act at once)
HILLS = 6  # new ones that are climbed
AHEAD = 10  # steps for which a hill that is too low now is left out
SOON, STEEP = 1, 1.0  # steps for which one is looked for at all, if its branch rises no more than so
NEWTON = 3  # updates a step of a small ball; a larger one takes one, from where its contacts drift
HILLTOP = 4  # updates from a hill of the grid to its top
POLISH = 2  # updates of the contacts of every state that a path keeps
PLACING = 12  # updates when a ball is first put down
SMALL = 20  # grid spacings: the contacts of a ball may jump in a step
FAR = 4  # grid spacings: a top that far from its hint is another one's
FLAT, BESIDE = 1.5, 2  # a contact drifts so much further than its ball; grid spacings to another one
UNSEEN = 2  # grid spacings: the grid may show no hill under a ball
BLUR = 1e-3  # contacts closer than two of these, in radii, are one
TOUCH = 1e-4  # a contact this close to the highest, in radii, counts as touching
STRAY = 1e-3  # a guessed step may differ by this share of its length from that of all contacts
# A hill of the grid with no smooth top so far above, in radii, is climbed, unless that far below the highest
# drop, in grid spacings on level ground: the steeper it is, the less the grid tells.
ABOVE, BELOW = 1e-5, 1 / 4


@dataclass(frozen=True)
class Rigid:
    """Contact solver of a rigid ball (default of the app).

    Args:
        domain: d pairs (low, high), d = 1 or 2: where the ball's centre may be. The graph is searched one
            radius beyond.
        spacing: grid spacing of the search; None resolves the loss's `finest_wavelength` and its slopes.

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
        ways = components(torch.tensor(list(product((0.0, -1.0, 1.0), repeat=start.shape[-1]))).to(start))
        ways = 0.6 * torch.nn.functional.normalize(ways, dim=0)
        step = ProximalStep.over(TRACKED, start.shape[-1], start)
        return Dropper(graph, self.domain, field, updates, ways, step)


@dataclass(frozen=True)
class Dropped:
    """n balls at rest on what is below them."""

    x: Tensor  # (n, 2) where their centres are; a curve is a cylinder
    contacts: Contacts


@dataclass(frozen=True)
class DropMeasure:
    """The drop of n balls, as what a search maximises."""

    square: Tensor  # (n,) ρ²
    spacing: float  # of the grid that is searched

    def bound(self, seen: Seen, half: float) -> Tensor:
        """D is below the tile's highest point at its nearest; and, as the hemisphere is concave, below its
        tangent plane in the middle added to the tile's own: tight near a top, where the two slopes cancel."""
        half += self.spacing / 2  # that far a point may stand for Γ
        nearest = hemisphere(self.square, seen.gap2(half), seen.top)
        sag = (self.square - seen.offset.square().sum(0)).sqrt_()
        tilt = (seen.slope - seen.offset / sag).abs_().sum(0)
        plane = sag.add_(seen.roof).add_(tilt, alpha=half)  # nan: the middle is out of reach
        return torch.fmin(nearest, plane)

    def score(self, distance2: Tensor, height: Tensor) -> Tensor:
        return hemisphere(self.square[:, None], distance2, height)

    def steep(self, distance2: Tensor) -> Tensor:
        return self.square - distance2 < (2 * self.spacing * self.square) ** (2 / 3)

    def between(self, points: Points) -> tuple[Tensor, Tensor]:
        """A ball on a plane touches it at x + ρg/s. Places that a grid does not pass stay: there its points
        tell more of Γ than their planes do."""
        square, slope = self.square[:, None], points.slope
        sag2 = (square - points.offset.square().sum(0)).clamp_min(torch.finfo(square.dtype).tiny)
        bend = square / (sag2 * sag2.sqrt())  # of the hemisphere, s³/ρ
        reach = (self.spacing * bend - 0.5).clamp_(0, 1) * (self.spacing / 2)
        touch = slope * (square / (1 + slope.square().sum(0))).sqrt_()
        way = torch.minimum(torch.maximum(touch - points.offset, -reach), reach)
        distance2 = (points.offset + way).square().sum(0)
        return hemisphere(square, distance2, points.height + (slope * way).sum(0)), way

    def rows(self, chosen: Tensor) -> DropMeasure:
        return DropMeasure(self.square[chosen], self.spacing)


@dataclass(frozen=True)
class Dropper:
    """A rigid ball bound to a graph."""

    graph: Graph
    domain: Sides
    field: Heightfield
    updates: int  # of Newton, a step
    ways: Tensor  # (2, 3**d) the middle and places around it, in radii
    proximal_step: ProximalStep

    def place(self, start: Tensor, radius: Tensor) -> tuple[Dropped, Tensor]:
        x = components(start).T
        # walls all around, too low as yet for the search, are followed from here
        walls = settle(self.balls(x, radius), self.around(x, radius), PLACING)
        guess = distinct((walls, Contacts.none(x, TRACKED)), BLUR * radius, TRACKED)
        contacts, spent = self.complete(x, radius, guess, torch.ones_like(radius))
        return Dropped(x, contacts), spent + PLACING * self.ways.shape[1]

    def step(self, state: Dropped, lr: Tensor, radius: Tensor) -> Dropped:
        motion = self.motion(state.contacts, lr)
        x, seeds = state.x + motion.T, state.contacts.drifted(motion[..., None])
        balls, lost = self.balls(x, radius), state.contacts.drops == -torch.inf  # what is lost stays so
        if self.updates == 1:
            return Dropped(x, settle(balls, seeds, 1).without(lost))
        large = self.large(radius)[:, None]
        places = torch.cat([seeds, self.around(x, radius)], 2)
        idle = torch.cat([lost, large.expand(-1, self.ways.shape[1])], 1)
        found = settle(balls, places, self.updates, ~large).without(idle)
        return Dropped(x, distinct((found,), BLUR * radius, TRACKED))

    def large(self, radius: Tensor) -> Tensor:
        """Whose contacts drift, (*N,); those of a smaller ball may jump."""
        return radius >= SMALL * self.field.spacing

    def cost(self, radius: Tensor) -> Tensor:
        least = torch.full_like(radius, TRACKED)
        return torch.where(self.large(radius), least, NEWTON * (least + self.ways.shape[1]))

    def balls(self, x: Tensor, radius: Tensor) -> Balls:
        """Balls at x (n, 2), to be put on places (n, C)."""
        return Balls(self.graph, len(self.domain), x.T[..., None], radius[:, None])

    def motion(self, contacts: Contacts, lr: Tensor) -> Tensor:
        """The proximal step (2, n) over all contacts."""
        return self.proximal_step(contacts.drops, contacts.gradients, lr)

    def around(self, x: Tensor, radius: Tensor) -> Tensor:
        """Places (2, n, 3**d) under balls at x (n, 2): for those that move by more than they measure."""
        return torch.addcmul(x.T[..., None], radius[:, None], self.ways[:, None])

    def view(self, state: Dropped, radius: Tensor) -> View:
        highest, points, x = state.contacts.highest, state.contacts.points, state.x.movedim(-1, 0)
        touches = state.contacts.drops >= (highest - TOUCH * radius)[..., None]
        sag2 = radius.square()[..., None] - (points - x[..., None]).square().sum(0)
        height = state.contacts.drops - sag2.clamp_min(0).sqrt()
        order = height + TOUCH / 10 * radius[..., None] * points.sum(0)  # the lowest; a tie must not flicker
        at = order.masked_fill(~touches, torch.inf).argmin(-1, keepdim=True)
        d = len(self.domain)
        contact = points_at(points, at, d)
        center = torch.cat([state.x[..., :d], highest[..., None]], -1)
        return View(contact, center, self.graph.height(contact), touches.sum(-1))

    def position(self, view: View) -> Tensor:
        return view.center[..., :-1]

    def inside(self, view: View) -> Tensor:
        return within(self.domain, self.position(view))

    def check(
        self, states: Dropped, lr: Tensor, radius: Tensor, tried: Tensor
    ) -> tuple[Dropped, Tensor, Tensor]:
        """A step stands if the complete contacts at its beginning would give it, to STRAY of its length."""
        found = states.contacts.drops.isfinite().any(-1)  # (K+1, m); where none is the next step is no guess
        step, ball = (tried & (found[:-1].cumprod(0) > 0)).nonzero().unbind(1)
        at = step + 1, ball
        contacts, completing = self.complete(states.x[at], radius[at], take(states.contacts, at), lr[at])
        true = torch.full_like(states.x, torch.nan)
        true[at] = self.motion(contacts, lr[at]).T
        states.contacts.table[at] = contacts.table
        least = vector_norm(true, dim=-1) + 1e-2 * radius
        good = vector_norm(states.x.diff(dim=0) - true[:-1], dim=-1) <= STRAY * least[:-1]  # false for nan
        good[0] = True
        spent = torch.zeros_like(radius)
        spent[at] = completing
        return states, good & found[:-1], spent[1:]

    def complete(self, x: Tensor, radius: Tensor, guess: Contacts, lr: Tensor) -> tuple[Contacts, Tensor]:
        """All the contacts (n, TRACKED) of balls at x (n, 2) that matter, highest first: those guessed, made
        exact, and what a search adds; and the gradients (n,) that this asked for."""
        known = settle(self.balls(x, radius), guess.points, POLISH).without(guess.drops == -torch.inf)
        more, spent = self.tops(x, radius, known, self.motion(known, lr))
        return distinct((known, more), BLUR * radius, TRACKED), spent + POLISH * TRACKED

    def tops(self, x: Tensor, radius: Tensor, known: Contacts, motion: Tensor) -> tuple[Contacts, Tensor]:
        """The hills (n, h) around x (n, 2) that a search adds to the known contacts, at their tops, and the
        gradients (n,) that this asked for. Those known are left out, as are those too low to matter where the
        known ones send the ball by (2, n)."""
        d = len(self.domain)
        top, best = known.drops.max(1, keepdim=True)
        below = points_at(known.points, best, d)  # of the highest contact, else under the centre
        top = top[:, 0]
        fall = (top - known.ahead(motion[..., None]).amax(1)).nan_to_num(0.0)  # nan: none is known
        rise = (fall + STEEP * hypot(*motion)).nan_to_num(0.0).clamp_min(0)
        measure, half = DropMeasure(radius.float().square(), self.field.spacing), self.field.spacing / 2
        full = known.drops.amin(1)  # no room for a lower one, if as many are known as are followed
        floor = torch.maximum(self.field.near(x[:, :d], measure, below) - SOON * rise, full) - half
        found = self.field.search(x[:, :d], measure, floor, radius)
        rows, hints, peaks = self.with_places(x, radius, found, known.pick(best))  # (k,), (2, k), (k,)
        gain = vecdot(sphere_slope(hints - x[rows].T, radius[rows]), motion[:, rows], dim=0) + fall[rows]
        low = peaks - top[rows] + AHEAD * gain.clamp_min(0) < -half
        apart = (radius / 2).clamp_max(half)[rows]
        low |= peaks < full[rows] - half / 8
        seen = near(hints, take(known, rows), apart)
        new = (~seen & ~low).nonzero()[:, 0]
        spent = torch.zeros_like(radius)
        if not len(new):
            return Contacts.none(x, 0), spent
        shown = peaks[new] < torch.inf
        hills, places = new[shown], new[~shown]
        new = torch.cat([hills[highest(rows[hills], peaks[hills], HILLS)], places])
        rows, hints = rows[new], hints[:, new]
        balls = Balls(self.graph, d, x[rows].T, radius[rows])
        found, updates = self.at_top(balls, hints, peaks[new], top[rows])
        return lined_up(rows, found, x), spent.index_add_(0, rows, updates)

    def with_places(
        self, x: Tensor, radius: Tensor, hills: Hills, best: Contacts
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The rows (k,), points (2, k) and peaks (k,) of hills, and of places, of drop inf, that the grid may
        not show as hills: around the centre of a ball of a few grid points, and on both sides of the highest
        contact (n, 1) where the drop is so flat that there may be another top."""
        tiny = (radius < UNSEEN * self.field.spacing).nonzero()[:, 0]
        flat, aside = best.flat(FLAT)
        beside = best.points[:, flat, :] + BESIDE * self.field.spacing * aside * x.new_tensor([-1.0, 1.0])
        places = torch.cat([self.around(x[tiny], radius[tiny]).flatten(1), beside.flatten(1)], 1)
        return (
            torch.cat([hills.rows, tiny.repeat_interleave(self.ways.shape[1]), flat.repeat_interleave(2)]),
            torch.cat([components(hills.points), places], 1),
            torch.cat([hills.peaks, torch.full_like(places[0], torch.inf)]),
        )

    def at_top(self, balls: Balls, hints: Tensor, peaks: Tensor, top: Tensor) -> tuple[Contacts, Tensor]:
        """The contacts (k,) above hints (2, k) of balls (k,) that touch at a drop of top (k,) already, and
        after how many updates (k,); peaks (k,) are what the grid foretells of them. Most are reached at once;
        where one is not, and may be among the highest, it is climbed to, first as if it were smooth, then as
        if it were a kink."""
        found, updates = settle(balls, hints, HILLTOP, near=REACHED), torch.full_like(top, HILLTOP)
        height = self.graph.height(points(hints, balls.d))
        begun = hemisphere(balls.radius.square(), (hints - balls.x).square().sum(0), height)
        foretold = torch.maximum(begun, peaks.masked_fill(peaks == torch.inf, -torch.inf))
        steep = 1 + sphere_slope(hints - balls.x, balls.radius).square().sum(0)  # s²
        matters = foretold > top - BELOW * self.field.spacing * steep
        for way in (ascend, self.climb):
            strayed = hypot(*(found.points - hints)) > FAR * self.field.spacing
            rows = (matters & (strayed | (begun > found.drops + ABOVE * balls.radius))).nonzero()[:, 0]
            if not len(rows):
                break
            climbed, more = way(balls.some(rows), hints[:, rows])
            updates[rows] += more
            higher = climbed.drops > found.drops[rows]
            found.table[:, rows] = torch.where(higher, climbed.table, found.table[:, rows])
        return found, updates

    def climb(self, balls: Balls, seeds: Tensor) -> tuple[Contacts, int]:
        """Contacts (k,) by climbing the drop of balls (k,) from seeds (2, k), also onto kinks: without a
        gradient."""
        x, d = balls.x.T[:, None, : balls.d], balls.d

        def height(theta: Tensor) -> Tensor:  # (k, m, d) -> (k, m)
            distance2 = (theta - x).square().sum(-1)
            return hemisphere(balls.radius.square()[:, None], distance2, self.graph.height(theta))

        stride = balls.radius.clamp_max(self.field.spacing)[:, None]
        places, drops, arrived = climb(height, points(seeds, d)[:, None], stride)
        places, drops = components(places[:, 0]), drops[:, 0].masked_fill(~arrived[:, 0], -torch.inf)
        stays = torch.zeros_like(places)  # a kink does not move with the ball
        return Contacts.of(places, drops, sphere_slope(places - balls.x, balls.radius), stays, stays[0]), 0


def hemisphere(radius2: Tensor, distance2: Tensor, height: Tensor) -> Tensor:
    """height + √(ρ² − distance²), -inf out of reach."""
    return (radius2 - distance2).sqrt_().add_(height).nan_to_num_(nan=-torch.inf, neginf=-torch.inf)


def sphere_slope(lateral: Tensor, radius: Tensor) -> Tensor:
    """∇F_ρ = (θ − x)/√(ρ² − |x−θ|²), by the envelope theorem, of balls of radius (n,) touching at θ − x =
    lateral (2, n)."""
    rise = (radius.square() - lateral.square().sum(0)).clamp_min(torch.finfo(radius.dtype).tiny)
    return lateral / rise.sqrt()


def points_at(points: Tensor, index: Tensor, d: int) -> Tensor:
    """Of points (2, *N, C) that with index (*N, 1) in each row, (*N, d)."""
    return points[:d].gather(-1, index.expand(d, *index.shape))[..., 0].movedim(0, -1)
