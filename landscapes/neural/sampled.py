"""A slice that costs little: a network's loss at the points of a grid, and the cubic spline through them.

A ball asks a surface for thousands of gradients and Hessians; of a network each costs a pass over all data.
The spline takes all its values from one grid of them. In each direction

    s(u) = Σ_k c_k β(u − k),    (c_{k−1} + 4 c_k + c_{k+1}) / 6 = f_k,

with the cubic B-spline β, u in units of the spacing, and no curvature at the ends (natural spline). It has
two continuous derivatives; between the points it differs from the loss, by how much `departure` measures. The
grid goes beyond the domain, where a ball whose centre is inside may touch; beyond the grid the value at its
edge goes on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from scipy.linalg import solve_banded
from torch import Tensor

from landscapes.formula import Formula
from landscapes.landscape import Domain, Landscape
from landscapes.neural.slice import Slice

WIDEST = 0.25  # of the domain's width that the grid goes beyond it
ACROSS = 2.0  # widths of the domain that `steps` steps at the median slope would go
STEPS = 250
RELIEF = 0.4  # height of the usual part of the picture, in widths of the domain
SCALES = 1e-4, 1e3  # λ
STEEPEST = 1e9  # height of the whole grid in widths of the domain: on more a ball's place is lost in rounding
AWAY = 0.15  # widths from the trained weights to a first start
CHECKS = 256  # points at which spline and loss are compared
TRIED, HALVINGS = 60, 8  # steps of gradient descent by which a rate is judged, and how often it is halved


class Spline(Formula):
    """The tensor product of natural cubic splines.

    Args:
        low, high: corners of the grid.
        values: (n₁, n₂) at the points of the grid, n ≥ 4, indexing "ij".
    """

    def __init__(self, low: tuple[float, float], high: tuple[float, float], values: Tensor):
        if values.ndim != 2 or min(values.shape) < 4:
            raise ValueError(f"values must have shape (n, m) with n, m >= 4, got {tuple(values.shape)}")
        if not values.isfinite().all():
            raise ValueError("the loss is not finite on the whole of this plane: choose a smaller picture")
        heights = values.double().cpu().numpy()
        self.coefficients = torch.from_numpy(_coefficients(_coefficients(heights).T).T.copy())
        self.low = torch.tensor(low, dtype=torch.float64)
        cells = torch.tensor([n - 1 for n in values.shape], dtype=torch.float64)
        self.spacing = (torch.tensor(high, dtype=torch.float64) - self.low) / cells
        self.cells = cells

    def value(self, theta: Tensor) -> Tensor:
        patch, (x, y), _ = self._patch(theta)
        return torch.einsum("...ij,...i,...j->...", patch, _weights(x), _weights(y)).to(theta)

    def gradient(self, theta: Tensor) -> Tensor:
        return self._derivatives(theta, 1)[1]

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self._derivatives(theta, 2)

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        left, right = (self._matrix(axis, k) for k, axis in enumerate(axes))
        return (left @ self.coefficients.to(left.device) @ right.T).to(axes[0])

    def _derivatives(self, theta: Tensor, order: int) -> tuple[Tensor, ...]:
        """f (*B,), ∇f (*B, 2) and, of order 2, the Hessian (*B, 2, 2); along an axis on which θ is off the
        grid, nothing changes."""
        patch, (x, y), inside = self._patch(theta)
        per = inside / self.spacing.to(theta.device)
        left = [_weights(x, k) * per[..., :1] ** k for k in range(order + 1)]
        right = [_weights(y, k) * per[..., 1:] ** k for k in range(order + 1)]

        def mixed(i: int, j: int) -> Tensor:
            return torch.einsum("...ij,...i,...j->...", patch, left[i], right[j]).to(theta)

        found = mixed(0, 0), torch.stack([mixed(1, 0), mixed(0, 1)], -1)
        if order == 1:
            return found
        cross = mixed(1, 1)
        rows = [torch.stack(row, -1) for row in ((mixed(2, 0), cross), (cross, mixed(0, 2)))]
        return (*found, torch.stack(rows, -2))

    def _patch(self, theta: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
        """The 4 × 4 coefficients that act at θ (*B, 2), where in its cell it is, which axes are inside."""
        low, spacing, cells = (t.to(theta.device) for t in (self.low, self.spacing, self.cells))
        raw = (theta.double() - low) / spacing
        place = torch.minimum(raw.clamp_min(0), cells)
        first = torch.minimum(place.detach().nan_to_num().floor(), cells - 1).long()
        within = place - first
        steps = torch.arange(4, device=theta.device)
        rows, columns = first[..., 0, None, None] + steps[:, None], first[..., 1, None, None] + steps
        coefficients = self.coefficients.to(theta.device)
        inside = ((raw >= 0) & (raw <= cells)).double()
        return coefficients[rows, columns], (within[..., 0], within[..., 1]), inside

    def _matrix(self, axis: Tensor, k: int) -> Tensor:
        """The weights (n, coefficients) of a spline in one direction at points (n,)."""
        count = self.coefficients.shape[k]
        place = ((axis.double() - self.low[k].to(axis.device)) / self.spacing[k].to(axis.device)).clamp(
            0, count - 3
        )
        first = place.floor().clamp_max(count - 4).long()
        matrix = torch.zeros(len(axis), count, dtype=torch.float64, device=axis.device)
        steps = torch.arange(4, device=axis.device)
        return matrix.scatter_(1, first[:, None] + steps, _weights(place - first))


def sampled(exact: Slice, side: int, start: tuple[float, float] | None = None) -> Landscape:
    """The spline through a slice, with the settings of a first run: `side` points across the domain, the same
    spacing a quarter of it beyond on each side.

    Args:
        exact: the slice.
        side: 9 to 513.
        start: of the first run, where it is inside the domain; else a place high up.

    Raises:
        ValueError: side is out of its range, or the loss is not finite on the whole grid, or too large.
    """
    if isinstance(side, bool) or not isinstance(side, int) or not 9 <= side <= 513:
        raise ValueError(f"side must be an integer from 9 to 513, got {side!r}")
    beyond = math.ceil(WIDEST * (side - 1))
    steps = torch.arange(-beyond, side + beyond, dtype=torch.float64) / (side - 1)
    axes = [low + (high - low) * steps for low, high in exact.domain]
    values = exact.grid([axis.to(exact.device) for axis in axes]).cpu()
    corners = zip(*((float(axis[0]), float(axis[-1])) for axis in axes), strict=True)
    spline = Spline(*corners, values)
    shown = values[beyond : beyond + side, beyond : beyond + side].double()
    width = max(high - low for low, high in exact.domain)
    scale = _scale(values.double(), shown, width)
    begin = _start(exact.domain, spline, start)
    return Landscape(
        name=exact.name,
        title=exact.title,
        description=exact.description,
        reference=exact.reference,
        parameters=(),
        values={},
        formula=spline,
        domain=exact.domain,
        start=begin,
        radius=_short(0.1 * width),
        lr=_rate(spline, begin, exact.domain, shown),
        loss_scale=scale,
        steps=STEPS,
        minima=(),
        finest_wavelength=math.inf,
    )


def departure(spline: Landscape, exact: Slice) -> float:
    """The greatest difference between spline and slice at places of the domain spread evenly between the
    points of any grid (Sobol's sequence), as a share of the spline's range there."""
    (a, b), (c, d) = exact.domain
    places = torch.quasirandom.SobolEngine(2, scramble=True, seed=0).draw(CHECKS, dtype=torch.float64)
    points = places * torch.tensor([b - a, d - c]).double() + torch.tensor([a, c]).double()
    ours, true = spline(points), exact(points).detach()
    return float((ours - true).abs().max() / (ours.max() - ours.min()).clamp_min(1e-12))


def _start(domain: Domain, spline: Spline, asked: tuple[float, float] | None) -> tuple[float, float]:
    """The place that is asked for, if it is well inside and away from the network's own weights at 0; else
    the highest of four half-way to the corners."""
    width = max(high - low for low, high in domain)
    if (
        asked is not None
        and math.hypot(*asked) > AWAY * width
        and all(
            low + 0.03 * (high - low) < value < high - 0.03 * (high - low)
            for value, (low, high) in zip(asked, domain, strict=True)
        )
    ):
        decimals = 4 - math.floor(math.log10(width))  # what is less than those is rounding of a zero
        return tuple(_short(round(value, decimals) + 0.0, 3) for value in asked)
    (a, b), (c, d) = domain
    places = [(a + x * (b - a), c + y * (d - c)) for x in (0.2, 0.8) for y in (0.2, 0.8)]
    heights = spline.value(torch.tensor(places, dtype=torch.float64))
    return tuple(_short(value, 3) for value in places[int(heights.argmax())])


def _scale(values: Tensor, shown: Tensor, width: float) -> float:
    """λ that draws the usual part of the picture RELIEF times as high as it is wide."""
    relief = float(torch.quantile(shown.flatten(), 0.9) - shown.min())
    scale = _short(min(max(RELIEF * width / relief, SCALES[0]), SCALES[1])) if relief > 0 else 1.0
    if scale * float(values.max() - values.min()) > STEEPEST * width:
        raise ValueError(
            f"the loss reaches {float(values.max()):.1g} on this plane, more than a ball can roll on: choose "
            "a smaller picture, or train with a smaller lr"
        )
    return scale


def _rate(spline: Spline, start: tuple[float, float], domain: Domain, shown: Tensor) -> float:
    """η with which STEPS steps at the median slope cross the domain; less where gradient descent then rises
    above its start."""
    width = max(high - low for low, high in domain)
    spacings = [(high - low) / (n - 1) for (low, high), n in zip(domain, shown.shape, strict=True)]
    slope = torch.stack(torch.gradient(shown, spacing=spacings)).norm(dim=0).median().item()
    usual = ACROSS * width / STEPS / max(slope, 1e-9)
    rates = torch.tensor([usual / 2**k for k in range(HALVINGS)], dtype=torch.float64)
    point = torch.tensor(start, dtype=torch.float64).expand(HALVINGS, 2)
    ceiling = spline.value(point[0]) + 1e-9
    steady = torch.ones(HALVINGS, dtype=torch.bool)
    for _ in range(TRIED):
        point = point - rates[:, None] * spline.gradient(point)
        steady &= spline.value(point) <= ceiling
    first = int(steady.long().argmax()) if steady.any() else HALVINGS - 1
    return _short(float(rates[first]), 1)


def _coefficients(values: np.ndarray) -> np.ndarray:
    """B-spline coefficients (n+2, m) of natural cubic splines through the columns of values (n, m)."""
    n = len(values)
    bands = np.ones((3, n - 2))
    bands[1] = 4.0
    inner = 6.0 * values[1:-1]  # c = f at the ends, where the curvature is zero
    inner[0] -= values[0]
    inner[-1] -= values[-1]
    known = np.concatenate([values[:1], solve_banded((1, 1), bands, inner), values[-1:]])
    return np.concatenate([2 * known[:1] - known[1:2], known, 2 * known[-1:] - known[-2:-1]])


def _weights(t: Tensor, order: int = 0) -> Tensor:
    """The four cubic B-splines that act in a cell, or a derivative of them, at t (*B,) in it: (*B, 4)."""
    one = torch.ones_like(t)
    if order == 0:
        parts = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    elif order == 1:
        parts = (-3 * (1 - t) ** 2, 9 * t**2 - 12 * t, -9 * t**2 + 6 * t + 3, 3 * t**2)
    else:
        parts = (6 * (1 - t), 18 * t - 12 * one, 6 * one - 18 * t, 6 * t)
    return torch.stack(parts, -1) / 6


def _short(value: float, digits: int = 2) -> float:
    return float(f"{value:.{digits}g}")
