"""A ball that rolls along a curve on a grid: where it touches, and how far it has turned.

With its centre over x it rests on the points where h(θ) + √(ρ² − |x−θ|²) is greatest. They move to the right
as x does (the cap is concave), and jump where a stretch of the curve is out of reach: there it touches twice.
Rolling without slipping turns it by the way of its centre over ρ, and the centre runs along F_ρ.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from rbo.surfaces import Heights, checked, iron

HOPS = 4  # points by which a contact differs between the two centres beside a jump
ENTRIES = 1 << 20  # pairs of a centre and a point looked at together: bounds the memory


def touched(heights: Heights, spacing: float, radius: float, reached: Heights | None = None) -> Heights:
    """The leftmost and the rightmost point that a ball touches with its centre over each point of a curve.

    They are the same but next to where the contact jumps; the nearer of the two centres beside the jump gets
    both of its ends.

    Args:
        heights: (N,), a floating-point tensor on any device or NumPy array.
        spacing: distance of neighbouring points, in the units of the heights.
        radius: ρ >= 0, in the same units.
        reached: (N,) where the ball can touch, if that is known better than `reachable` tells.

    Returns:
        Places (N, 2) on the curve, counted in points from 0; between two points where the parabola through
        three of them is highest. Of the kind and device of the heights.

    Raises:
        ValueError: as in `center_surface`, and for heights that are no curve.

    >>> touched(torch.tensor([4.0, 0.0, 4.0]), 3.0, 5.0).tolist()
    [[0.0, 0.0], [0.0, 2.0], [2.0, 2.0]]
    """
    if heights.ndim != 1:
        raise ValueError(f"heights must be a curve (N,), got {tuple(heights.shape)}")
    values, (_, step), radius = checked(heights, spacing, radius)
    curve = values[0]
    highest, first = tallest(curve, step, radius)
    known = iron(curve, step, radius).reachable if reached is None else torch.as_tensor(reached)
    ends = both_ends(curve, step, radius, highest, first, known.to(curve.device))
    center = torch.arange(len(curve), device=curve.device)[:, None]
    for _ in range(HOPS + 1):
        drops = [
            drop(curve, step, radius, center, ends + k) for k in (0, -1, 1)
        ]  # the middle first: ties stay
        found, hop = ends + refined(*drops), torch.stack(drops).argmax(0)
        ends = torch.where(hop > 0, ends + 2 * hop - 3, ends)
    return found.cpu().numpy() if isinstance(heights, np.ndarray) else found


def turning(centers: Heights, spacing: float, radius: float) -> Heights:
    """The angle by which a ball has turned when it has rolled to each point, from the first one.

    Args:
        centers: (N,) F_ρ, the height of its centre.
        spacing: distance of neighbouring points, in the units of the heights.
        radius: ρ > 0, in the same units.

    Returns:
        Radians, (N,), clockwise, of the kind of `centers`.

    >>> turning(torch.tensor([0.0, 3.0, 3.0]), 4.0, 2.0)
    tensor([0.0000, 2.5000, 4.5000])
    """
    if not radius > 0:
        raise ValueError(f"radius must be > 0, got {radius}")
    array = isinstance(centers, np.ndarray)
    curve = torch.as_tensor(np.ascontiguousarray(centers) if array else centers)
    way = torch.hypot(curve.diff(), torch.full_like(curve[1:], spacing)).cumsum(0)
    angles = torch.cat([torch.zeros_like(curve[:1]), way]) / radius
    return angles.numpy() if array else angles


def tallest(curve: Tensor, step: float, radius: float) -> tuple[Tensor, Tensor]:
    """F_ρ (N,) and the first point (N,) where it is reached."""
    n = len(curve)
    reach = min(math.floor(radius / step * (1 + 1e-12)), n - 1)
    away = torch.arange(-reach, reach + 1, dtype=curve.dtype, device=curve.device) * step
    cap = (radius**2 - away.square()).clamp_min(0).sqrt()
    windows = torch.nn.functional.pad(curve, (reach, reach), value=-math.inf).unfold(0, 2 * reach + 1, 1)
    rows = max(1, ENTRIES // len(cap))
    parts = [(part + cap).max(1) for part in windows.split(rows)]
    offset = torch.cat([part.indices for part in parts]) - reach
    return torch.cat([part.values for part in parts]), torch.arange(n, device=curve.device) + offset


def both_ends(
    curve: Tensor, step: float, radius: float, highest: Tensor, first: Tensor, reachable: Tensor
) -> Tensor:
    """The points (N, 2) touched, from the first one of each centre."""
    missed = (~reachable).cumsum(0)
    left, right = first[:-1], first[1:]
    jumps = (missed[(right - 1).clamp_min(0)] > missed[left]) & (right > left + 1)
    before = jumps.nonzero()[:, 0]  # the contact jumps between the centres `before` and `before + 1`
    left, right = left[before], right[before]

    short = [
        highest[center] - drop(curve, step, radius, center, point)
        for center, point in ((before, right), (before + 1, left))
    ]
    nearer = torch.where(short[0] <= short[1], before, before + 1)
    ends = torch.stack([first, first], 1)
    ends[:, 0].scatter_reduce_(0, nearer, left, "amin")
    ends[:, 1].scatter_reduce_(0, nearer, right, "amax")
    return ends


def drop(curve: Tensor, step: float, radius: float, center: Tensor, point: Tensor) -> Tensor:
    """The height of a centre when the ball is dropped on one point alone; -inf where it would miss it."""
    square = radius**2 - ((center - point) * step) ** 2
    there = (square >= 0) & (point >= 0) & (point < len(curve))
    height = curve[point.clamp(0, len(curve) - 1)] + square.clamp_min(0).sqrt()
    return height.masked_fill(~there, -math.inf)


def refined(here: Tensor, before: Tensor, after: Tensor) -> Tensor:
    """Where between two points the parabola through three heights is highest, from -1/2 to 1/2; else 0."""
    bend = before - 2 * here + after
    offset = (before - after) / (2 * bend)
    return torch.where(bend.isfinite() & (bend < 0), offset, 0.0).clamp(-0.5, 0.5)
