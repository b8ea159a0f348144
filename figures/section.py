"""The vertical section through the ball along its direction of travel: a circle on a curve, true aspect.

Along u = (x - c)·e, with c the centre seen from above and e the direction of the next step, the ball is a
full circle of radius ρ. A rigid ball with one contact moves along -∇f(contact), and its contact lies behind
it in just that direction: the circle touches the curve. With several, the plane may pass between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from scipy.ndimage import map_coordinates

from figures.film import Film
from figures.theme import BALL, axis, layout, palette

CIRCLE_POINTS = 181
IN_PLANE = 0.02  # of the radius: nearer than this, a contact counts as in the plane


@dataclass(frozen=True, eq=False)
class Section:
    """The landscape cut by the plane of travel, in lengths u along it and heights λf.

    u (S,) and heights (S,), NaN outside the domain; direction (2,) of u in (x, y); center (2,) and contact
    (2,) as (u, height); circle (K, 2) of the ball; contact_offset, how far the contact is from the plane.
    """

    u: np.ndarray
    heights: np.ndarray
    direction: np.ndarray
    center: np.ndarray
    contact: np.ndarray
    circle: np.ndarray
    contact_offset: float


def travel_direction(centers: np.ndarray, step: int) -> np.ndarray:
    """(2,) unit vector of the next move of a ball seen from above; of the last one where it rests.

    Args:
        centers: (T+1, 3).
        step: frame at which to look.
    """
    moves = np.diff(centers[:, :2], axis=0)
    lengths = np.linalg.norm(moves, axis=-1)
    moving = np.flatnonzero(lengths > 1e-12 * max(1.0, np.abs(centers[:, :2]).max()))
    if not moving.size:
        return np.array([1.0, 0.0])
    index = moving[min(np.searchsorted(moving, step), moving.size - 1)]
    return moves[index] / lengths[index]


def heights_along(film: Film, points: np.ndarray) -> np.ndarray:
    """Heights of the landscape at points (S, 2), cubic between grid points; NaN outside the domain, (S,)."""
    column = np.interp(points[:, 0], film.x, np.arange(film.x.size), left=np.nan, right=np.nan)
    row = np.interp(points[:, 1], film.y, np.arange(film.y.size), left=np.nan, right=np.nan)
    inside = np.isfinite(column) & np.isfinite(row)
    order = 3 if np.isfinite(film.heights).all() else 1  # a spline would spread one NaN over the whole grid
    heights = np.full(len(points), np.nan)
    places = np.stack([row[inside], column[inside]])
    heights[inside] = map_coordinates(film.heights, places, order=order, mode="mirror")
    return heights


def section_curve(
    film: Film, radius_index: int, step: int, half_width: float | None = None, samples: int = 601
) -> Section:
    """Cut the landscape along the direction of travel of ball `radius_index` at `step`.

    Args:
        film: a run.
        radius_index: which ball.
        step: which frame.
        half_width: how far the section reaches on either side of the centre; by default 2.5 radii, and at
            least a tenth of the domain.
        samples: points of the curve.
    """
    film.check_index(radius_index, step)
    radius, center = film.radii[radius_index], film.centers[radius_index, step]
    direction = travel_direction(film.centers[radius_index], step)
    reach = half_width or max(2.5 * radius, 0.1 * max(np.ptp(film.x), np.ptp(film.y)))
    u = np.linspace(-reach, reach, samples)
    behind = film.contacts[radius_index, step] - center  # (3,)
    along = float(behind[:2] @ direction)
    turn = np.linspace(0, 2 * np.pi, CIRCLE_POINTS)
    return Section(
        u=u,
        heights=heights_along(film, center[:2] + u[:, None] * direction),
        direction=direction,
        center=np.array([0.0, center[2]]),
        contact=np.array([along, center[2] + behind[2]]),
        circle=np.stack([radius * np.cos(turn), center[2] + radius * np.sin(turn)], -1),
        contact_offset=float(abs(behind[0] * direction[1] - behind[1] * direction[0])),
    )


def figure(film: Film, radius_index: int, step: int, theme: str = "light") -> go.Figure:
    """The section with the ball's circle, centre and contact; an open symbol for a contact off the plane."""
    cut = section_curve(film, radius_index, step)
    color, colors = BALL.color(theme), palette(theme)
    in_plane = cut.contact_offset <= IN_PLANE * film.radii[radius_index]
    surface = {"color": colors.text, "width": 2}
    dot = {"color": color, "size": 9, "symbol": BALL.symbol if in_plane else f"{BALL.symbol}-open"}
    plot = go.Figure(layout=layout(theme, "Section along the direction of travel"))
    plot.add_scatter(x=cut.u, y=cut.heights, mode="lines", line=surface, name="Landscape")
    plot.add_scatter(
        x=cut.circle[:, 0], y=cut.circle[:, 1], mode="lines", line={"color": color, "width": 3}, name="Ball"
    )
    plot.add_scatter(
        x=cut.center[:1],
        y=cut.center[1:],
        mode="markers",
        name="Centre",
        marker={"color": color, "symbol": "cross"},
    )
    plot.add_scatter(x=cut.contact[:1], y=cut.contact[1:], mode="markers", name="Contact", marker=dot)
    plot.update_xaxes(axis(theme, "distance along the direction of travel"))
    plot.update_yaxes(axis(theme, "λf", scaleanchor="x", scaleratio=1))
    return plot


def describe(film: Film, radius_index: int, step: int) -> str:
    """The section in words."""
    cut = section_curve(film, radius_index, step)
    radius, clearance = film.radii[radius_index], film.clearance[radius_index, step]
    if cut.contact_offset > IN_PLANE * radius:
        where = f"its contact lies {cut.contact_offset:.3g} beside this plane"
    else:
        where = f"the circle touches the landscape {abs(cut.contact[0]):.3g} " + (
            "behind the centre" if cut.contact[0] <= 0 else "ahead of the centre"
        )
    return (
        f"Vertical section along the direction of travel ({cut.direction[0]:.2f}, {cut.direction[1]:.2f}) at "
        f"step {step}: a circle of radius {radius:.3g} with its centre at height {cut.center[1]:.3g}; "
        f"{where}. Clearance {clearance:.2g}."
    )
