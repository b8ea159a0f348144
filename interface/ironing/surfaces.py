"""View -> what balls of a family of radii make of the landscape on a grid, cached."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import streamlit as st

import rbo
from interface import compute
from interface.ironing.ground import MARGIN_2D, Ground, cut, ground_of, note, uncounted
from interface.ironing.measures import Measured, measured
from interface.ironing.view import View, usual
from interface.pool import Lane, Task
from interface.shared import Shared

KEPT = 6  # families: up to 30 MB each
THEOREM = (0.01, 0.03, 0.1, 0.3, 1.0)  # of the domain's width: few radii, over two decades
PANELS = (0.01, 0.03, 0.08, 0.2, 0.5)  # likewise: from a ball that sees all to one that sees little


@dataclass(frozen=True, eq=False)
class Layers:
    """What balls of R radii make of a ground of shape S, named as in `figures.Profile` and `figures.Relief`.

    Args:
        axes, heights: of the ground.
        slopes: (N,) of a curve, else None.
        radii: (R,)
        centers, ironed, reachable: (R, *S); where the ball reaches the ground, it is ironed to itself.
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
        slopes=cut(ground.slopes, ground.margin) if view.dim == 1 else None,
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
    slopes = ground.slopes_around(margin)
    reached = rbo.rests(heights, slopes, ground.spacing, radius)
    here = cut(reached, margin) if slopes.ndim == 1 else reached
    found = {
        "centers": cut(seen.center, margin),
        "ironed": np.where(here, ground.heights, cut(seen.ironed, margin)),
        "reachable": here,
    }
    if slopes.ndim > 1:
        return found
    (x,), (step,) = ground.axes, ground.spacing
    touched = cut(rbo.touched(heights, step, radius, reached), margin)
    return found | {
        "touch": x[0] + (touched - margin[0]) * step,
        "turns": rbo.turning(found["centers"], step, radius),
    }
