"""Panels in two columns with one legend above them: small enough for a phone, few enough to compare."""

from __future__ import annotations

import math
from textwrap import wrap

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from figures.theme import Mark, layout, palette

COLUMNS = 2
LETTERS = 20  # of a title in one line
LINE = 14  # pixels of a line of a title


def panels(titles: list[str], height: int, between: int, theme: str, **subplots: object) -> go.Figure:
    """Empty panels.

    Args:
        titles: one a panel.
        height: of a row of panels, in pixels, with the room below it.
        between: that room.
        theme: 'light' or 'dark'.
        subplots: further settings of `make_subplots`.
    """
    broken = [in_lines(title) for title in titles]
    rows, lines = math.ceil(len(titles) / COLUMNS), max(title.count("<br>") + 1 for title in broken)
    total, above = height * rows, 20 + LINE * lines
    plot = make_subplots(
        rows=rows, cols=COLUMNS, subplot_titles=broken, vertical_spacing=between / total, **subplots
    )
    legend = {"orientation": "h", "x": 0, "y": 1 + above / total, "yanchor": "bottom"}
    plot.update_layout(layout(theme) | {"legend": legend}, height=total + above + 56)
    plot.update_layout(margin={"l": 10, "r": 10, "t": above + 36, "b": 10})
    plot.update_annotations(font={"size": 13, "color": palette(theme).text})
    return plot


def in_lines(title: str) -> str:
    """A title in lines that a narrow panel has room for.

    >>> in_lines("root mean square of the slope")
    'root mean square of<br>the slope'
    """
    return "<br>".join(wrap(title, LETTERS))


def place(k: int) -> dict[str, int]:
    """Row and column of the k-th panel."""
    return {"row": k // COLUMNS + 1, "col": k % COLUMNS + 1}


def add_line(
    plot: go.Figure,
    k: int,
    name: str,
    x: np.ndarray,
    y: np.ndarray,
    mark: Mark,
    theme: str,
    **settings: object,
) -> None:
    """A line in the k-th panel; lines of one name are switched on and off together."""
    line = {"color": mark.color(theme), "dash": mark.dash, "width": settings.pop("width", 2)}
    plot.add_scatter(x=x, y=y, mode="lines", name=name, legendgroup=name, line=line, **settings, **place(k))
