"""A path in many dimensions and its shadow on a plane: where its true loss is not what the plane shows.

Above, the true loss of each path (line) and the loss of the plane under its shadow (same colour, dotted),
the gap between them shaded; below, the share of the way from its start that lies in the plane.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from figures.arrays import own_arrays
from figures.theme import MARKS, Mark, axis, layout

IN_PLAYER = [mark for name, mark in MARKS.items() if name != "Gradient descent"]  # its own is on the plane
SHADE = 0.18


@dataclass(frozen=True, eq=False)
class Path:
    """One path.

    Args:
        name: whose.
        steps: (T+1,)
        losses: (T+1,) at its weights.
        plane: (T+1,) at their projection on the plane.
        inside: (T+1,) share of the way from the start that lies in the plane, 0 to 1; nan where it has none.
        whole: the same of all steps together.

    Raises:
        ValueError: a field has the wrong shape; the message names it.
    """

    name: str
    steps: np.ndarray
    losses: np.ndarray
    plane: np.ndarray
    inside: np.ndarray
    whole: float

    def __post_init__(self) -> None:
        n = len(self.steps)
        own_arrays(self, dict.fromkeys(("steps", "losses", "plane", "inside"), (n,)))

    @property
    def furthest(self) -> int:
        """The index at which the true loss is furthest from what the plane shows."""
        return int(np.nan_to_num(np.abs(self.losses - self.plane), nan=-1.0, posinf=-1.0).argmax())


def figure(paths: tuple[Path, ...], theme: str = "light") -> go.Figure:
    """The two panels."""
    plot = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.64, 0.36], vertical_spacing=0.06)
    plot.update_layout(layout(theme), height=470)
    for path, mark in zip(paths, cycle(IN_PLAYER), strict=False):
        _path(plot, path, mark, theme)
    plot.update_yaxes(axis(theme, "loss"), row=1)
    plot.update_yaxes(axis(theme, "in the plane", range=[0, 104], ticksuffix=" %"), row=2)
    plot.update_xaxes(axis(theme, ""), row=1)
    plot.update_xaxes(axis(theme, "step"), row=2)
    return plot


def _path(plot: go.Figure, path: Path, mark: Mark, theme: str) -> None:
    color, group = mark.color(theme), {"legendgroup": path.name}
    red, green, blue = (int(color[k : k + 2], 16) for k in (1, 3, 5))
    shade = f"rgba({red},{green},{blue},{SHADE})"
    plot.add_scatter(
        x=path.steps,
        y=path.plane,
        mode="lines",
        name=f"{path.name}: plane under it",
        line={"color": color, "dash": "dot", "width": 1.8},
        **group,
    )
    plot.add_scatter(
        x=path.steps,
        y=path.losses,
        mode="lines",
        name=f"{path.name}: true loss",
        fill="tonexty",
        fillcolor=shade,
        line={"color": color, "width": 2.4},
        **group,
    )
    plot.add_scatter(
        x=path.steps,
        y=100 * path.inside,
        mode="lines",
        name=path.name,
        showlegend=False,
        line={"color": color, "width": 2.2, "dash": mark.dash},
        row=2,
        col=1,
        **group,
    )


def describe(paths: tuple[Path, ...]) -> str:
    """The gaps in words: for each path the largest, that at its end, and what the plane holds of it."""
    return " ".join(
        f"{p.name}: at step {p.steps[p.furthest]:.0f} the true loss is {p.losses[p.furthest]:.3g} where the "
        f"plane shows {p.plane[p.furthest]:.3g}, the largest gap; at the end {p.losses[-1]:.3g} against "
        f"{p.plane[-1]:.3g}; the plane holds {100 * p.whole:.3g} % of the path."
        for p in paths
    )
