"""Loss and accuracy of a training as they come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from figures.arrays import own_arrays
from figures.theme import IRONED, POINT_METHODS, RAW, Mark, axis, layout

LOSS, HELD = POINT_METHODS["Momentum"], IRONED


@dataclass(frozen=True, eq=False)
class Learning:
    """The records of a training so far.

    Args:
        steps: (T,) of the records; total: steps there will be.
        losses, accuracies: (T,) on what is learned from, labels as given.
        held: (T,) accuracy on what is held out, true labels.
        clean: share of the labels that are right, or 1: more than that is learning the noise.

    Raises:
        ValueError: a field has the wrong shape; the message names it.
    """

    steps: np.ndarray
    losses: np.ndarray
    accuracies: np.ndarray
    held: np.ndarray
    total: int
    clean: float = 1.0

    def __post_init__(self) -> None:
        n = len(self.steps)
        own_arrays(self, dict.fromkeys(("steps", "losses", "accuracies", "held"), (n,)))


def losses(learning: Learning, theme: str = "light") -> go.Figure:
    """The loss over steps."""
    plot = _empty(learning, theme)
    _line(plot, "loss", learning.steps, learning.losses, LOSS, "solid", theme)
    plot.update_yaxes(axis(theme, "loss", rangemode="tozero"))
    return plot


def accuracies(learning: Learning, theme: str = "light") -> go.Figure:
    """Accuracy on what is learned from and on what is held out, and how many of the labels are right."""
    plot = _empty(learning, theme)
    _line(plot, "labels as given", learning.steps, 100 * learning.accuracies, RAW, "solid", theme)
    _line(plot, "held out", learning.steps, 100 * learning.held, HELD, "dash", theme)
    if learning.clean < 1:
        x, y = np.array([0, learning.total]), np.full(2, 100 * learning.clean)
        _line(plot, "right labels", x, y, RAW, "dot", theme)
    plot.update_yaxes(axis(theme, "accuracy", range=[0, 102], ticksuffix=" %"))
    return plot


def _empty(learning: Learning, theme: str) -> go.Figure:
    plot = go.Figure(layout=layout(theme))
    plot.update_layout(height=230, showlegend=True)
    plot.update_xaxes(axis(theme, "training step", range=[0, learning.total]))
    return plot


def _line(
    plot: go.Figure, name: str, x: np.ndarray, y: np.ndarray, mark: Mark, dash: str, theme: str
) -> None:
    line = {"color": mark.color(theme), "width": 2.2, "dash": dash}
    plot.add_scatter(x=x, y=y, mode="lines", name=name, line=line)


def describe(learning: Learning) -> str:
    """The curves in words."""
    return (
        f"In {learning.steps[-1]:.0f} of {learning.total} steps the loss went from {learning.losses[0]:.3g} "
        f"to {learning.losses[-1]:.3g}; {100 * learning.accuracies[-1]:.0f} % of the labels as given and "
        f"{100 * learning.held[-1]:.0f} % of the true labels held out are predicted."
    )
