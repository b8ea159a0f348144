"""Measures of what a ball irons out: each of one surface on a grid, to be drawn against the radius.

    local_minima         how many valleys
    total_variation      ∫ |∇h| dθ
    rms_slope            √ of the mean of |∇h|²
    rms_curvature        √ of the mean of (κ₁² + κ₂²)/2, κ the principal curvatures of the graph
    unreachable_share    the share of the points that the ball cannot touch
    spectrum             energy by wavelength

'Roughness' is not among them: it may mean any of these. The rms slope is the Sdq of ISO 25178-2. All take
heights (N,) or (N, M), tensor or array, and the spacing as `center_surface` does, and raise its errors.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rbo.geometry import shape_operator
from rbo.surfaces import Heights, Spacing, checked, reachable, tabulated

ROUNDING = 2.0**-40  # of the greatest height


class Spectrum(NamedTuple):
    """Energy by wavelength, longest first."""

    wavelengths: np.ndarray  # (K,)
    energies: np.ndarray  # (K,), together the variance of the heights


def local_minima(heights: Heights) -> int:
    """The number of valley bottoms: points, or flat patches counted once, below all the points around them.

    Diagonal neighbours count as neighbours. A patch that reaches the edge of the grid is none: what lies
    beyond is not known. Heights that differ by no more than rounding count as equal.

    >>> local_minima(np.array([3.0, 1.0, 2.0, 0.0, 0.0, 5.0, 4.0]))
    2
    """
    values = tabulated(heights)
    values = values[None] if values.ndim == 1 else values
    grain = (ROUNDING * values.abs().max()).clamp_min(torch.finfo(values.dtype).tiny)
    values = (values / grain).round()
    patch = flat_patches(values)
    bottom = torch.ones_like(patch, dtype=torch.bool)
    for there, here in neighbours(values.shape):
        bottom[here] &= values[there] >= values[here]
    if values.shape[0] > 1:
        bottom[0], bottom[-1] = False, False
    bottom[:, 0], bottom[:, -1] = False, False
    spoilt = torch.zeros(patch.numel(), dtype=torch.bool, device=patch.device)
    spoilt[patch[~bottom]] = True  # one point of a patch that is no bottom is enough
    return int((~spoilt)[patch.unique()].sum())


def total_variation(heights: Heights, spacing: Spacing) -> float:
    """∫ |∇h| dθ over the grid; of a curve, the sum of all its ups and downs. In heights × length^(d−1).

    >>> total_variation(np.array([0.0, 2.0, 1.0]), 0.1)
    3.0
    """
    values, steps, _ = checked(heights, spacing, 0.0)
    area = math.prod(h for h, n in zip(steps, values.shape, strict=True) if n > 1)
    return float(cell_slopes(values, steps).square().sum(-1).sqrt().sum() * area)


def rms_slope(heights: Heights, spacing: Spacing) -> float:
    """√ of the mean of |∇h|² over the cells of the grid: without unit where heights and lengths share one.

    >>> rms_slope(np.array([0.0, 0.5, -3.0]), 0.5)  # slopes 1 and -7: √((1 + 49) / 2)
    5.0
    """
    values, steps, _ = checked(heights, spacing, 0.0)
    return float(cell_slopes(values, steps).square().sum(-1).mean().sqrt())


def rms_curvature(heights: Heights, spacing: Spacing) -> float:
    """√ of the mean of the squared principal curvatures of the graph, over its inner points: 1/R on a sphere.

    These are the curvatures that the ball meets, h''/(1 + h'²)^(3/2) of a curve, by central differences; 0
    where there are fewer than three points a side.
    """
    values, steps, _ = checked(heights, spacing, 0.0)
    axes = [i for i, n in enumerate(values.shape) if n > 1]
    if not axes or min(values.shape[i] for i in axes) < 3:
        return 0.0
    gradient, hessian = central_jet(values, steps, axes)
    shape = shape_operator(gradient, hessian)
    squares = (shape @ shape).diagonal(dim1=-2, dim2=-1).sum(-1)  # κ₁² + κ₂²
    return float((squares / len(axes)).mean().clamp_min(0).sqrt())


def unreachable_share(
    heights: Heights, spacing: Spacing, radius: float, tolerance: float | None = None
) -> float:
    """The share of the points that a ball of this radius cannot touch, as `reachable` judges: 0 to 1."""
    touched = reachable(heights, spacing, radius, tolerance)
    return 1.0 - float(touched.mean() if isinstance(touched, np.ndarray) else touched.double().mean())


def spectrum(heights: Heights, spacing: Spacing) -> Spectrum:
    """The variance of the heights by wavelength: that of the grid's cosines, DCT-II.

    Its cosines continue the heights by their mirror image. So there is no jump at the edges to be mistaken
    for short waves, as there is in a periodogram, and no window is needed. The cosine of k half-waves along
    a side of length L has the wavelength 2L/k; of a surface those of like wavelength are put together, in
    rings of the wave number one mode wide.

    Returns:
        Wavelengths, longest first, and energies, whose sum is the variance.

    >>> waves = spectrum(np.cos(2 * np.pi * (np.arange(64) + 0.5) / 16), 1.0)
    >>> float(waves.wavelengths[waves.energies.argmax()])
    16.0
    """
    values, steps, _ = checked(heights, spacing, 0.0)
    energies = cosine_energies(values)
    lengths = [n * h for n, h in zip(values.shape, steps, strict=True)]
    down, across = (
        torch.arange(n, dtype=values.dtype, device=values.device) / (2 * length)
        for n, length in zip(values.shape, lengths, strict=True)
    )
    width = 1 / (2 * (max(lengths) if values.shape[0] > 1 else lengths[1]))
    ring = (torch.hypot(down[:, None], across) / width).round().long().flatten()
    total = torch.zeros(int(ring.max()) + 1, dtype=values.dtype, device=values.device)
    total.scatter_add_(0, ring, energies.flatten())
    numbers = torch.arange(1, len(total), dtype=values.dtype)
    return Spectrum((1 / (width * numbers)).numpy(), total[1:].cpu().numpy())


def flat_patches(values: Tensor) -> Tensor:
    """The number of each point's flat patch (N, M): the greatest among its connected points of equal height.

    Every point takes the greatest number beside it, then that of the point so numbered: few rounds, however
    large the patch.
    """
    patch = torch.arange(values.numel(), device=values.device).reshape(values.shape)
    while True:
        grown = patch.clone()
        for there, here in neighbours(values.shape):
            same = values[there] == values[here]
            grown[here] = torch.where(same, torch.maximum(grown[here], grown[there]), grown[here])
        if torch.equal(grown, patch):
            return patch
        patch = grown.flatten()[grown]


def neighbours(shape: tuple[int, int]) -> list[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """For each of the eight directions, where the neighbours are and whose they are."""

    def pair(step: int, n: int) -> tuple[slice, slice]:
        return slice(max(step, 0), n + min(step, 0)), slice(max(-step, 0), n - max(step, 0))

    found = []
    for i, j in ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)):
        (row, own_row), (column, own_column) = pair(i, shape[0]), pair(j, shape[1])
        found.append(((row, column), (own_row, own_column)))
    return found


def cell_slopes(values: Tensor, steps: tuple[float, float]) -> Tensor:
    """Slopes in the middle of every cell, (..., d): the mean of the differences along its opposite sides."""
    if values.shape[0] == 1 or values.shape[1] == 1:
        axis = 0 if values.shape[1] == 1 else 1
        return values.diff(dim=axis)[..., None] / steps[axis]
    down, across = values.diff(dim=0) / steps[0], values.diff(dim=1) / steps[1]
    return torch.stack([(down[:, 1:] + down[:, :-1]) / 2, (across[1:] + across[:-1]) / 2], -1)


def central_jet(values: Tensor, steps: tuple[float, float], axes: list[int]) -> tuple[Tensor, Tensor]:
    """Gradient (..., d) and Hessian (..., d, d) at the inner points, by central differences."""
    inner = tuple(slice(1, -1) if i in axes else slice(None) for i in range(2))

    def moved(*shifts: tuple[int, int]) -> Tensor:
        index = list(inner)
        for axis, shift in shifts:
            index[axis] = slice(1 + shift, values.shape[axis] - 1 + shift)
        return values[tuple(index)]

    gradient = [(moved((i, 1)) - moved((i, -1))) / (2 * steps[i]) for i in axes]
    rows = []
    for i in axes:
        row = []
        for j in axes:
            if i == j:
                row.append((moved((i, 1)) - 2 * moved() + moved((i, -1))) / steps[i] ** 2)
            else:
                corners = sum(a * b * moved((i, a), (j, b)) for a in (-1, 1) for b in (-1, 1))
                row.append(corners / (4 * steps[i] * steps[j]))
        rows.append(torch.stack(row, -1))
    return torch.stack(gradient, -1), torch.stack(rows, -2)


def cosine_energies(values: Tensor) -> Tensor:
    """The mean square of each cosine of the orthonormal DCT-II of heights (N, M) less their mean.

    By the FFT of the heights and their mirror image; the phase is that of half a point.
    """
    energies = values - values.mean()
    for axis in range(2):
        n = values.shape[axis]
        mirrored = torch.cat([energies, energies.flip(axis)], axis)
        phase = torch.arange(n, dtype=values.dtype, device=values.device) * (-math.pi / (2 * n))
        turn = torch.polar(torch.ones_like(phase), phase).unsqueeze(1 - axis)
        modes = (torch.fft.fft(mirrored, dim=axis).narrow(axis, 0, n) * turn).real / 2
        weight = torch.full((n,), math.sqrt(2 / n), dtype=values.dtype, device=values.device)
        weight[0] = math.sqrt(1 / n)
        energies = modes * weight.unsqueeze(1 - axis)
    return energies.square() / values.numel()
