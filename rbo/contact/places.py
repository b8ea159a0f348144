"""Places under balls where a ball would touch: kept, joined, and thinned out as sets."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, addcmul
from torch.linalg import vecdot

from rbo.newton import Symmetric


@dataclass(frozen=True)
class Contacts:
    """C local maxima of the drop of each of *N balls; a drop of -inf marks an empty place.

    They lie in one table, since they are picked, joined and kept together far more often than they are read.
    """

    table: Tensor  # (*N, 8, C): point, drop, gradient, and the matrix of `drifted`

    @staticmethod
    def of(points: Tensor, drops: Tensor, gradients: Tensor, spread: Tensor, skew: Tensor) -> Contacts:
        """From points (2, *N, C), drops (*N, C), gradients (2, *N, C), and the diagonal (2, *N, C) and the
        rest (*N, C) of (I + ggᵀ − ρH/s)⁻¹."""
        return Contacts(torch.cat([points, drops[None], gradients, spread, skew[None]]).movedim(0, -2))

    @staticmethod
    def none(x: Tensor, count: int) -> Contacts:
        """`count` empty places under balls at x (n, 2)."""
        table = x.new_zeros(len(x), 8, count)
        table[:, :2], table[:, 2] = x[..., None], -torch.inf
        return Contacts(table)

    @property
    def points(self) -> Tensor:
        """(2, *N, C)."""
        return self.table[..., :2, :].movedim(-2, 0)

    @property
    def drops(self) -> Tensor:
        """Heights of the ball's centre when it touches there, (*N, C)."""
        return self.table[..., 2, :]

    @property
    def gradients(self) -> Tensor:
        """Of those branches of F_ρ, (2, *N, C)."""
        return self.table[..., 3:5, :].movedim(-2, 0)

    @property
    def highest(self) -> Tensor:
        """The highest drop (*N,)."""
        return self.drops.amax(-1)

    def without(self, some: Tensor) -> Contacts:
        """The same, emptied in place, without some places (*N, C)."""
        self.drops.masked_fill_(some, -torch.inf)
        return self

    def pick(self, index: Tensor) -> Contacts:
        """Those with index (n, m) in each row."""
        return Contacts(self.table.gather(2, index[:, None].expand(-1, 8, -1)))

    def drifted(self, motion: Tensor) -> Tensor:
        """Where they go to first order when the centres move by (2, n, 1): by (I + ggᵀ − ρH/s)⁻¹ (I + ggᵀ)
        of it, (2, n, C)."""
        g, inverse = self.gradients, Symmetric(self.table[:, 5:7].movedim(-2, 0), self.table[:, 7])
        return inverse.times(addcmul(motion, vecdot(g, motion, dim=0), g), self.points)

    def flat(self, least: float) -> tuple[Tensor, Tensor]:
        """Which of single contacts (n, 1) drift at least so many times as far as their balls along some
        direction, (k,), where the drop is flat; and these directions (2, k, 1)."""
        first, second, skew = self.table[:, 5:8].movedim(1, 0)
        spread = torch.hypot(first - second, 2 * skew)
        rows = ((first + second + spread > 2 * least) & (self.drops > -torch.inf)).nonzero()[:, 0]
        angle = torch.atan2(2 * skew[rows], first[rows] - second[rows]) / 2
        return rows, torch.stack([angle.cos(), angle.sin()])

    def ahead(self, motion: Tensor) -> Tensor:
        """Drops (n, C) that the tangents of the branches foretell when the centres move by (2, n, 1)."""
        return self.drops + vecdot(self.gradients, motion, dim=0)


def near(points: Tensor, others: Contacts, apart: Tensor) -> Tensor:
    """Which points (2, n) lie within `apart` (n,) of one of the other places (n, C)."""
    gap2 = (points[..., None] - others.points).square_().sum(0)
    return ((gap2 < apart.square()[:, None]) & (others.drops > -torch.inf)).any(-1)


def distinct(places: tuple[Contacts, ...], blur: Tensor, count: int) -> Contacts:
    """Of some places together the `count` highest, highest first, that are not within twice the blur (n,) of
    a higher one."""
    places = Contacts(torch.cat([some.table for some in places], 2))
    drops, order = places.drops.sort(dim=1, descending=True)
    places = places.pick(order)
    points = places.table[:, :2]
    gap2 = (points[..., None] - points[:, :, None]).square_().sum(1)  # (n, C, C)
    repeated = (gap2 < (2 * blur).square_()[:, None, None]).tril_(-1).any(-1)
    best, order = drops.masked_fill_(repeated, -torch.inf).topk(min(count, drops.shape[1]), dim=1)
    found = places.pick(order)
    found.drops.copy_(best)
    return found


def lined_up(rows: Tensor, some: Contacts, x: Tensor) -> Contacts:
    """Contacts (k,) of balls `rows` (k,), as places (n, C) of all balls at x (n, 2)."""
    order, place = in_rows(rows)
    lined = Contacts.none(x, int(place.max()) + 1)
    lined.table[rows[order], :, place] = some.table[:, order].T
    return lined


def highest(rows: Tensor, heights: Tensor, count: int) -> Tensor:
    """Which (m,) of places with heights (k,), of balls `rows` (k,), are among the `count` highest of their
    ball."""
    down = heights.argsort(descending=True)
    order, place = in_rows(rows[down])
    return down[order][place < count]


def in_rows(rows: Tensor) -> tuple[Tensor, Tensor]:
    """The order (k,) that brings equal rows (k,) together, and the place (k,) of each among its equals."""
    order = rows.argsort(stable=True)
    count = rows.bincount()
    begin = (count.cumsum(0) - count)[rows[order]]
    return order, torch.arange(len(rows), device=rows.device) - begin
