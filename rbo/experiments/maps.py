"""Maps of many runs at once: radius × learning rate (Figure 5 of arXiv 2505.19527), and where starts lead."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rbo.contact import ContactSolver
from rbo.graph import Loss
from rbo.path import Outcome
from rbo.points import descend
from rbo.rolling import roll

STRIPS = 4
DIVERGED = (Outcome.LEFT, Outcome.NOT_FINITE)


@dataclass(frozen=True, eq=False)
class RateMap:
    """Where runs of each radius and rate end.

    Attributes:
        radii: (R,). lrs: (L,).
        losses: (R, L) at the end; nan where the run diverged.
        diverged: (R, L) bool: left the domain, or not finite.
        outcome: (R, L) of `rbo.Outcome`.
    """

    radii: Tensor
    lrs: Tensor
    losses: Tensor
    diverged: Tensor
    outcome: np.ndarray


def rate_map(
    loss: Loss,
    start: Tensor,
    radii: Tensor,
    lrs: Tensor,
    steps: int,
    contact: ContactSolver | None = None,
    loss_scale: float = 1.0,
    pool: Executor | None = None,
) -> RateMap:
    """Roll from one start with every radius at every rate.

    Args:
        loss, contact, loss_scale: as for `rbo.roll`.
        start: (d,).
        radii: (R,) > 0.
        lrs: (L,) > 0.
        steps: of each run.
        pool: where to do it, a part of the radii at a time; None: here. Processes need a loss that can be
            sent to them, as the landscapes can.

    Raises:
        ValueError: as `rbo.roll`.

    >>> import rbo
    >>> bowl, box = lambda p: p.square().sum(-1), ((-3, 3), (-3, 3))
    >>> rates, radii = torch.tensor([0.1, 0.5]), torch.tensor([0.1])
    >>> found = rate_map(bowl, torch.tensor([1.0, 1.0]), radii, rates, 50, rbo.Rigid(box))
    >>> found.losses.shape, bool(found.diverged.any())
    (torch.Size([1, 2]), False)
    """
    parts = [(loss, start, some[:, None], lrs[None], steps, contact, loss_scale) for some in strips(radii)]
    done = pool.map(ends, *zip(*parts, strict=True)) if pool else (ends(*part) for part in parts)
    found, outcomes = zip(*done, strict=True)
    outcome = np.concatenate(outcomes)
    diverged = torch.as_tensor(np.isin(outcome.astype(str), DIVERGED), device=start.device)
    losses = torch.cat(found).masked_fill(diverged, torch.nan)
    return RateMap(radii, lrs, losses, diverged, outcome)


def strips(radii: Tensor) -> tuple[Tensor, ...]:
    """Radii (R,) in parts: a search looks as far as the largest ball of its batch, so small ones go apart."""
    return radii.split(max(1, -(-len(radii) // STRIPS)))


def ends(*run: Any) -> tuple[Tensor, np.ndarray]:
    """Losses and outcomes at the end of a `roll`."""
    path = roll(*run)
    return path.losses[-1], path.outcome


@dataclass(frozen=True, eq=False)
class Basins:
    """Where starts lead.

    Attributes:
        ends: (*B, d) the last contact of each start.
        basin: (*B,) number of the end it shares with others, from 0; -1 where the run diverged.
        count: number of distinct ends.
        losses: (*B,) at the end.
        moving: (*B,) bool: not at rest when the steps ran out, so that the end is none of the landscape's.
    """

    ends: Tensor
    basin: Tensor
    count: int
    losses: Tensor
    moving: Tensor


def ball_basins(
    loss: Loss,
    starts: Tensor,
    radius: float,
    lr: float,
    steps: int,
    contact: ContactSolver | None = None,
    loss_scale: float = 1.0,
    apart: float = 0.05,
    pool: Executor | None = None,
) -> Basins:
    """Where the ball ends from each of the starts (*B, d); ends nearer than `apart` are one.

    Args:
        pool: where to do it, a part of the starts at a time; None: here.
    """
    flat = starts.reshape(-1, starts.shape[-1])
    parts = [(loss, some, radius, lr, steps, contact, loss_scale) for some in strips(flat)]
    done = pool.map(finals, *zip(*parts, strict=True)) if pool else (finals(*part) for part in parts)
    last, outcome, losses = zip(*done, strict=True)
    shape = starts.shape[:-1]
    return basins(
        torch.cat(last).view(starts.shape),
        np.concatenate(outcome).reshape(shape),
        torch.cat(losses).view(shape),
        apart,
    )


def point_basins(
    loss: Loss, starts: Tensor, lr: float, steps: int, domain: object = None, apart: float = 0.05
) -> Basins:
    """The same for gradient descent."""
    path = descend(loss, starts, lr, steps, domain=domain)
    return basins(path.contacts[-1], np.asarray(path.outcome), path.losses[-1], apart)


def finals(*run: Any) -> tuple[Tensor, np.ndarray, Tensor]:
    """Contacts, outcomes and losses at the end of a `roll`."""
    path = roll(*run)
    return path.contacts[-1], np.asarray(path.outcome), path.losses[-1]


def basins(last: Tensor, outcome: np.ndarray, losses: Tensor, apart: float) -> Basins:
    """Ends (*B, d), those in a chain of steps shorter than `apart` taken together.

    Raises:
        ValueError: unless apart is a finite number > 0.
    """
    if not 0 < apart < float("inf"):
        raise ValueError(f"apart must be > 0 and finite, got {apart}")
    outcome = outcome.astype(str)
    settled = torch.as_tensor(~np.isin(outcome, DIVERGED), device=last.device)
    basin = torch.full(settled.shape, -1, dtype=torch.long, device=last.device)
    groups, count = linked(last[settled], apart)
    basin[settled] = groups
    moving = torch.as_tensor(outcome == Outcome.STEPS, device=last.device)
    return Basins(last, basin, count, losses, moving)


def linked(points: Tensor, apart: float) -> tuple[Tensor, int]:
    """Groups (n,) of points (n, d), and how many: two points are of one group where a chain of points leads
    from one to the other in hops of at most `apart`.

    Points are first put into cells of apart/4, so that thousands of runs into one minimum are one point.
    """
    cells, cell = torch.unique((points / (apart / 4)).round().long(), dim=0, return_inverse=True)
    places = cells * (apart / 4)
    label = torch.arange(len(cells), device=points.device)
    while True:  # the smallest label spreads along each chain
        near = torch.cat(
            [torch.cdist(part, places.double()) <= apart for part in places.double().split(1024)]
        )
        lowest = torch.where(near, label, len(cells)).amin(-1) if len(cells) else label
        if torch.equal(lowest, label):
            break
        label = lowest
    names, group = torch.unique(label, return_inverse=True)
    return group[cell], len(names)
