"""Maps of many runs: the final loss over radius × rate, and how many ends the runs have.

A run that diverged is no loss: it has a colour of its own and a cross.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from figures.arrays import axis_length, own_arrays
from figures.theme import BALL, COLOR_MAP, POINT_METHODS, Mark, axis, layout, log_axis, palette

LOST = Mark("#B5418A", "#C9649F", "solid", "x")  # nothing else has this colour
HEIGHT = 470
DESCENT = POINT_METHODS["Gradient descent"]


@dataclass(frozen=True, eq=False)
class RateMap:
    """Final losses of R radii at L rates; rows that are not done are empty.

    Args:
        radii, rates: (R,), (L,) increasing, > 0.
        losses: (R, L), nan where a run diverged or is not done.
        diverged: (R, L) bool.
        done: (R,) bool.
        points: (L,) of gradient descent, nan where it diverged.
        points_diverged: (L,) bool.
        start: the loss at the start: what is worse is drawn as if it were that.

    Raises:
        ValueError: a field has the wrong shape; the message names it.
    """

    radii: np.ndarray
    rates: np.ndarray
    losses: np.ndarray
    diverged: np.ndarray
    done: np.ndarray
    points: np.ndarray
    points_diverged: np.ndarray
    start: float

    def __post_init__(self) -> None:
        balls, rates = axis_length("radii", self.radii, 2), axis_length("rates", self.rates, 2)
        own_arrays(self, {"losses": (balls, rates), "points": (rates,)})
        own_arrays(self, {"diverged": (balls, rates), "done": (balls,), "points_diverged": (rates,)}, bool)

    def best(self) -> tuple[int, int] | None:
        """Row and column of the lowest loss, None where nothing is known."""
        if np.isnan(self.losses).all():
            return None
        row, column = np.unravel_index(np.nanargmin(self.losses), self.losses.shape)
        return int(row), int(column)


def edges(values: np.ndarray) -> np.ndarray:
    """Borders (n + 1,) between n values that grow by factors.

    >>> edges(np.array([1.0, 4.0])).round(9).tolist()
    [0.5, 2.0, 8.0]
    """
    steps = np.log(values)
    middles = (steps[1:] + steps[:-1]) / 2
    return np.exp([2 * steps[0] - middles[0], *middles, 2 * steps[-1] - middles[-1]])


def rates_figure(found: RateMap, row: int, column: int, theme: str = "light") -> go.Figure:
    """The map with gradient descent as a row below it, and one cell framed.

    The last trace has one point a cell, radii after rates, for clicks.

    Args:
        found: the map.
        row, column: the framed cell.
        theme: 'light' or 'dark'.
    """
    plot = go.Figure(layout=layout(theme) | {"height": HEIGHT})
    ball, point = edges(found.radii), point_row(found.radii)
    span = _span(found)
    for name, y, losses, bar in (
        ("Gradient descent", point, found.points[None], False),
        ("Rolling ball", ball, found.losses, True),
    ):
        plot.add_trace(_losses(name, edges(found.rates), y, losses, span, bar))
    lost = [(found.rates[j], found.radii[i]) for i, j in np.argwhere(found.diverged)]
    lost += [(rate, np.sqrt(point.prod())) for rate in found.rates[found.points_diverged]]
    _diverged(plot, found, ball, point, lost, theme)
    plot.add_trace(_frame(found, row, column, theme))
    plot.add_trace(_cells(found))
    plot.update_xaxes(log_axis(theme, "learning rate η", found.rates[0], found.rates[-1]))
    plot.update_yaxes(log_axis(theme, "radius ρ", found.radii[0], found.radii[-1]))
    ticks = plot.layout.yaxis
    ticks.tickvals = (np.sqrt(point.prod()), *ticks.tickvals)
    ticks.ticktext = ("GD", *ticks.ticktext)
    plot.update_yaxes(range=np.log10([point[0], ball[-1]]))
    plot.update_xaxes(range=np.log10(edges(found.rates)[[0, -1]]))
    return plot


def point_row(radii: np.ndarray) -> np.ndarray:
    """Borders of the row of gradient descent, below all radii with a gap."""
    ball = edges(radii)
    factor = max(ball[1] / ball[0], (radii[-1] / radii[0]) ** 0.05)
    top = ball[0] / factor**0.3
    return np.array([top / factor, top])


def _span(found: RateMap) -> tuple[float, float]:
    known = np.concatenate([found.losses.ravel(), found.points])
    known = known[np.isfinite(known)]
    low = float(known.min()) if known.size else found.start - 1
    return low, max(found.start, low + 1e-9 * max(1.0, abs(low)))


def shade(losses: np.ndarray, span: tuple[float, float]) -> np.ndarray:
    """Where losses lie on the colour map, from 0 to 1: by the root, so that low ones are told apart.

    >>> shade(np.array([1.0, 2.0, 5.0, 9.0]), (1.0, 5.0)).tolist()
    [0.0, 0.5, 1.0, 1.0]
    """
    low, high = span
    return np.sqrt(np.clip((losses - low) / (high - low), 0, 1))


def _losses(
    name: str, x: np.ndarray, y: np.ndarray, losses: np.ndarray, span: tuple[float, float], bar: bool
) -> go.Heatmap:
    places = np.linspace(0, 1, 6)
    values = span[0] + (span[1] - span[0]) * places**2
    texts = [f"{value:.2g}".replace("-", "−") for value in values]
    return go.Heatmap(
        x=x,
        y=y,
        z=shade(losses, span),
        zmin=0,
        zmax=1,
        customdata=losses,
        colorscale=COLOR_MAP,
        showscale=bar,
        colorbar={
            "title": {"text": "final<br>loss", "side": "top"},
            "thickness": 12,
            "outlinewidth": 0,
            "tickvals": places,
            "ticktext": [*texts[:-1], f"≥ {texts[-1]}"],
        },
        name=name,
        hoverinfo="skip" if bar else None,
        hovertemplate=None if bar else "gradient descent<br>loss %{customdata:.4g}<extra></extra>",
        hoverongaps=False,
    )


def _diverged(
    plot: go.Figure, found: RateMap, ball: np.ndarray, point: np.ndarray, at: list, theme: str
) -> None:
    color = LOST.color(theme)
    for y, where in ((ball, found.diverged), (point, found.points_diverged[None])):
        plot.add_heatmap(
            x=edges(found.rates),
            y=y,
            z=np.where(where, 1.0, np.nan),
            colorscale=[[0, color], [1, color]],
            showscale=False,
            hoverinfo="skip",
            name="diverged",
        )
    if at:
        x, y = zip(*at, strict=True)
        plot.add_scatter(
            x=x,
            y=y,
            mode="markers",
            name="diverged",
            showlegend=True,
            hoverinfo="skip",
            marker={"symbol": "x-thin", "size": 7, "line": {"width": 1.2, "color": "#FFFFFF"}},
        )
        plot.data[-1].showlegend = False
        key = {"symbol": "square-x", "size": 12, "color": color, "line": {"color": "#FFFFFF", "width": 1}}
        plot.add_scatter(x=[None], y=[None], mode="markers", name="diverged", marker=key)


def _frame(found: RateMap, row: int, column: int, theme: str) -> go.Scatter:
    (left, right), (low, high) = edges(found.rates)[[column, column + 1]], edges(found.radii)[[row, row + 1]]
    return go.Scatter(
        x=[left, right, right, left, left],
        y=[low, low, high, high, low],
        mode="lines",
        line={"color": BALL.color(theme), "width": 3},
        name="the cell below",
        hoverinfo="skip",
    )


def _cells(found: RateMap) -> go.Scatter:
    """An invisible point in the middle of each cell."""
    rates, radii = np.meshgrid(found.rates, found.radii)
    texts = [_cell(found, i, j) for i, j in np.ndindex(found.losses.shape)]
    return go.Scatter(
        x=rates.ravel(),
        y=radii.ravel(),
        mode="markers",
        marker={"symbol": "square", "size": 18, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        text=texts,
        hovertemplate="ρ %{y:.3g}, η %{x:.3g}<br>%{text}<extra></extra>",
        name="cells",
        showlegend=False,
    )


def _cell(found: RateMap, row: int, column: int) -> str:
    if not found.done[row]:
        return "not computed yet"
    return "diverged" if found.diverged[row, column] else f"loss {found.losses[row, column]:.4g}"


def describe_rates(found: RateMap) -> str:
    """The map in words: its extent, its best run, how many diverged."""
    best, runs = found.best(), int(found.done.sum()) * len(found.rates)
    said = (
        f"Final loss over radius {found.radii[0]:.3g} to {found.radii[-1]:.3g} and learning rate "
        f"{found.rates[0]:.3g} to {found.rates[-1]:.3g}; {int(found.diverged.sum())} of {runs} runs diverged."
    )
    if best is None:
        return said
    lowest = found.losses[best]
    return (
        f"{said} The lowest loss, {lowest:.4g}, is at radius {found.radii[best[0]]:.3g} and rate "
        f"{found.rates[best[1]]:.3g}; the loss at the start is {found.start:.4g}."
    )


@dataclass(frozen=True, eq=False)
class Counts:
    """How many distinct ends balls of R radii have, from one grid of starts.

    Args:
        radii: (R,) increasing, > 0; as many as are known.
        ends, moving, diverged: (R,) distinct ends; starts whose run was still moving, or diverged.
        point: the same three of gradient descent.
        starts: how many starts there are.
    """

    radii: np.ndarray
    ends: np.ndarray
    moving: np.ndarray
    diverged: np.ndarray
    point: tuple[int, int, int]
    starts: int

    def __post_init__(self) -> None:
        count = axis_length("radii", self.radii, 0)
        own_arrays(self, dict.fromkeys(("ends", "moving", "diverged"), (count,)), int)


def counts_figure(found: Counts, span: tuple[float, float], radius: float, theme: str = "light") -> go.Figure:
    """Distinct ends against the radius, with gradient descent as a level.

    Args:
        found: the counts.
        span: least and greatest radius of the axis.
        radius: where a line stands.
        theme: 'light' or 'dark'.
    """
    plot = go.Figure(layout=layout(theme) | {"height": 330})
    for name, mark, x, y in (
        ("Gradient descent", DESCENT, list(span), [found.point[0]] * 2),
        ("Rolling ball", BALL, found.radii, found.ends),
    ):
        color = mark.color(theme)
        plot.add_scatter(
            x=x,
            y=y,
            mode="lines+markers",
            name=name,
            line={"color": color, "dash": mark.dash, "width": 2.5},
            marker={"symbol": mark.symbol, "size": 9, "color": color},
            cliponaxis=False,
            hovertemplate="ρ %{x:.3g}: %{y} ends<extra></extra>",
        )
    plot.add_vline(x=radius, line={"color": palette(theme).text, "width": 1, "dash": "dot"})
    plot.update_xaxes(log_axis(theme, "radius ρ", *span))
    plot.update_yaxes(axis(theme, f"distinct ends of {found.starts} starts", rangemode="tozero"))
    return plot


def describe_counts(found: Counts) -> str:
    """The counts in words."""
    parts = [f"{ends} at ρ = {radius:.3g}" for radius, ends in zip(found.radii, found.ends, strict=True)]
    return (
        f"Distinct ends from {found.starts} starts: gradient descent {found.point[0]}, "
        f"the ball {', '.join(parts) or 'not counted yet'}."
    )
