"""Panels in two columns with one legend above them: small enough for a phone, few enough to compare."""

from __future__ import annotations

import math
from copy import deepcopy
from functools import cache
from textwrap import wrap

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from figures.theme import Mark, layout, palette

COLUMNS = 2
LETTERS = 20  # of a title in one line
LINE = 14  # pixels of a line of a title
LEFT, BELOW = 56, 46  # pixels for the numbers of the first column and of the last row
LEGEND = 56  # pixels for the legend above all, and for what is below


class Panels:
    """Panels that are filled, then made a figure at once.

    Plotly checks all of a figure at each change: with six panels that takes a quarter of a second.

    Args:
        titles: one a panel.
        height: of a row of panels, in pixels, with the room below it.
        between: that room.
        theme: 'light' or 'dark'.
        subplots: further settings of `make_subplots`.
    """

    def __init__(self, titles: list[str], height: int, between: int, theme: str, **subplots: object) -> None:
        broken = [in_lines(title) for title in titles]
        rows, lines = math.ceil(len(titles) / COLUMNS), max(title.count("<br>") + 1 for title in broken)
        total, above = height * rows, 20 + LINE * lines
        self.theme, self._traces, self._shapes = theme, [], []
        self._layout = layout(theme) | deepcopy(empty(len(titles), between / total, **subplots))
        for annotation, title in zip(self._layout["annotations"], broken, strict=True):
            annotation |= {"text": title, "font": {"size": 13, "color": palette(theme).text}}
        self._layout |= {
            "legend": {"orientation": "h", "x": 0, "y": 1 + above / total, "yanchor": "bottom"},
            "height": total + above + LEGEND,
            "margin": {"l": LEFT, "r": 10, "t": above + 36, "b": BELOW},
        }

    def add(self, k: int, **scatter: object) -> None:
        """A scatter trace in the k-th panel."""
        self._traces.append(
            {"type": "scatter", "xaxis": axis_of("x", k), "yaxis": axis_of("y", k), **scatter}
        )

    def add_line(
        self, k: int, name: str, x: np.ndarray, y: np.ndarray, mark: Mark, **settings: object
    ) -> None:
        """A line in the k-th panel; lines of one name are switched on and off together."""
        line = {"color": mark.color(self.theme), "dash": mark.dash, "width": settings.pop("width", 2)}
        self.add(k, x=x, y=y, mode="lines", name=name, legendgroup=name, line=line, **settings)

    def add_upright(self, k: int, x: float) -> None:
        """A dotted line through all heights of the k-th panel."""
        line = {"color": palette(self.theme).text, "width": 1, "dash": "dot"}
        across, up = axis_of("x", k), f"{axis_of('y', k)} domain"
        self._shapes.append(
            {"type": "line", "xref": across, "yref": up, "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line}
        )

    def set_axes(self, k: int, x: dict, y: dict) -> None:
        """Settings of the axes of the k-th panel; their numbers have the margin, so nothing is measured."""
        for letter, settings in (("x", x), ("y", y)):
            self._layout[axis_of(f"{letter}axis", k)] |= settings | {"automargin": False}

    def figure(self) -> go.Figure:
        """What has been put into them."""
        return go.Figure({"data": self._traces, "layout": self._layout | {"shapes": self._shapes}})


@cache
def empty(count: int, between: float, **subplots: object) -> dict:
    """The layout of empty panels, `between` being a share of the height: their axes and places for titles.

    It is made once, and copied: it takes as long as all that is put into it.
    """
    rows = math.ceil(count / COLUMNS)
    plot = make_subplots(
        rows=rows, cols=COLUMNS, subplot_titles=[" "] * count, vertical_spacing=between, **subplots
    )
    return {key: value for key, value in plot.to_plotly_json()["layout"].items() if key != "template"}


def axis_of(stem: str, k: int) -> str:
    """What Plotly calls an axis of the k-th panel.

    >>> axis_of("x", 0), axis_of("yaxis", 2)
    ('x', 'yaxis3')
    """
    return stem if k == 0 else f"{stem}{k + 1}"


def in_lines(title: str) -> str:
    """A title in lines that a narrow panel has room for.

    >>> in_lines("root mean square of the slope")
    'root mean square of<br>the slope'
    """
    return "<br>".join(wrap(title, LETTERS))
