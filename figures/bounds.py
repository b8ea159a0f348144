"""An inequality as it is drawn: curves between bounds, on one pair of axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from figures.theme import BALL, CENTER, POINT_METHODS, axis, layout, palette

MARKS = {"ball": BALL, "center": CENTER, "rule": POINT_METHODS["Gradient descent"]}
DASHES = ("dot", "dashdot", "dash", "longdash", "solid")  # of radii from small to large
FAINTEST = 0.45


@dataclass(frozen=True, eq=False)
class Line:
    """One curve.

    Args:
        name: what it is called.
        x, y: (n,)
        mark: how it is drawn, a name of MARKS.
        size: of one of several balls, from 0 for the smallest to 1: the larger, the stronger the line.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    mark: str = "ball"
    size: float | None = None


@dataclass(frozen=True, eq=False)
class Bounds:
    """Curves, the bounds that they keep, and what the axes are.

    Args:
        title, x_title, y_title: words.
        lines: the curves.
        low, high: bounds of all of them, numbers or (n,) over `at`; None for none.
        bound: what the bounds are called, low and high.
        at: (n,) where the bounds are drawn.
        points: places (x, y) to mark, and what they are called.
    """

    title: str
    x_title: str
    y_title: str
    lines: tuple[Line, ...]
    at: np.ndarray
    low: np.ndarray | float | None = None
    high: np.ndarray | float | None = None
    bound: tuple[str, str] = ("lower bound", "upper bound")
    points: tuple[tuple[float, float], ...] = ()
    points_name: str = ""


def figure(bounds: Bounds, theme: str = "light") -> go.Figure:
    """The curves with their bounds in the colour of the text, each with a dash of its own."""
    plot = go.Figure(layout=layout(theme))
    text = palette(theme).text
    both = zip(bounds.bound, (bounds.low, bounds.high), ("dot", "longdashdot"), strict=True)
    for name, values, dash in both:
        if values is not None:
            plot.add_scatter(
                x=bounds.at,
                y=np.broadcast_to(values, np.shape(bounds.at)),
                mode="lines",
                name=name,
                line={"color": text, "dash": dash, "width": 1.5},
            )
    for line in bounds.lines:
        mark = MARKS[line.mark]
        dash = mark.dash if line.size is None else DASHES[round(line.size * (len(DASHES) - 1))]
        plot.add_scatter(
            x=line.x,
            y=line.y,
            mode="lines",
            name=line.name,
            line={"color": mark.color(theme), "dash": dash, "width": 2},
            opacity=1 if line.size is None else FAINTEST + (1 - FAINTEST) * line.size,
        )
    if bounds.points:
        x, y = np.transpose(bounds.points)
        marker = {"color": BALL.color(theme), "size": 11, "line": {"color": text, "width": 1.5}}
        plot.add_scatter(x=x, y=y, mode="markers", name=bounds.points_name, marker=marker)
    plot.update_xaxes(axis(theme, bounds.x_title))
    plot.update_yaxes(axis(theme, bounds.y_title))
    legend = {"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top"}
    plot.update_layout(height=420, legend=legend, margin={"l": 10, "r": 10, "t": 10, "b": 10})
    return plot
