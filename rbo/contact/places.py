"""Places under balls where a ball would touch: kept, joined, and thinned out as sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.linalg import vector_norm


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
    distance = vector_norm(points[..., :, None, :] - others.points[..., None, :, :], dim=-1)
    return ((distance < apart[..., None, None]) & others.drops.isfinite()[..., None, :]).any(-1)


def join(first: Contacts, second: Contacts) -> Contacts:
    """The places of both."""
    return Contacts(*(torch.cat(both, 1) for both in zip(first.parts, second.parts, strict=True)))


def distinct(places: Contacts, blur: Tensor, count: int) -> Contacts:
    """The `count` highest places, highest first, that are not within twice the blur (n,) of a higher one."""
    drops, order = places.drops.sort(dim=1, descending=True)
    points = pick(places.points, order)
    distance = vector_norm(points[:, :, None] - points[:, None], dim=-1)
    repeated = (distance < 2 * blur[:, None, None]).tril_(-1).any(-1)
    best = drops.masked_fill(repeated, -torch.inf).topk(min(count, drops.shape[1]), dim=1)
    found = places.map(lambda part: pick(part, order.gather(1, best.indices)))
    return replace(found, drops=best.values)


def pick(values: Tensor, index: Tensor) -> Tensor:
    """Of values (n, k, ...) those with index (n, m) in each row: (n, m, ...)."""
    shape = (*index.shape, *values.shape[2:])
    return values.gather(1, index.reshape(*index.shape, *[1] * (values.dim() - 2)).expand(shape))
