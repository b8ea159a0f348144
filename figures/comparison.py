"""Optimisers compared: accuracy with its spread over seeds, where one thing or another is made equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from figures.arrays import own_arrays
from figures.theme import BALL, POINT_METHODS, Mark, axis, layout

MARKS = {
    "SGD": POINT_METHODS["Gradient descent"],
    "SGD with momentum": POINT_METHODS["Adam"],
    "AdamW": POINT_METHODS["Nesterov"],
    "Entropy-SGD": POINT_METHODS["Momentum"],
    "SAM": Mark("#8E1B1B", "#E5484D", "dash", "triangle-up"),
    "RBO": BALL,
    "RBO, loss scale 0.1": Mark(BALL.light, BALL.dark, "longdash", "circle-x"),
    "RBO, early stop": Mark(BALL.light, BALL.dark, "dash", "circle-open"),
    "RBO, shrinking ball": Mark(BALL.light, BALL.dark, "dot", "circle-dot"),
}
BETWEEN = 0.24  # of the distance between two methods
ROW, ROOM = 52, 110  # pixels: of a method, and of what is around them


@dataclass(frozen=True, eq=False)
class Comparison:
    """Accuracies of M methods under K ways to compare them.

    Args:
        methods: M names.
        ways: K names of what is made equal.
        means, deviations: (M, K) in %, over seeds; the deviation of one seed is nan.

    Raises:
        ValueError: a field has the wrong shape; the message names it.
    """

    methods: tuple[str, ...]
    ways: tuple[str, ...]
    means: np.ndarray
    deviations: np.ndarray

    def __post_init__(self) -> None:
        own_arrays(self, dict.fromkeys(("means", "deviations"), (len(self.methods), len(self.ways))))


def figure(shown: Comparison, theme: str = "light") -> go.Figure:
    """A row a method, in it a point a way, with a bar of one standard deviation on either side."""
    height = ROOM + ROW * len(shown.methods)
    plot = go.Figure(layout=layout(theme) | {"height": height})
    looks = (("circle", "Adam"), ("diamond", "Gradient descent"), ("square", "Momentum"))
    rows = np.arange(len(shown.methods), dtype=float)
    for k, way in enumerate(shown.ways):
        symbol, name = looks[k % len(looks)]
        color = POINT_METHODS[name].color(theme)
        plot.add_scatter(
            x=shown.means[:, k],
            y=rows + BETWEEN * (k - (len(shown.ways) - 1) / 2),
            error_x={"array": shown.deviations[:, k], "thickness": 1.6, "width": 4, "color": color},
            mode="markers",
            name=way,
            text=list(shown.methods),
            marker={"symbol": symbol, "size": 9, "color": color},
            hovertemplate="%{text}: %{x:.2f} %<extra>" + way + "</extra>",
        )
    plot.update_xaxes(axis(theme, "accuracy on test images in %", nticks=6))
    labels = {"tickvals": rows, "ticktext": [broken(name) for name in shown.methods]}
    plot.update_yaxes(axis(theme, "", range=[len(rows) - 0.5, -0.5], **labels))
    return plot


def broken(name: str) -> str:
    """A long name in two lines.

    >>> broken("SGD with momentum"), broken("SAM")
    ('SGD<br>with momentum', 'SAM')
    """
    return name.replace(" ", "<br>", 1) if len(name) > 11 else name


@dataclass(frozen=True, eq=False)
class Curve:
    """The mean accuracy of a method over what it has spent.

    Args:
        name: of the method.
        spent, means, deviations: (N,)
    """

    name: str
    spent: np.ndarray
    means: np.ndarray
    deviations: np.ndarray

    def __post_init__(self) -> None:
        own_arrays(self, dict.fromkeys(("spent", "means", "deviations"), (len(self.spent),)))


def curves(shown: tuple[Curve, ...], against: str, theme: str = "light") -> go.Figure:
    """A line a method with its points' symbol at the end, and a band of one standard deviation."""
    plot = go.Figure(layout=layout(theme) | {"height": 420})
    for curve in shown:
        mark = MARKS.get(curve.name, MARKS["SGD"])
        color = mark.color(theme)
        band = np.concatenate([curve.means + curve.deviations, (curve.means - curve.deviations)[::-1]])
        plot.add_scatter(
            x=np.concatenate([curve.spent, curve.spent[::-1]]),
            y=band,
            fill="toself",
            fillcolor=color,
            opacity=0.12,
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
            legendgroup=curve.name,
            name=curve.name,
        )
        size = [0] * (len(curve.spent) - 1) + [9]
        plot.add_scatter(
            x=curve.spent,
            y=curve.means,
            mode="lines+markers",
            name=curve.name,
            legendgroup=curve.name,
            line={"color": color, "dash": mark.dash, "width": 2.2},
            marker={"symbol": mark.symbol, "size": size, "color": color},
        )
    lows = [float(np.min(curve.means - curve.deviations)) for curve in shown if len(curve.means)]
    floor = max(0.0, min(lows, default=0.0) - 2)
    plot.update_xaxes(axis(theme, against, rangemode="tozero"))
    plot.update_yaxes(axis(theme, "accuracy in %", range=[floor, 101]))
    return plot


def describe(shown: Comparison) -> str:
    """All numbers of the comparison in words."""
    parts = []
    for method, means, deviations in zip(shown.methods, shown.means, shown.deviations, strict=True):
        numbers = [
            f"{mean:.1f}{'' if np.isnan(deviation) else f' ± {deviation:.1f}'} {way}"
            for way, mean, deviation in zip(shown.ways, means, deviations, strict=True)
        ]
        parts.append(f"{method} {', '.join(numbers)}")
    return f"Accuracy in %: {'; '.join(parts)}."
