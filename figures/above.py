"""The landscape from above: level lines, the paths, the start, and the ball's shadow drawn to scale."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from figures.film import Film
from figures.surface import thinned
from figures.theme import BALL, CENTER, COLOR_MAP, Mark, axis, layout, marked, palette

LARGEST_SIDE = 257  # grid points a side; more is not seen at the size of a figure
LEVELS = 18


def figure(film: Film, radius_index: int, step: int, theme: str = "light") -> go.Figure:
    """Contours with the paths up to `step`, the start as a ring and the circle of ball `radius_index`."""
    film.check_index(radius_index, step)
    plot = go.Figure(layout=layout(theme, film.title))
    plot.add_trace(contours(film))
    now = min(step, int(film.ends[radius_index]))
    _add_path(plot, "Centre", CENTER, theme, film.centers[radius_index, : now + 1])
    _add_path(plot, "Rolling ball", BALL, theme, film.contacts[radius_index, : now + 1])
    for path, mark in marked(film.points):
        last = min(step, path.end)
        _add_path(plot, path.name, mark, theme, path.contacts[: last + 1])
    plot.add_trace(_shadow(film, radius_index, step, theme))
    plot.add_trace(_start(film, theme))
    plot.update_xaxes(axis(theme, "x", range=[film.x[0], film.x[-1]], constrain="domain"))
    plot.update_yaxes(axis(theme, "y", range=[film.y[0], film.y[-1]], scaleanchor="x", constrain="domain"))
    return plot


def contours(film: Film) -> go.Contour:
    """Level lines of λf over its colours."""
    x, y, heights = thinned(film.x, film.y, film.heights, LARGEST_SIDE)
    return go.Contour(
        x=x,
        y=y,
        z=heights,
        colorscale=COLOR_MAP,
        opacity=0.85,
        ncontours=LEVELS,
        contours={"coloring": "heatmap"},
        line={"width": 0.6, "color": "rgba(255,255,255,0.55)"},
        colorbar={"title": {"text": "λf"}, "thickness": 10, "outlinewidth": 0, "len": 0.8},
        hovertemplate="x %{x:.3g}, y %{y:.3g}<br>λf %{z:.4g}<extra></extra>",
        name="Landscape",
    )


def _add_path(plot: go.Figure, name: str, mark: Mark, theme: str, points: np.ndarray) -> None:
    """A path seen from above, and its symbol at the tip."""
    color = mark.color(theme)
    x, y = points[:, 0], points[:, 1]
    line = {"color": color, "dash": mark.dash, "width": 3}
    tip = {"color": color, "symbol": mark.symbol, "size": 10, "line": {"color": "#FFFFFF", "width": 1}}
    plot.add_scatter(x=x, y=y, mode="lines", name=name, legendgroup=name, line=line)
    plot.add_scatter(
        x=x[-1:], y=y[-1:], mode="markers", name=name, legendgroup=name, showlegend=False, marker=tip
    )


def _shadow(film: Film, radius_index: int, step: int, theme: str) -> go.Scatter:
    turn = np.linspace(0, 2 * np.pi, 91)
    center, radius = film.centers[radius_index, step], film.radii[radius_index]
    return go.Scatter(
        x=center[0] + radius * np.cos(turn),
        y=center[1] + radius * np.sin(turn),
        mode="lines",
        name="Ball from above",
        line={"color": BALL.color(theme), "width": 2},
        fill="toself",
        fillcolor="rgba(232,112,26,0.18)",
        hoverinfo="skip",
    )


def _start(film: Film, theme: str) -> go.Scatter:
    return go.Scatter(
        x=film.start[:1],
        y=film.start[1:2],
        mode="markers",
        name="Start",
        marker={
            "symbol": "circle-open",
            "size": 14,
            "color": palette(theme).text,
            "line": {"width": 2.5, "color": palette(theme).text},
        },
    )


def describe(film: Film, radius_index: int, step: int) -> str:
    """The view from above in words: where everything is."""
    film.check_index(radius_index, step)
    x, y, _ = film.start
    contact = film.contacts[radius_index, step]
    places = [
        f"the ball of radius {film.radii[radius_index]:.3g} touches at ({contact[0]:.3g}, {contact[1]:.3g})"
    ]
    places += [f"{p.name} is at ({p.contacts[step, 0]:.3g}, {p.contacts[step, 1]:.3g})" for p in film.points]
    name = f"{film.title} seen from above" if film.title else "The landscape seen from above"
    domain = f"x from {film.x[0]:g} to {film.x[-1]:g}, y from {film.y[0]:g} to {film.y[-1]:g}"
    return f"{name}, {domain}. Start at ({x:.3g}, {y:.3g}). At step {step} {' and '.join(places)}."
