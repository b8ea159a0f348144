"""View -> the landscape on a grid, wide enough for what balls make of it.

The landscape does not end at the edge of the picture, so neither does what is ironed: centres are followed
one radius beyond the edge, and the heights under them one more. Cut back, all is right up to the edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

import rbo
from interface.compute import DTYPE
from interface.ironing.view import View
from landscapes import Landscape

KEPT = 24  # views of which it is known whether their minima can be counted
FINEST = {1: (8, 961, 2401), 2: (4, 193, 257)}  # by dim: points a wavelength, least and most points a side
MARGIN_2D = 0.5  # of the domain's width: the farthest that a surface is followed beyond its picture
COUNTED = 1.25  # by what factor two grids may differ in the number of local minima


@dataclass(frozen=True, eq=False)
class Ground:
    """Heights λf on the grid of the picture, and around it.

    Args:
        axes: x, or x and y, of the picture.
        heights: (N,) or (ny, nx).
        slopes: of a curve, at all points of `wide`; of a surface (2, ny, nx), along y and x, at those of the
            picture.
        spacing: of the heights' sides, in their order.
        wide: the heights with `margin` further points around them, on each side of each axis.
        margin: likewise in the heights' order.
        note: a sentence where the grid is too coarse for the landscape, else ''.
    """

    axes: tuple[np.ndarray, ...]
    heights: np.ndarray
    slopes: np.ndarray
    spacing: tuple[float, ...]
    wide: np.ndarray
    margin: tuple[int, ...]
    note: str

    def around(self, margin: tuple[int, ...]) -> np.ndarray:
        """The heights with a margin of so many points."""
        return cut(self.wide, self._less(margin))

    def slopes_around(self, margin: tuple[int, ...]) -> np.ndarray:
        """The slopes likewise where they are those of a curve; a surface has them on its picture only."""
        return cut(self.slopes, self._less(margin)) if self.slopes.ndim == 1 else self.slopes

    def _less(self, margin: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(most - own for most, own in zip(self.margin, margin, strict=True))


def ground_of(view: View, radius: float) -> Ground:
    """The grid of a view, wide enough for balls up to this radius."""
    loss = view.ground()
    sides = [side(low, high, loss.finest_wavelength, view.dim) for low, high in loss.domain]
    steps = [(high - low) / (n - 1) for (low, high), n in zip(loss.domain, sides, strict=True)]
    width = max(high - low for low, high in loss.domain)
    far = 2 * radius if view.dim == 1 else min(2 * radius, MARGIN_2D * width)
    margins = [int(np.ceil(far / step)) for step in steps]
    wide = [
        low + step * torch.arange(-m, n + m, dtype=DTYPE)
        for (low, _), n, step, m in zip(loss.domain, sides, steps, margins, strict=True)
    ]
    heights = view.scale * loss.grid(wide).numpy().T
    margin, spacing = tuple(reversed(margins)), tuple(reversed(steps))
    if not np.isfinite(heights).all():
        raise ValueError(
            "this function is not finite everywhere on the picture and around it, as far as the balls reach: "
            "choose another domain, or the playground, where it may have holes"
        )
    axes = tuple(cut(axis.numpy(), (m,)) for axis, m in zip(wide, margins, strict=True))
    picture = cut(heights, margin)
    if view.dim == 1:
        (slopes,) = slopes_of(view, (wide[0].numpy(),), heights, spacing)
    else:
        slopes = slopes_of(view, axes, picture, spacing)
    return Ground(
        axes=axes,
        heights=picture,
        slopes=slopes,
        spacing=spacing,
        wide=heights,
        margin=margin,
        note=coarse(loss, max(steps)),
    )


def slopes_of(
    view: View, axes: tuple[np.ndarray, ...], heights: np.ndarray, spacing: tuple[float, ...]
) -> np.ndarray:
    """λ∇f along the heights' sides (d, *S); at a kink, where it may be nan, the slope between neighbours."""
    points = torch.stack(torch.meshgrid(*(torch.from_numpy(axis) for axis in axes), indexing="xy"), -1)
    exact = view.scale * view.ground().gradient(points).movedim(-1, 0).flip(0).numpy()
    rough = [np.gradient(heights, step, axis=k) for k, step in enumerate(spacing)]
    return np.where(np.isfinite(exact), exact, rough)


def side(low: float, high: float, wavelength: float, dim: int) -> int:
    """How many points a side has."""
    points, least, most = FINEST[dim]
    return int(min(most, max(least, np.ceil(points * (high - low) / wavelength + 1))))


def coarse(loss: Landscape, spacing: float) -> str:
    """A sentence where a grid does not resolve the finest wavelength."""
    if 4 * spacing <= loss.finest_wavelength * (1 + 1e-9):
        return ""
    return (
        f"The finest wrinkles, {loss.finest_wavelength:.2g} long, are too fine for a grid of points "
        f"{spacing:.2g} apart: what is shown and measured is not all that there is."
    )


@st.cache_data(max_entries=KEPT, show_spinner=False)
def uncounted(view: View) -> str:
    """A sentence where a grid twice as fine has another number of local minima, as in a narrow valley."""
    loss, counts = view.ground(), []
    for finer in (1, 2):
        sides = [side(low, high, loss.finest_wavelength, view.dim) for low, high in loss.domain]
        axes = [
            torch.linspace(low, high, finer * (n - 1) + 1, dtype=DTYPE)
            for (low, high), n in zip(loss.domain, sides, strict=True)
        ]
        counts.append(rbo.local_minima(loss.grid(axes).numpy()))
    if max(counts) <= COUNTED * min(counts):
        return ""
    return (
        f"A grid twice as fine has {counts[1]} for the number of local minima, not {counts[0]}: this one is "
        "too coarse to count them."
    )


def note(ground: Ground, radius: float, far: bool, minima: str) -> str:
    """What the grid cannot show at this radius."""
    spacing, said = max(ground.spacing), [ground.note or minima]
    if radius < 2 * spacing:
        said.append(
            f"This ball is smaller than two cells of the grid, {spacing:.2g} each: its surfaces are coarse."
        )
    if far:
        said.append(
            "This ball reaches farther beyond the picture than the surface is followed: near the edges more "
            "is out of its reach than is shown."
        )
    return " ".join(filter(None, said))


def cut(array: np.ndarray, margin: tuple[int, ...]) -> np.ndarray:
    """An array less so many points on each side of its first axes."""
    index = tuple(slice(m, n - m) for m, n in zip(margin, array.shape, strict=False))
    return np.ascontiguousarray(array[index])
