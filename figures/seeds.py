"""Numbers over several seeds under a few conditions: a point a seed, a line through the points of one seed, a
bar at the mean of each condition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from figures.arrays import own_arrays
from figures.comparison import broken
from figures.panels import Panels
from figures.theme import BALL, RAW, axis, palette

PANEL = 250  # pixels high
BAR = 0.22  # half of the length of a bar, in units of the distance of two conditions


@dataclass(frozen=True, eq=False)
class Seeds:
    """M numbers of S seeds under K conditions.

    Args:
        conditions: what the K conditions are called.
        names: what the M numbers are.
        values: (M, K, S), a seed at the same place under all conditions.
        shown: condition and place of the seed that the page shows.
        across: what the conditions are values of, or ''.

    Raises:
        ValueError: values have another shape, or none is at `shown`.
    """

    conditions: tuple[str, ...]
    names: tuple[str, ...]
    values: np.ndarray
    shown: tuple[int, int]
    across: str = ""

    def __post_init__(self) -> None:
        seeds = np.shape(self.values)[-1]
        own_arrays(self, {"values": (len(self.names), len(self.conditions), seeds)})
        if not (0 <= self.shown[0] < len(self.conditions) and 0 <= self.shown[1] < seeds):
            raise ValueError(f"shown must be a condition and a seed of the values, got {self.shown}")

    @property
    def means(self) -> np.ndarray:
        """(M, K), over the seeds."""
        return self.values.mean(-1)


def figure(shown: Seeds, theme: str = "light") -> go.Figure:
    """A panel a number."""
    plot = Panels(list(shown.names), PANEL, 90, theme, horizontal_spacing=0.12)
    at = np.arange(len(shown.conditions), dtype=float)
    labels = {
        "tickvals": at,
        "ticktext": [broken(name) for name in shown.conditions],
        "range": [-0.5, len(at) - 0.5],
    }
    for k in range(len(shown.names)):
        _seeds(plot, k, shown, at)
        _means(plot, k, shown, at)
        _shown(plot, k, shown)
        plot.set_axes(k, axis(theme, shown.across, **labels), axis(theme, "", rangemode="tozero", nticks=5))
    return plot.figure()


def _seeds(plot: Panels, k: int, shown: Seeds, at: np.ndarray) -> None:
    """All seeds in one trace: their lines are apart where there is no number."""
    lines = np.column_stack([shown.values[k].T, np.full(shown.values.shape[-1], np.nan)])  # (S, K + 1)
    color = RAW.color(plot.theme)
    plot.add(
        k,
        x=np.tile(np.append(at, np.nan), len(lines)),
        y=lines.ravel(),
        mode="lines+markers",
        name="a seed",
        legendgroup="a seed",
        showlegend=k == 0,
        opacity=0.65,
        line={"color": color, "width": 0.8},
        marker={"color": color, "size": 6},
        cliponaxis=False,
    )


def _means(plot: Panels, k: int, shown: Seeds, at: np.ndarray) -> None:
    x = np.column_stack([at - BAR, at + BAR, np.full(len(at), np.nan)]).ravel()
    y = np.column_stack([shown.means[k], shown.means[k], np.full(len(at), np.nan)]).ravel()
    plot.add(
        k,
        x=x,
        y=y,
        mode="lines",
        name="their mean",
        legendgroup="their mean",
        showlegend=k == 0,
        line={"color": palette(plot.theme).text, "width": 3.5},
    )


def _shown(plot: Panels, k: int, shown: Seeds) -> None:
    condition, seed = shown.shown
    plot.add(
        k,
        x=[float(condition)],
        y=[float(shown.values[k, condition, seed])],
        mode="markers",
        name="the one above",
        legendgroup="the one above",
        showlegend=k == 0,
        cliponaxis=False,
        marker={"color": BALL.color(plot.theme), "size": 11, "symbol": "circle-open", "line": {"width": 3}},
    )


def describe(shown: Seeds) -> str:
    """The means in words."""
    parts = [
        f"{name} {', '.join(f'{mean:.3g} ({c})' for mean, c in zip(means, shown.conditions, strict=True))}"
        for name, means in zip(shown.names, shown.means, strict=True)
    ]
    return f"Means of {shown.values.shape[-1]} seeds: {'; '.join(parts)}."


def numbers(shown: Seeds) -> list[dict[str, str]]:
    """Everything that is drawn as rows of a table, one a seed and condition."""
    return [
        {"seed": str(seed), "network": condition}
        | {name: f"{shown.values[m, k, seed]:.3g}" for m, name in enumerate(shown.names)}
        for seed in range(shown.values.shape[-1])
        for k, condition in enumerate(shown.conditions)
    ]
