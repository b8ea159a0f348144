"""The one visual language: a colour, a dash and a symbol for each thing, in light and in dark.

Nothing is told by colour alone: each path has its own dash and symbol. The colours are told apart with any
colour vision; the surface has the perceptually uniform map cividis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from figures.film import PointPath

COLOR_MAP = "Cividis"


@dataclass(frozen=True)
class Mark:
    """How one path is drawn: colour in light and dark, dash of its line, symbol of its point."""

    light: str
    dark: str
    dash: str
    symbol: str

    def color(self, theme: str) -> str:
        """Colour of this mark in 'light' or 'dark'."""
        return self.dark if theme == "dark" else self.light


@dataclass(frozen=True)
class Palette:
    """Colours of one theme for what is not a path."""

    stripe: str
    text: str
    grid: str
    ground: str


PALETTES = {
    "light": Palette(stripe="#FFF6E3", text="#26221E", grid="#D9D5CF", ground="#FFFFFF"),
    "dark": Palette(stripe="#FFF1D6", text="#EDEBE8", grid="#45434D", ground="#17161A"),
}

BALL = Mark("#E8701A", "#FF9A4D", "solid", "circle")
CENTER = Mark("#F0A56B", "#FFC79A", "dash", "circle")
RAW = Mark("#6E6A64", "#A9A6A0", "solid", "circle")
IRONED = Mark("#009C6C", "#42F0D2", "solid", "circle")
# Symbols of which any font has the sign: Plotly writes them as text in a 3-D scene. Its 'x' is none of them.
POINT_METHODS = {
    "Gradient descent": Mark("#0B6BCB", "#6DB3FF", "dot", "diamond"),
    "Momentum": Mark("#8C4787", "#9D7FBA", "dashdot", "square"),
    "Nesterov": Mark("#009C6C", "#42F0D2", "longdash", "cross"),
    "Adam": Mark("#6E5E4E", "#BBA98B", "longdashdot", "square-open"),
}
# What starts elsewhere is drawn as its like is, in a shade of its colour, with the open symbol.
SECOND_START = {
    "Ball from the second start": Mark("#9C3F06", "#FFD0A3", "solid", "circle-open"),
    "Gradient descent from the second start": Mark("#083D77", "#B9DCFF", "dot", "diamond-open"),
}
MARKS = POINT_METHODS | SECOND_START


def palette(theme: str) -> Palette:
    """Palette of 'light' or 'dark'.

    Raises:
        ValueError: no theme of that name.
    """
    if theme not in PALETTES:
        raise ValueError(f"theme must be one of {tuple(PALETTES)}, got {theme!r}")
    return PALETTES[theme]


def marked(paths: Sequence[PointPath]) -> list[tuple[PointPath, Mark]]:
    """Paths that are shown together, each with its mark: a name known here keeps its own, whatever else is
    shown; others take, in turn, those that none of the paths has."""
    names = [path.name for path in paths]
    free = [mark for name, mark in MARKS.items() if name not in names]
    spare = cycle(free or MARKS.values())
    return [(path, MARKS.get(path.name) or next(spare)) for path in paths]


def layout(theme: str, title: str = "") -> dict:
    """What every figure's layout has in common: quiet, transparent, the same in every view."""
    colors = palette(theme)
    return {
        "template": "none",
        "title": {"text": title, "x": 0.02, "y": 0.98, "yanchor": "top", "font": {"size": 15}}
        if title
        else None,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": colors.text, "family": "Source Sans, Source Sans Pro, sans-serif", "size": 13},
        "margin": {"l": 10, "r": 10, "t": 72 if title else 40, "b": 10},
        "legend": {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"},
        "hoverlabel": {"bgcolor": colors.ground, "font": {"color": colors.text}},
    }


def log_axis(theme: str, title: str, low: float, high: float) -> dict:
    """A logarithmic axis that is labelled at 1 and 3, over more than three decades at powers of ten only."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    heads = (1, 3) if high / low <= 1e3 else (1,)
    ticks = [float(f"{head}e{k}") for k in decades for head in heads]
    ticks = [value for value in ticks if low / 1.01 <= value <= high * 1.01]
    return axis(
        theme, title, type="log", tickvals=ticks, ticktext=[f"{value:g}" for value in ticks], tickangle=0
    )


def axis(theme: str, title: str, **settings) -> dict:
    """A flat axis: thin grid, no zero line, room for its labels."""
    grid = palette(theme).grid
    plain = {"title": {"text": title, "standoff": 6}, "gridcolor": grid, "linecolor": grid, "zeroline": False}
    return plain | {"automargin": True, "ticks": "outside", "tickcolor": grid} | settings
