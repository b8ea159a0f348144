"""View -> the landscape on a grid, and what balls of a family of radii make of it, cached.

The landscape does not end at the edge of the picture, so neither does what is ironed: centres are followed
one radius beyond the edge, and the heights under them one more. Cut back, all is right up to the edge.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

import rbo
from interface import compute
from interface.compute import DTYPE
from interface.ironing.measures import Measured, measured
from interface.ironing.view import View, usual
from interface.pool import Lane, Task
from interface.shared import Shared
from landscapes import Landscape

KEPT = 6  # families: up to 30 MB each
FINEST = {1: (8, 961, 2401), 2: (4, 193, 257)}  # by dim: points a wavelength, least and most points a side
MARGIN_2D = 0.5  # of the domain's width: the farthest that a surface is followed beyond its picture
COUNTED = 1.25  # by what factor two grids may differ in the number of local minima
THEOREM = (0.01, 0.03, 0.1, 0.3, 1.0)  # of the domain's width: few radii, over two decades
PANELS = (0.01, 0.03, 0.08, 0.2, 0.5)  # likewise: from a ball that sees all to one that sees little


@dataclass(frozen=True, eq=False)
class Ground:
    """Heights λf on the grid of the picture, and around it.

    Args:
        axes: x, or x and y, of the picture.
        heights: (N,) or (ny, nx).
        slopes: of a curve, at all points of `wide`; else None.
        spacing: of the heights' sides, in their order.
        wide: the heights with `margin` further points around them, on each side of each axis.
        margin: likewise in the heights' order.
        note: a sentence where the grid is too coarse for the landscape, else ''.
    """

    axes: tuple[np.ndarray, ...]
    heights: np.ndarray
    slopes: np.ndarray | None
    spacing: tuple[float, ...]
    wide: np.ndarray
    margin: tuple[int, ...]
    note: str

    def around(self, margin: tuple[int, ...]) -> np.ndarray:
        """The heights with a margin of so many points."""
        return cut(self.wide, tuple(most - own for most, own in zip(self.margin, margin, strict=True)))


@dataclass(frozen=True, eq=False)
class Layers:
    """What balls of R radii make of a ground of shape S, named as in `figures.Profile` and `figures.Relief`.

    Args:
        axes, heights, slopes: of the ground.
        radii: (R,)
        centers, ironed, reachable: (R, *S); a curve is ironed to itself where the ball reaches it, a surface
            where the ball reaches all of it.
        touch, turns: (R, N, 2) and (R, N) of a curve, else None.
        notes: R sentences, or ''.
        raw: measures of the heights.
        measures: of the ironed surface of each radius.
    """

    axes: tuple[np.ndarray, ...]
    heights: np.ndarray
    slopes: np.ndarray | None
    radii: np.ndarray
    centers: np.ndarray
    ironed: np.ndarray
    reachable: np.ndarray
    touch: np.ndarray | None
    turns: np.ndarray | None
    notes: tuple[str, ...]
    raw: Measured
    measures: tuple[Measured, ...]


def ironing(view: View) -> View:
    """What the surfaces depend on besides the radius; all else has its usual value, and so plays no part."""
    cut = view.section if view.dim == 1 else usual(view.landscape, dict(view.parameters)).section
    return usual(view.landscape, dict(view.parameters), dim=view.dim, section=cut, scale=view.scale)


@st.cache_resource(show_spinner=False)
def kept() -> tuple[Shared, Shared]:
    """The families that have lately been computed, for any session, and what has fewer radii."""
    return Shared(KEPT), Shared(8 * KEPT)


def forget() -> None:
    """Nothing is computed yet."""
    for shared in kept():
        shared.clear()


def has_family(view: View) -> bool:
    """Whether the family of a view costs no time."""
    ready = kept()[0].has(_owner(ironing(view), compute.family_radii(view)))
    return ready and (not runs(view) or compute.has_family(view))


def prepare(view: View) -> None:
    """Compute the family of a view, and that of its paths where they are shown."""
    family(ironing(view))
    if runs(view):
        compute.balls(view)


def runs(view: View) -> bool:
    """Whether balls run over the surface."""
    return view.dim == 2 and view.paths


def family(view: View) -> Layers:
    """The radii of the playground's family."""
    radii = compute.family_radii(view)
    return kept()[0].get(Task(ironed, (view, radii), Lane.NEXT, _owner(view, radii)))


def alone(view: View, radius: float) -> Layers:
    """One radius; the view's own plays no part."""
    return _few(view, (radius,))


def spread(view: View, shares: tuple[float, ...]) -> Layers:
    """Few radii, given as shares of the domain's width."""
    low, high = view.ground().domain[0]
    return _few(view, tuple(float(f"{share * (high - low):.2g}") for share in shares))


def _few(view: View, radii: tuple[float, ...]) -> Layers:
    return kept()[1].get(Task(ironed, (view, radii), Lane.SHOWN, _owner(view, radii)))


def _owner(view: View, radii: tuple[float, ...]) -> Hashable:
    return "layers", view, radii


def ironed(work: tuple[View, tuple[float, ...]]) -> Layers:
    """What a process computes: the landscape of a view, ironed with some radii."""
    return iron(*work)


def iron(view: View, radii: tuple[float, ...]) -> Layers:
    """Iron the landscape of a view with balls of growing radii."""
    ground = ground_of(view, max(radii))
    layers = [layer(ground, radius) for radius in radii]
    rows = {name: np.stack([one[name] for one in layers]) for name in layers[0]}
    width = max(axis[-1] - axis[0] for axis in ground.axes)
    return Layers(
        axes=ground.axes,
        heights=ground.heights,
        slopes=None if ground.slopes is None else cut(ground.slopes, ground.margin),
        radii=np.array(radii),
        **({"touch": None, "turns": None} | rows),
        notes=tuple(
            note(ground, radius, view.dim == 2 and radius > MARGIN_2D * width / 2, uncounted(view))
            for radius in radii
        ),
        raw=measured(ground.heights, ground.spacing, np.ones_like(ground.heights, dtype=bool)),
        measures=tuple(measured(one["ironed"], ground.spacing, one["reachable"]) for one in layers),
    )


def layer(ground: Ground, radius: float) -> dict[str, np.ndarray]:
    """The surfaces of one radius, cut back to the picture."""
    reach = [int(np.ceil(2 * radius / step)) for step in ground.spacing]
    margin = tuple(min(cells, most) for cells, most in zip(reach, ground.margin, strict=True))
    heights = ground.around(margin)
    seen = rbo.iron(heights, ground.spacing, radius)
    found = {
        "centers": cut(seen.center, margin),
        "ironed": cut(seen.ironed, margin),
        "reachable": cut(seen.reachable, margin),
    }
    if ground.slopes is None:
        if found["reachable"].all():  # then the grid's closing is only a little above it, but bent
            found["ironed"] = ground.heights
        return found
    (x,), (step,) = ground.axes, ground.spacing
    slopes = cut(ground.slopes, tuple(most - own for most, own in zip(ground.margin, margin, strict=True)))
    reached = rbo.rests(heights, slopes, step, radius)
    found["ironed"] = np.where(cut(reached, margin), ground.heights, found["ironed"])
    touched = cut(rbo.touched(heights, step, radius, reached), margin)
    return found | {
        "reachable": cut(reached, margin),
        "touch": x[0] + (touched - margin[0]) * step,
        "turns": rbo.turning(found["centers"], step, radius),
    }


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
    margin = tuple(reversed(margins))
    if not np.isfinite(heights).all():
        raise ValueError(
            "this function is not finite everywhere on the picture and around it, as far as the balls reach: "
            "choose another domain, or the playground, where it may have holes"
        )
    return Ground(
        axes=tuple(cut(axis.numpy(), (m,)) for axis, m in zip(wide, margins, strict=True)),
        heights=cut(heights, margin),
        slopes=view.scale * loss.gradient(wide[0][:, None])[:, 0].numpy() if view.dim == 1 else None,
        spacing=tuple(reversed(steps)),
        wide=heights,
        margin=margin,
        note=coarse(loss, max(steps)),
    )


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


@st.cache_data(max_entries=4 * KEPT, show_spinner=False)
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
