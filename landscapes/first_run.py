"""A first run on a surface of which nothing is known but its heights: where to start, how far to scale it,
how fast to go.

Heights λf comparable with the width of the domain, and a rate at which a descent could cross it, if gradient
descent then never rises above its start.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

from landscapes.formula import Formula

Point = tuple[float, ...]
Domain = tuple[tuple[float, float], ...]

SIDE = 33  # points a side of the lattice from which all is judged
STEPS = 250
TRIED = 40  # steps of gradient descent by which a rate is judged
HALVINGS = 8
PLACE = (0.15, 0.8)  # of the start, in parts of the domain
ROOM = 3  # points of the lattice around the start that are finite too
TALL, FLAT = 0.8, 0.08  # heights in parts of the width: beyond these they are scaled
GOOD = 0.4  # to this
SCALES = 1e-4, 1e3  # the smallest and the largest loss scale
HIGHEST = 1e12  # |f| where a ball is dropped: beyond it, doubles do not tell how high its centre is
SLOWEST = 1e-8  # rate
ACROSS = 2  # widths of the domain that a descent of STEPS steps at the median slope would go


@dataclass(frozen=True)
class Run:
    """The settings of a run (see `landscapes.Landscape`)."""

    start: Point
    radius: float
    lr: float
    loss_scale: float
    steps: int = STEPS


def first_run(formula: Formula, domain: Domain) -> Run:
    """The settings for a formula on a domain of two coordinates; some even where it is nowhere finite."""
    width = max(high - low for low, high in domain)
    # one point in SIDE - 1 is left out at each edge: a start lies inside
    axes = [torch.linspace(a, b, SIDE, dtype=torch.float64, device="cpu")[1:-1] for a, b in domain]
    points = torch.cartesian_prod(*axes)
    heights, slopes = formula.value(points), formula.gradient(points)
    smooth = heights.isfinite() & slopes.isfinite().all(-1)
    if not smooth.any():
        return Run(_place(domain), _rounded(0.1 * width), 0.05, 1.0)
    tame = smooth & (heights.abs() <= HIGHEST)
    smooth = tame if tame.any() else smooth
    start = _start(points, smooth, domain)
    usual = ACROSS * width / STEPS / max(slopes[smooth].norm(dim=-1).median().item(), 1e-12)
    lr = _rounded(_steady(formula, start, min(max(usual, SLOWEST), 0.1 * width)))
    return Run(tuple(start.tolist()), _rounded(0.1 * width), lr, _scale(heights[smooth], width))


def _place(domain: Domain) -> Point:
    """Where a start would be, to about a thousandth of the domain."""
    digits = (3 - math.floor(math.log10(high - low)) for low, high in domain)
    places = (low + part * (high - low) for part, (low, high) in zip(PLACE, domain, strict=True))
    return tuple(round(place, n) for place, n in zip(places, digits, strict=True))


def _start(points: Tensor, smooth: Tensor, domain: Domain) -> Tensor:
    """That place, or the nearest point of the lattice with room around it."""
    start = torch.tensor(_place(domain), dtype=points.dtype, device="cpu")
    distance = (points - start).norm(dim=-1)
    holes = (~smooth).to(points.dtype).reshape(1, SIDE - 2, SIDE - 2)
    roomy = max_pool2d(holes, 2 * ROOM + 1, stride=1, padding=ROOM).flatten() == 0
    if roomy[distance.argmin()]:
        return start
    within = roomy if roomy.any() else smooth
    return points[distance.masked_fill(~within, math.inf).argmin()]


def _scale(heights: Tensor, width: float) -> float:
    """λ: 1 where the heights suit the width; the highest and lowest hundredth are left out (poles)."""
    ends = torch.quantile(heights, torch.tensor([0.01, 0.99], dtype=heights.dtype, device="cpu"))
    range_ = (ends[1] - ends[0]).item()
    if range_ <= 1e-12 * width or FLAT * width <= range_ <= TALL * width:
        return 1.0
    return _rounded(min(max(GOOD * width / range_, SCALES[0]), SCALES[1]))


def _steady(formula: Formula, start: Tensor, usual: float) -> float:
    """The largest rate of usual, usual/2, … at which gradient descent is never above its start."""
    rates = [_rounded(usual / 2**halving) for halving in range(HALVINGS)]
    rate = torch.tensor(rates, dtype=start.dtype, device="cpu")[:, None]
    point = start.expand(HALVINGS, -1)
    ceiling = formula.value(start) + 1e-9
    steady = torch.ones(HALVINGS, dtype=torch.bool, device="cpu")
    for _ in range(TRIED):
        point = point - rate * formula.gradient(point)
        steady &= formula.value(point) <= ceiling  # false at nan
    return next((r for r, good in zip(rates, steady.tolist(), strict=True) if good), rates[-1])


def _rounded(value: float) -> float:
    """To one digit."""
    return float(f"{value:.0e}")
