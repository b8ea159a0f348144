"""Loss and accuracy of a training as they come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from figures.arrays import own_arrays
from figures.theme import IRONED, POINT_METHODS, RAW, axis, layout

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


def figure(learning: Learning, theme: str = "light") -> go.Figure:
    """Loss on the left, accuracies on the right, over steps."""
    plot = make_subplots(rows=1, cols=2, horizontal_spacing=0.12)
    plot.update_layout(layout(theme), height=230)
    _line(plot, 1, "loss", learning.steps, learning.losses, LOSS, theme)
    _line(plot, 2, "accuracy, labels as given", learning.steps, 100 * learning.accuracies, RAW, theme)
    _line(plot, 2, "accuracy, held out", learning.steps, 100 * learning.held, HELD, theme, dash="dash")
    if learning.clean < 1:
        x = [0, learning.total]
        y = [100 * learning.clean] * 2
        line = {"color": RAW.color(theme), "dash": "dot", "width": 1}
        plot.add_scatter(x=x, y=y, mode="lines", name="share of right labels", line=line, row=1, col=2)
    plot.update_xaxes(axis(theme, "training step", range=[0, learning.total]))
    plot.update_yaxes(axis(theme, "", rangemode="tozero"), col=1)
    plot.update_yaxes(axis(theme, "", range=[0, 102], ticksuffix=" %"), col=2)
    return plot


def _line(plot, column, name, x, y, mark, theme, dash="solid") -> None:
    line = {"color": mark.color(theme), "width": 2.2, "dash": dash}
    plot.add_scatter(x=x, y=y, mode="lines", name=name, line=line, row=1, col=column)


def describe(learning: Learning) -> str:
    """The curves in words."""
    return (
        f"In {learning.steps[-1]:.0f} of {learning.total} steps the loss went from {learning.losses[0]:.3g} "
        f"to {learning.losses[-1]:.3g}; {learning.accuracies[-1]:.0%} of the labels as given and "
        f"{learning.held[-1]:.0%} of the true labels held out are predicted."
    )
