"""What the views of ironing show: a landscape and what balls of R radii see of it, as plain arrays.

A `Profile` is a curve, a `Relief` a surface. Both hold for every radius ρ the centre surface F_ρ, the ironed
surface φ_ρ and where the ball can touch (the names are those of mathematical morphology: dilation, closing).
All lengths are in the units of the ball, (θ, λf).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from figures.arrays import axis_length, check_radii, check_scale, own_arrays
from figures.film import Film

ROUNDING = 1e-9  # of the greatest height


@dataclass(frozen=True, eq=False)
class Profile:
    """A curve, and what balls of R radii make of it.

    The raw offset p + ρν of the curve is (x − ρ s/√(1+s²), h + ρ/√(1+s²)), s the slopes, h the heights.

    Args:
        x: (N,) increasing grid.
        heights: (N,) λf.
        slopes: (N,) d(λf)/dx.
        radii: (R,) increasing, > 0.
        centers: (R, N) F_ρ, the height of the centre of a ball over x.
        ironed: (R, N) φ_ρ, never below the heights.
        reachable: (R, N) whether ball r can touch the curve at x.
        touch: (R, N, 2) leftmost and rightmost x that ball r touches with its centre over x[i]: equal where
            there is one contact. Near the edge of the grid they may lie beyond it.
        turns: (R, N) angle in radians, clockwise, by which ball r has turned when it has rolled without
            slipping from the left edge until its centre is over x[i].
        notes: R sentences, '' where there is nothing to say: what the grid cannot show at this radius.
        title: what the landscape is called.
        loss_scale: λ > 0.

    Raises:
        ValueError: a field has the wrong shape or range; the message names it.
    """

    x: np.ndarray
    heights: np.ndarray
    slopes: np.ndarray
    radii: np.ndarray
    centers: np.ndarray
    ironed: np.ndarray
    reachable: np.ndarray
    touch: np.ndarray
    turns: np.ndarray
    notes: tuple[str, ...]
    title: str = ""
    loss_scale: float = 1.0

    def __post_init__(self) -> None:
        n, balls = axis_length("x", self.x, 2), axis_length("radii", self.radii, 1)
        own_arrays(self, {"x": (n,), "heights": (n,), "slopes": (n,), "radii": (balls,)})
        own_arrays(self, {"turns": (balls, n), "touch": (balls, n, 2)})
        _own_surfaces(self, (balls, n))
        if (self.touch[..., 0] > self.touch[..., 1]).any():
            raise ValueError("touch must hold the leftmost contact first")


@dataclass(frozen=True, eq=False)
class Relief:
    """A surface, and what balls of R radii make of it.

    Args:
        x, y: (nx,), (ny,) increasing grid.
        heights: (ny, nx) λf, `heights[j, i]` at (x[i], y[j]): Plotly's order of z.
        radii: (R,) increasing, > 0.
        centers: (R, ny, nx) F_ρ, the height of the centre of a ball over (x, y).
        ironed: (R, ny, nx) φ_ρ, never below the heights.
        reachable: (R, ny, nx) whether ball r can touch the surface at (x, y).
        notes: R sentences, '' where there is nothing to say: what the grid cannot show at this radius.
        title: what the landscape is called.
        loss_scale: λ > 0.
        film: the paths of balls of these radii and of the point methods, where they are asked for.

    Raises:
        ValueError: a field has the wrong shape or range, or the film lacks a radius; the message names it.
    """

    x: np.ndarray
    y: np.ndarray
    heights: np.ndarray
    radii: np.ndarray
    centers: np.ndarray
    ironed: np.ndarray
    reachable: np.ndarray
    notes: tuple[str, ...]
    title: str = ""
    loss_scale: float = 1.0
    film: Film | None = None

    def __post_init__(self) -> None:
        nx, ny = axis_length("x", self.x, 2), axis_length("y", self.y, 2)
        balls = axis_length("radii", self.radii, 1)
        own_arrays(self, {"x": (nx,), "y": (ny,), "heights": (ny, nx), "radii": (balls,)})
        _own_surfaces(self, (balls, ny, nx))
        if self.film is not None and not np.isin(self.radii, self.film.radii).all():
            raise ValueError("film must hold the path of a ball of every radius")


def _own_surfaces(record: Profile | Relief, shape: tuple[int, ...]) -> None:
    """Hold the surfaces of all radii as arrays of this shape, and check what is true of any such surfaces."""
    own_arrays(record, {"centers": shape, "ironed": shape})
    own_arrays(record, {"reachable": shape}, kind=bool)
    check_radii(record.radii)
    check_scale(record.loss_scale)
    if len(record.notes) != shape[0]:
        raise ValueError(f"notes must have one sentence per radius, {shape[0]}, got {len(record.notes)}")
    if not np.isfinite(record.heights).all():
        raise ValueError("heights must be finite, got nan or inf")
    slack = ROUNDING * np.abs(record.heights).max()
    if not (record.ironed >= record.heights - slack).all():  # also rejects nan
        raise ValueError("ironed must nowhere be below the heights")
    lowest = record.heights + record.radii.reshape(-1, *[1] * record.heights.ndim)
    if not (record.centers >= lowest - slack - ROUNDING * record.radii[-1]).all():
        raise ValueError("centers must nowhere be nearer to the heights than a radius")
