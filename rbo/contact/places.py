"""Places under balls where a ball would touch: kept, joined, and thinned out as sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Contacts:
    """Local maxima of the drop of n balls; -inf marks an empty place."""

    points: Tensor  # (n, C, d)
    drops: Tensor  # (n, C) height of the ball's centre when it touches there
    gradients: Tensor  # (n, C, d) gradient of that branch of F_ρ
    drifts: Tensor  # (n, C, d, d) how the contact moves with the centre, (I − ρS)⁻¹

    def map(self, act: Callable[[Tensor], Tensor]) -> Contacts:
        """act on each of its tensors."""
        return Contacts(*map(act, self.parts))

    def put(self, index: Tensor | tuple[Tensor, ...], some: Contacts) -> None:
        """Overwrite the places at an index."""
        for whole, part in zip(self.parts, some.parts, strict=True):
            whole[index] = part

    def without(self, some: Tensor) -> Contacts:
        """The same with some places (n, C) empty."""
        return replace(self, drops=self.drops.masked_fill(some, -torch.inf))

    @property
    def parts(self) -> tuple[Tensor, ...]:
        """Its tensors."""
        return self.points, self.drops, self.gradients, self.drifts

    @property
    def highest(self) -> Tensor:
        """The highest drop (n,)."""
        return self.drops.amax(-1)

    @staticmethod
    def none(points: Tensor) -> Contacts:
        """Empty places at points (*B, C, d)."""
        drops = torch.full_like(points[..., 0], -torch.inf)
        return Contacts(
            points, drops, torch.zeros_like(points), points.new_zeros(*points.shape, points.shape[-1])
        )


def drifted(contacts: Contacts, motion: Tensor) -> Tensor:
    """Where the contacts (n, C) go to first order when the centres move (n, d)."""
    return contacts.points + (contacts.drifts @ motion[:, None, :, None])[..., 0]


def ahead(contacts: Contacts, motion: Tensor) -> Tensor:
    """Drops (n, C) that the tangents of the branches foretell after a motion (n, d) of the centre."""
    return contacts.drops + (contacts.gradients @ motion[..., None])[..., 0]


def near(points: Tensor, others: Contacts, apart: Tensor) -> Tensor:
    """Which of some points (*B, C, d) lie within `apart` (*B,) of one of the other places (*B, D)."""
    close = squared_distances(points, others.points) < apart.square()[..., None, None]
    return (close & others.drops.isfinite()[..., None, :]).any(-1)


def squared_distances(points: Tensor, others: Tensor) -> Tensor:
    """Of points (*B, C, d) from others (*B, D, d), (*B, C, D): coordinate by coordinate, which is faster."""
    gaps = (
        a[..., :, None] - b[..., None, :] for a, b in zip(points.unbind(-1), others.unbind(-1), strict=True)
    )
    return sum(gap.square_() for gap in gaps)


def join(first: Contacts, second: Contacts) -> Contacts:
    """The places of both."""
    return Contacts(*(torch.cat(both, 1) for both in zip(first.parts, second.parts, strict=True)))


def distinct(places: Contacts, blur: Tensor, count: int) -> Contacts:
    """The `count` highest places, highest first, that are not within twice the blur (n,) of a higher one."""
    drops, order = places.drops.sort(dim=1, descending=True)
    points = pick(places.points, order)
    close = squared_distances(points, points) < (2 * blur).square()[:, None, None]
    repeated = close.tril_(-1).any(-1)
    best = drops.masked_fill(repeated, -torch.inf).topk(min(count, drops.shape[1]), dim=1)
    found = places.map(lambda part: pick(part, order.gather(1, best.indices)))
    return replace(found, drops=best.values)


def lined_up(rows: Tensor, some: Contacts, x: Tensor) -> Contacts:
    """Contacts (k,) of balls `rows` (k,), as places (n, C) of all balls at x (n, d)."""
    order, place = in_rows(rows)
    lined = Contacts.none(x[:, None].repeat(1, int(place.max()) + 1, 1))
    lined.put((rows[order], place), some.map(lambda part: part[order]))
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


def pick(values: Tensor, index: Tensor) -> Tensor:
    """Of values (n, k, ...) those with index (n, m) in each row: (n, m, ...)."""
    shape = (*index.shape, *values.shape[2:])
    return values.gather(1, index.reshape(*index.shape, *[1] * (values.dim() - 2)).expand(shape))
