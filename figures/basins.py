"""Where starts lead: each start has the colour of the place where its run ends.

The colours of places go from blue to yellow in x and from dark to light in y, which all eyes tell apart; the
ends themselves are dots in the colours of their places. A start whose run diverged has a cross.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from figures.arrays import axis_length, own_arrays
from figures.maps import LOST
from figures.theme import axis, layout, palette

CORNERS = np.array([[(29, 41, 116), (124, 82, 8)], [(160, 200, 255), (255, 226, 120)]], dtype=float)
HEIGHT = 420


@dataclass(frozen=True, eq=False)
class Ends:
    """Where a method leads from a grid of starts.

    Args:
        name: of the method.
        x, y: (nx,), (ny,) of the starts, increasing.
        ends: (ny, nx, 2) where the run ends.
        basin: (ny, nx) the number of that end, from 0; -1 where the run diverged.
        losses: (ny, nx) there.
        moving: (ny, nx) bool: not at rest.
        domain: ((x low, x high), (y low, y high)).

    Raises:
        ValueError: a field has the wrong shape; the message names it.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    ends: np.ndarray
    basin: np.ndarray
    losses: np.ndarray
    moving: np.ndarray
    domain: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        side = axis_length("y", self.y, 2), axis_length("x", self.x, 2)
        own_arrays(self, {"ends": (*side, 2), "losses": side})
        own_arrays(self, {"basin": side}, int)
        own_arrays(self, {"moving": side}, bool)

    @property
    def settled(self) -> np.ndarray:
        """(ny, nx) whether the run did not diverge."""
        return self.basin >= 0

    @property
    def count(self) -> int:
        """How many distinct ends there are."""
        return int(self.basin.max()) + 1

    def shares(self) -> np.ndarray:
        """(count,) how many starts lead to each end."""
        return np.bincount(self.basin[self.settled], minlength=self.count)

    def places(self) -> np.ndarray:
        """(count, 2) the mean of each end."""
        ends, basin = self.ends[self.settled], self.basin[self.settled]
        sums = [np.bincount(basin, ends[:, axis], minlength=self.count) for axis in (0, 1)]
        return np.stack(sums, -1) / self.shares()[:, None]


def frame_of(*shown: Ends) -> tuple[np.ndarray, np.ndarray]:
    """The least rectangle that has all ends: its lower left and its upper right corner (2,)."""
    every = np.concatenate([one.ends[one.settled] for one in shown])
    if not len(every):
        return np.zeros(2), np.ones(2)
    low, high = every.min(0), every.max(0)
    return low, np.where(high > low, high, low + 1)


def colors(points: np.ndarray, frame: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Colours (..., 3) of places (..., 2) within a frame, as whole numbers from 0 to 255.

    >>> colors(np.array([[0.0, 0.0], [1.0, 1.0]]), (np.zeros(2), np.ones(2))).tolist()
    [[29, 41, 116], [255, 226, 120]]
    """
    low, high = frame
    share = np.clip((points - low) / (high - low), 0, 1)
    x, y = share[..., :1], share[..., 1:]
    lower = (1 - x) * CORNERS[0, 0] + x * CORNERS[0, 1]
    upper = (1 - x) * CORNERS[1, 0] + x * CORNERS[1, 1]
    return np.rint((1 - y) * lower + y * upper).astype(np.uint8)


def figure(shown: Ends, frame: tuple[np.ndarray, np.ndarray], theme: str = "light") -> go.Figure:
    """The starts in the colours of their ends, and the ends as dots, larger where more starts lead.

    Args:
        shown: of one method.
        frame: of the colours; the same for methods that are compared.
        theme: 'light' or 'dark'.
    """
    count = "1 end" if shown.count == 1 else f"{shown.count} ends"
    plot = go.Figure(layout=layout(theme, f"{shown.name}: {count}") | {"height": HEIGHT})
    cells = colors(shown.ends, frame)
    lost = LOST.color(theme).lstrip("#")
    cells[~shown.settled] = [int(lost[k : k + 2], 16) for k in (0, 2, 4)]
    steps = np.diff(shown.x)[0], np.diff(shown.y)[0]
    plot.add_trace(
        go.Image(
            z=cells,
            x0=shown.x[0],
            dx=steps[0],
            y0=shown.y[0],
            dy=steps[1],
            customdata=np.concatenate([shown.ends, shown.losses[..., None]], -1),
            hovertemplate="from (%{x:.3g}, %{y:.3g})<br>to (%{customdata[0]:.3g}, %{customdata[1]:.3g})"
            "<br>loss %{customdata[2]:.4g}<extra></extra>",
            name="starts",
        )
    )
    _lost(plot, shown)
    _dots(plot, shown, frame, theme)
    (left, right), (low, high) = shown.domain
    plot.update_xaxes(axis(theme, "x", range=[left, right], constrain="domain"))
    plot.update_yaxes(
        axis(theme, "y", range=[low, high], scaleanchor="x", constrain="domain", constraintoward="top")
    )
    plot.update_layout(margin={"l": 10, "r": 10, "t": 44, "b": 10}, showlegend=False)
    return plot


def _lost(plot: go.Figure, shown: Ends) -> None:
    rows, columns = np.nonzero(~shown.settled)
    plot.add_scatter(
        x=shown.x[columns],
        y=shown.y[rows],
        mode="markers",
        name="diverged",
        hoverinfo="skip",
        marker={"symbol": "x-thin", "size": 6, "line": {"width": 1.2, "color": "#FFFFFF"}},
    )


def _dots(plot: go.Figure, shown: Ends, frame: tuple[np.ndarray, np.ndarray], theme: str) -> None:
    if not shown.count:
        return
    places, shares = shown.places(), shown.shares()
    plot.add_scatter(
        x=places[:, 0],
        y=places[:, 1],
        mode="markers",
        name="ends",
        text=[f"{share} starts end here" for share in shares],
        hovertemplate="(%{x:.3g}, %{y:.3g})<br>%{text}<extra></extra>",
        marker={
            "size": 5 + 15 * np.sqrt(shares / shares.max()),
            "color": [f"rgb{tuple(color)}" for color in colors(places, frame).tolist()],
            "line": {"width": 1.5, "color": palette(theme).text},
        },
    )


def describe(shown: Ends) -> str:
    """The picture in words: how many ends, the largest basin, what diverged."""
    total = shown.basin.size
    said = f"{shown.name} from {total} starts: {shown.count} distinct ends"
    if shown.count:
        shares, places = shown.shares(), shown.places()
        most = int(shares.argmax())
        said += f"; most starts, {shares[most]}, end at ({places[most, 0]:.3g}, {places[most, 1]:.3g})"
    return f"{said}; {int((~shown.settled).sum())} diverged, {int(shown.moving.sum())} were still moving."
