"""The surfaces a ball of radius ρ makes of a grid of heights h, and what it can touch.

    centre surface    F_ρ(x) = max over |θ−x| ≤ ρ of h(θ) + √(ρ² − |x−θ|²)      dilation by a hemisphere
    ironed surface    φ_ρ(θ) = min over |x−θ| ≤ ρ of F_ρ(x) − √(ρ² − |x−θ|²)    closing by a ball, φ_ρ ≥ h
    reachable         φ_ρ(θ) = h(θ)

They are those of arXiv 2505.19527 made exact, see Serra, *Image Analysis and Mathematical Morphology*, 1982. The graph ends at the
edge of the grid, and so do the places of the ball's centre: `scipy.ndimage.grey_dilation` and `grey_closing` in their default
mode, with the disc as `footprint` and the hemisphere as `structure`, return the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from rbo.dilation import dilate

Heights = TypeVar("Heights", Tensor, np.ndarray)
Spacing = float | Sequence[float]


def center_surface(heights: Heights, spacing: Spacing, radius: float) -> Heights:
    """The height F_ρ of the centre of a ball resting on the graph, over every point of the grid.

    The exact maximum over the points of the grid, in double precision whatever the heights are in. For several radii, call
    it for each.

    Args:
        heights: (N,) or (N, M), a floating-point tensor on any device or NumPy array.
        spacing: distance of neighbouring points, one number or one a side, in the units of the heights.
        radius: ρ >= 0, in the same units; 0 returns the heights.

    Returns:
        F_ρ, of the heights' shape, kind, dtype and device.

    Raises:
        ValueError: for heights that are not one or two sides of finite floating-point numbers, a spacing that is not
            > 0 or a radius that is not >= 0.

    >>> center_surface(torch.tensor([0.0, 0.0, 5.0, 0.0]), 3.0, 5.0)
    tensor([5., 9., 10., 9.])
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

    On a grid the ball's centre stands over grid points only, so that it may miss by a little a point that it touches in truth.
    A point counts when the gap φ_ρ − h is at most what a centre one cell off leaves under a ball on a plane of the local slope g,

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


def centers(values: Tensor, steps: tuple[float, float], radius: float) -> Tensor:
    """F_ρ of (N, M)."""
    return dilate(values, steps, radius) if radius > 0 else values.clone()


def ironed(values: Tensor, steps: tuple[float, float], radius: float) -> Tensor:
    """φ_ρ of (N, M). The minimum is a dilation upside down; rounding does not take it below the heights."""
    return torch.maximum(-centers(-centers(values, steps, radius), steps, radius), values)


def grid_gap(values: Tensor, steps: tuple[float, float], radius: float) -> Tensor:
    """The gap (N, M) that a centre one cell off leaves; on a slope too steep for the grid, one cell along the surface."""
    slopes = slope(values, steps)
    cell2 = sum(h**2 for h in steps) + sum(g.abs() * h for g, h in zip(slopes, steps, strict=True)) ** 2
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
    values = torch.as_tensor(heights)
    if values.ndim not in (1, 2) or values.numel() == 0 or not values.is_floating_point():
        raise ValueError(
            f"heights must be floating-point numbers (N,) or (N, M), got {values.dtype} {tuple(values.shape)}"
        )
    values = values.detach().double()
    if not values.isfinite().all():
        raise ValueError("heights must be finite, got nan or inf")
    steps = (float(spacing),) * values.ndim if np.ndim(spacing) == 0 else tuple(float(h) for h in spacing)
    if len(steps) != values.ndim or not all(0 < h < math.inf for h in steps):
        raise ValueError(f"spacing must be > 0, one number or one a side, got {spacing}")
    if not 0 <= radius < math.inf:
        raise ValueError(f"radius must be >= 0 and finite, got {radius}")
    return (
        (values, steps, float(radius)) if values.ndim == 2 else (values[None], (1.0, *steps), float(radius))
    )


def returned(values: Tensor, like: Heights) -> Heights:
    """Values (N, M) in the shape, kind, dtype and device of the heights they came from."""
    values = values.reshape(tuple(like.shape))
    if isinstance(like, np.ndarray):
        return values.numpy().astype(like.dtype)
    return values.to(like)
