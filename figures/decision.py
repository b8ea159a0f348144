"""What a network predicts while its weights move: a decision boundary, or a confusion matrix, frame by frame.

All frames are in the figure, and its slider shows them without a word to the server.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from figures.arrays import axis_length, own_arrays
from figures.theme import BALL, axis, layout, palette

CLASSES = (("#0B3C6F", "circle"), ("#B08900", "square"))  # dark ends of the map, and a symbol each
FILL = {"light": ("#9DB4CE", "#F4F2EE", "#EBD98F"), "dark": ("#2C4564", "#23222A", "#6B5A1C")}
INK = {"light": ("#0B3C6F", "#7A5C00"), "dark": ("#9CC4F2", "#F2D36B")}


@dataclass(frozen=True, eq=False)
class Boundary:
    """A network on points of the plane, at K frames.

    Args:
        steps: (K,) of the run.
        losses, accuracies, held: (K,) loss and accuracy on the points shown, accuracy on those held out.
        x, y: (nx,), (ny,) grid.
        probabilities: (K, ny, nx) of the second class.
        points: (N, 2); labels: (N,) 0 or 1 as learned; wrong: (N,) whether the label is corrupted.

    Raises:
        ValueError: a field has the wrong shape; the message names it.
    """

    steps: np.ndarray
    losses: np.ndarray
    accuracies: np.ndarray
    held: np.ndarray
    x: np.ndarray
    y: np.ndarray
    probabilities: np.ndarray
    points: np.ndarray
    labels: np.ndarray
    wrong: np.ndarray

    def __post_init__(self) -> None:
        k, nx, ny = len(self.steps), axis_length("x", self.x, 2), axis_length("y", self.y, 2)
        n = len(self.points)
        per_frame = dict.fromkeys(("steps", "losses", "accuracies", "held"), (k,))
        shapes = {"probabilities": (k, ny, nx), "points": (n, 2), "labels": (n,)}
        own_arrays(self, per_frame | shapes)
        own_arrays(self, {"wrong": (n,)}, bool)


@dataclass(frozen=True, eq=False)
class Confusion:
    """A network on samples that it has not learned from, at K frames.

    Args:
        steps, losses, accuracies, held: as in `Boundary`.
        counts: (K, C, C): samples of the class of the row that are taken for that of the column.

    Raises:
        ValueError: a field has the wrong shape; the message names it.
    """

    steps: np.ndarray
    losses: np.ndarray
    accuracies: np.ndarray
    held: np.ndarray
    counts: np.ndarray

    def __post_init__(self) -> None:
        k, classes = len(self.steps), np.shape(self.counts)[-1]
        own_arrays(self, dict.fromkeys(("steps", "losses", "accuracies", "held"), (k,)))
        own_arrays(self, {"counts": (k, classes, classes)})


def figure(shown: Boundary | Confusion, theme: str = "light") -> go.Figure:
    """All frames, with a slider; the last one first."""
    last = len(shown.steps) - 1
    plot = go.Figure(_traces(shown, last, theme), layout(theme))
    plot.frames = [
        go.Frame(data=_moving(shown, k, theme), name=str(k), traces=_moved(shown))
        for k in range(len(shown.steps))
    ]
    if isinstance(shown, Boundary):
        for label, (_, symbol) in enumerate(CLASSES):
            for wrong in (False, True):
                plot.add_scatter(**_points(shown, label, symbol, wrong, theme))
        plot.update_xaxes(axis(theme, "first feature", showgrid=False, constrain="domain"))
        plot.update_yaxes(axis(theme, "second feature", showgrid=False, scaleanchor="x", constrain="domain"))
    else:
        ticks = {"tickmode": "linear", "dtick": 1, "showgrid": False, "constrain": "domain"}
        plot.update_xaxes(axis(theme, "predicted class", **ticks))
        plot.update_yaxes(axis(theme, "true class", autorange="reversed", scaleanchor="x", **ticks))
    plot.update_layout(
        sliders=[_slider(shown, last, theme)], height=520, margin={"l": 10, "r": 10, "t": 60, "b": 10}
    )
    return plot


def _traces(shown: Boundary | Confusion, k: int, theme: str) -> list[go.BaseTraceType]:
    text, low, high = palette(theme).text, *FILL[theme][::2]
    if isinstance(shown, Confusion):
        colors = [[0, palette(theme).ground], [1, FILL[theme][0]]]
        return [
            go.Heatmap(
                z=shown.counts[k],
                text=_labels(shown, k),
                texttemplate="%{text}",
                zmin=0,
                zmax=float(shown.counts.sum(-1).max()),
                colorscale=colors,
                showscale=False,
                xgap=1,
                ygap=1,
                hovertemplate="true %{y}, predicted %{x}: %{z}<extra></extra>",
            )
        ]
    middle = FILL[theme][1]
    fill = go.Contour(
        x=shown.x,
        y=shown.y,
        z=_thousandths(shown, k),
        zmin=0,
        zmax=1,
        colorscale=[[0, low], [0.5, middle], [1, high]],
        contours={"start": 0.1, "end": 0.9, "size": 0.1, "showlines": False},
        showscale=False,
        hovertemplate="probability of B: %{z:.2f}<extra></extra>",
    )
    line = go.Contour(
        x=shown.x,
        y=shown.y,
        z=_thousandths(shown, k),
        contours={"start": 0.5, "end": 0.5, "size": 1, "coloring": "none"},
        line={"color": text, "width": 2.5},
        showscale=False,
        hoverinfo="skip",
        name="boundary",
        showlegend=False,
    )
    return [fill, line]


def _moving(shown: Boundary | Confusion, k: int, theme: str) -> list[go.BaseTraceType]:
    """Of the traces that move, what changes."""
    if isinstance(shown, Confusion):
        return [go.Heatmap(z=shown.counts[k], text=_labels(shown, k))]
    return [go.Contour(z=_thousandths(shown, k)) for _ in range(2)]


def _moved(shown: Boundary | Confusion) -> list[int]:
    return [0] if isinstance(shown, Confusion) else [0, 1]


def _thousandths(shown: Boundary, k: int) -> np.ndarray:
    return shown.probabilities[k].astype(np.float32)


def _labels(shown: Confusion, k: int) -> list[list[str]]:
    return [[f"{count:.0f}" if count else "" for count in row] for row in shown.counts[k]]


def _points(shown: Boundary, label: int, symbol: str, wrong: bool, theme: str) -> dict:
    """Points of a class as learned; those with a wrong label are open."""
    rows = (shown.labels == label) & (shown.wrong == wrong)
    color = INK[theme][label]
    return {
        "x": shown.points[rows, 0],
        "y": shown.points[rows, 1],
        "mode": "markers",
        "name": f"{'AB'[label]}, truly {'BA'[label]}" if wrong else f"class {'AB'[label]}",
        "marker": {
            "symbol": f"{symbol}-open" if wrong else symbol,
            "size": 9 if wrong else 6,
            "color": color,
            "line": {"width": 2 if wrong else 0.5, "color": color if wrong else palette(theme).ground},
        },
        "hoverinfo": "skip",
    }


def _slider(shown: Boundary | Confusion, active: int, theme: str) -> dict:
    """One stop a frame, with its numbers."""
    still = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    steps = [
        {
            "label": _label(shown, k),
            "value": str(k),
            "method": "animate",
            "args": [[str(k)], still],
        }
        for k in range(len(shown.steps))
    ]
    return {
        "active": active,
        "steps": steps,
        "currentvalue": {"prefix": "step ", "font": {"size": 14, "color": palette(theme).text}},
        "pad": {"t": 40, "b": 0, "l": 8, "r": 8},
        "bgcolor": BALL.color(theme),
        "bordercolor": palette(theme).grid,
        "activebgcolor": palette(theme).text,
        "ticklen": 4,
        "minorticklen": 0,
        "tickcolor": palette(theme).grid,
        "font": {"color": "rgba(0,0,0,0)", "size": 1},
    }


def _label(shown: Boundary | Confusion, k: int) -> str:
    return f"{shown.steps[k]:.0f}: loss {shown.losses[k]:.3g}, held out {100 * shown.held[k]:.0f} % right"


def numbers(shown: Boundary | Confusion) -> list[dict[str, str]]:
    """The frames as rows of a table."""
    columns = zip(shown.steps, shown.losses, shown.accuracies, shown.held, strict=True)
    return [
        {
            "step": f"{step:.0f}",
            "loss": f"{loss:.4g}",
            "labels as given": f"{100 * right:.1f} %",
            "held out": f"{100 * held:.1f} %",
        }
        for step, loss, right, held in columns
    ]


def describe(shown: Boundary | Confusion) -> str:
    """The frames in words: where loss and accuracy begin and end."""
    ends = [
        f"at step {shown.steps[k]:.0f} the loss is {shown.losses[k]:.3g}, "
        f"{100 * shown.accuracies[k]:.0f} % of the labels learned from and "
        f"{100 * shown.held[k]:.0f} % of the true ones held out are right"
        for k in (0, -1)
    ]
    what = (
        "the shades are the probability of class B, the line is where it is one half; points with a wrong "
        "label are open"
    )
    if isinstance(shown, Confusion):
        counts = shown.counts[-1] - np.diag(np.diag(shown.counts[-1]))
        i, j = np.unravel_index(int(counts.argmax()), counts.shape)
        what = "rows are true classes, columns predictions, on what is held out" + (
            f"; most often {i} is taken for {j}, {counts[i, j]:.0f} times at the end" if counts.any() else ""
        )
    return f"{ends[0][0].upper()}{ends[0][1:]}; {ends[1]}. Here {what}."
