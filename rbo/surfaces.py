"""The surfaces a ball of radius ρ makes of a grid of heights h, and what it can touch.

    centre surface    F_ρ(x) = max over |θ−x| ≤ ρ of h(θ) + √(ρ² − |x−θ|²)      dilation by a hemisphere
    ironed surface    φ_ρ(θ) = min over |x−θ| ≤ ρ of F_ρ(x) − √(ρ² − |x−θ|²)    closing by a ball, φ_ρ ≥ h
    reachable         φ_ρ(θ) = h(θ)

They are what the ball of arXiv 2505.19527 sees; the operations are those of mathematical morphology (Serra,
*Image Analysis and Mathematical Morphology*, 1982). The graph ends at the edge of the grid, and the ball's
centre stays over the grid. So `scipy.ndimage.grey_dilation` and `grey_closing` return the same numbers, with
the disc as `footprint`, the hemisphere as `structure` and their default mode: a reflected point is never
nearer than the point itself, which is the same as nothing beyond the edge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from rbo.dilation import dilate

Heights = TypeVar("Heights", Tensor, np.ndarray)
Spacing = float | Sequence[float]
LARGEST = 1e150  # radius


class Surfaces(NamedTuple, Generic[Heights]):
    """What a ball of one radius makes of a grid of heights, each of its shape and kind."""

    center: Heights
    ironed: Heights
    reachable: Heights


def center_surface(heights: Heights, spacing: Spacing, radius: float) -> Heights:
    """The height F_ρ of the centre of a ball resting on the graph, over every point of the grid.

    The exact maximum over the points of the grid, found in double precision whatever the heights are in. For
    several radii, call it for each.

    Args:
        heights: (N,) or (N, M), a floating-point tensor on any device or NumPy array.
        spacing: distance of neighbouring points, one number or one a side, in the units of the heights.
        radius: ρ >= 0, in the same units; 0 returns the heights.

    Returns:
        F_ρ, of the heights' shape, kind, dtype and device.

    Raises:
        ValueError: for heights that are not (N,) or (N, M) finite floating-point numbers (nan and ±inf have
            no place in the graph), a spacing that is not > 0 or a radius that is not >= 0.

    >>> center_surface(torch.tensor([0.0, 0.0, 5.0, 0.0]), 3.0, 5.0)
    tensor([ 5.,  9., 10.,  9.])
    """
    values, steps, radius = checked(heights, spacing, radius)
    return returned(centers(values, steps, radius), heights)


def ironed_surface(heights: Heights, spacing: Spacing, radius: float) -> Heights:
    """The surface φ_ρ that a ball feels from above: the lower side of all the balls that rest on the graph.

    Never below the heights, and ironing it again changes nothing. Arguments, result and errors are those of
    `center_surface`.

    >>> ironed_surface(torch.tensor([4.0, 0.0, 4.0], dtype=torch.float64), 3.0, 5.0)
    tensor([4., 3., 4.], dtype=torch.float64)
    """
    values, steps, radius = checked(heights, spacing, radius)
    return returned(ironed(values, steps, radius), heights)


def reachable(heights: Heights, spacing: Spacing, radius: float, tolerance: float | None = None) -> Heights:
    """Where a ball of this radius can touch the graph.

    On a grid the ball's centre stands over grid points only, and may miss by a little a point that it
    touches in truth. A point counts when the gap φ_ρ − h is at most what a centre one cell off leaves on a
    plane of the local slope g,

        tolerance = min(q²s/(2ρ), q),   q² = Σ h_i² + (Σ |g_i| h_i)²,   s = √(1 + |g|²),   h_i the spacing.

    So the edge of what is reached is good to about a cell.

    Args:
        heights: as in `center_surface`.
        spacing: as in `center_surface`.
        radius: as in `center_surface`.
        tolerance: the largest gap that counts as touching, instead of the above.

    Returns:
        Bool, of the heights' shape, kind and device.

    Raises:
        ValueError: as in `center_surface`, and for a tolerance that is not >= 0.

    >>> reachable(torch.tensor([4.0, 0.0, 4.0]), 3.0, 5.0, tolerance=0.1)
    tensor([ True, False,  True])
    """
    values, steps, radius = checked(heights, spacing, radius)
    if tolerance is not None and not tolerance >= 0:
        raise ValueError(f"tolerance must be >= 0, got {tolerance}")
    gap = ironed(values, steps, radius) - values
    allowed = grid_gap(values, steps, radius) if tolerance is None else tolerance
    touched = (gap <= allowed).reshape(tuple(heights.shape))
    return touched.cpu().numpy() if isinstance(heights, np.ndarray) else touched


def iron(heights: Heights, spacing: Spacing, radius: float) -> Surfaces[Heights]:
    """`center_surface`, `ironed_surface` and `reachable` together, in the time of the second.

    Arguments and errors are theirs.

    >>> iron(torch.tensor([4.0, 0.0, 4.0]), 3.0, 5.0).center
    tensor([9., 8., 9.])
    """
    values, steps, radius = checked(heights, spacing, radius)
    center = centers(values, steps, radius)
    closed = torch.maximum(-centers(-center, steps, radius), values)
    touched = (closed - values <= grid_gap(values, steps, radius)).reshape(tuple(heights.shape))
    array = isinstance(heights, np.ndarray)
    return Surfaces(
        returned(center, heights), returned(closed, heights), touched.cpu().numpy() if array else touched
    )


def centers(values: Tensor, steps: tuple[float, float], radius: float) -> Tensor:
    """F_ρ of (N, M)."""
    return dilate(values, steps, radius) if radius > 0 else values.clone()


def ironed(values: Tensor, steps: tuple[float, float], radius: float) -> Tensor:
    """φ_ρ of (N, M). The minimum is a dilation upside down; rounding does not take it below the heights."""
    return torch.maximum(-centers(-centers(values, steps, radius), steps, radius), values)


def grid_gap(values: Tensor, steps: tuple[float, float], radius: float) -> Tensor:
    """The gap (N, M) a centre one cell off leaves; on a slope too steep for the grid, one cell's length."""
    slopes = slope(values, steps)
    cell2 = (
        sum(h**2 for h, n in zip(steps, values.shape, strict=True) if n > 1)
        + sum(g.abs() * h for g, h in zip(slopes, steps, strict=True)) ** 2
    )
    s = (1 + slopes[0].square() + slopes[1].square()).sqrt()
    if radius == 0:
        return torch.zeros_like(values)
    return torch.minimum(cell2 * s / (2 * radius), cell2.sqrt())


def slope(values: Tensor, steps: tuple[float, float]) -> tuple[Tensor, ...]:
    """Slopes down and across, (N, M) each, by central differences; 0 along a side of one point."""
    return tuple(
        torch.gradient(values, spacing=h, dim=i)[0] if values.shape[i] > 1 else torch.zeros_like(values)
        for i, h in enumerate(steps)
    )


def checked(heights: Heights, spacing: Spacing, radius: float) -> tuple[Tensor, tuple[float, float], float]:
    """Heights as (N, M) in double precision, a curve as one row; the spacing of each side; the radius."""
    values = tabulated(heights)
    steps = (float(spacing),) * values.ndim if np.ndim(spacing) == 0 else tuple(float(h) for h in spacing)
    if len(steps) != values.ndim or not all(0 < h < math.inf for h in steps):
        raise ValueError(f"spacing must be > 0, one number or one a side, got {spacing}")
    if not 0 <= radius < math.inf:
        raise ValueError(f"radius must be >= 0 and finite, got {radius}")
    if radius > LARGEST:
        raise ValueError(f"radius must be at most {LARGEST:g}, so that its square is a number, got {radius}")
    if values.ndim == 1:
        return values[None], (1.0, *steps), float(radius)
    return values, steps, float(radius)


def tabulated(heights: Heights) -> Tensor:
    """Heights (N,) or (N, M) as a tensor in double precision; an array is copied, it may be read-only."""
    array = isinstance(heights, np.ndarray)
    if not array and not isinstance(heights, Tensor):
        raise ValueError(f"heights must be a tensor or an array, got {type(heights).__name__}")
    real = np.issubdtype(heights.dtype, np.floating) if array else heights.is_floating_point()
    if not real or heights.ndim not in (1, 2) or 0 in heights.shape:
        kind = f"{heights.dtype} {tuple(heights.shape)}"
        raise ValueError(f"heights must be floating-point numbers (N,) or (N, M), got {kind}")
    values = torch.from_numpy(heights.astype(np.float64, order="C")) if array else heights.detach().double()
    if not values.isfinite().all():
        raise ValueError("heights must be finite, got nan or inf")
    return values


def returned(values: Tensor, like: Heights) -> Heights:
    """Values (N, M) in the shape, kind, dtype and device of the heights they came from."""
    values = values.reshape(tuple(like.shape))
    if isinstance(like, np.ndarray):
        return values.numpy().astype(like.dtype)
    return values.to(like)
