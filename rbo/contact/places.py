"""Places under balls where a ball would touch: kept, joined, and thinned out as sets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.linalg import vector_norm


@dataclass(frozen=True)
class Contacts:
    """Local maxima of the drop of n balls, highest first; -inf marks an empty place."""

    points: Tensor  # (n, C, d)
    drops: Tensor  # (n, C) height of the ball's centre when it touches there
    gradients: Tensor  # (n, C, d) gradient of that branch of F_ρ


def parts(contacts: Contacts) -> tuple[Tensor, ...]:
    """Its tensors."""
    return contacts.points, contacts.drops, contacts.gradients


def take(contacts: Contacts, index: slice) -> Contacts:
    """Some of its rows."""
    return Contacts(*(part[index] for part in parts(contacts)))


def ahead(contacts: Contacts, motion: Tensor) -> Tensor:
    """Drops (*B, C) that the tangents of the branches foretell after a motion (*B, d) of the centre."""
    return contacts.drops + (contacts.gradients @ motion[..., None])[..., 0]


def near(some: Contacts, others: Contacts, apart: Tensor) -> Tensor:
    """Which of some places (*B, C) lie within `apart` (*B,) of one of the others (*B, D)."""
    distance = vector_norm(some.points[..., :, None, :] - others.points[..., None, :, :], dim=-1)
    return ((distance < apart[..., None, None]) & others.drops.isfinite()[..., None, :]).any(-1)


def join(first: Contacts, second: Contacts) -> Contacts:
    """The places of both."""
    return Contacts(*(torch.cat(both, 1) for both in zip(parts(first), parts(second), strict=True)))


def extended(places: Contacts, more: Contacts, rows: Tensor) -> Contacts:
    """Places (n, k) and, for the marked rows (n,), more of them; the others get empty ones."""
    count = more.drops.shape[1]
    empty = Contacts(*(part[:, :1].repeat_interleave(count, 1) for part in parts(places)))
    empty = replace(empty, drops=torch.full_like(empty.drops, -torch.inf))
    for whole, part in zip(parts(empty), parts(more), strict=True):
        whole[rows] = part
    return join(places, empty)


def distinct(places: Contacts, blur: Tensor, count: int) -> Contacts:
    """The `count` highest places that are not within each other's blur (n, k) of a higher one."""
    drops, order = places.drops.sort(dim=1, descending=True)
    wide = order[..., None].expand_as(places.points)
    points, blur = places.points.gather(1, wide), blur.gather(1, order)
    distance = vector_norm(points[:, :, None] - points[:, None], dim=-1)
    repeated = (distance < blur[:, :, None] + blur[:, None]).tril_(-1).any(-1)
    drops, best = drops.masked_fill_(repeated, -torch.inf).topk(count, dim=1)
    wide = best[..., None].expand(-1, -1, points.shape[-1])
    gradients = places.gradients.gather(1, order.gather(1, best)[..., None].expand_as(wide))
    return Contacts(points.gather(1, wide), drops, gradients)
