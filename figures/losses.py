"""Loss against step, or against what it costs: gradient evaluations."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from figures.film import Film
from figures.theme import BALL, Mark, axis, layout, marked, palette

AXES = {"step": "step", "evaluations": "gradient evaluations"}


def figure(
    film: Film, radius_index: int, step: int, against: str = "step", theme: str = "light"
) -> go.Figure:
    """Loss of ball `radius_index` and of the point methods, with a point on each line at `step`.

    Args:
        film: a run.
        radius_index: which ball.
        step: frame of the points.
        against: 'step' or 'evaluations'.
        theme: 'light' or 'dark'.
    """
    film.check_index(radius_index, step)
    if against not in AXES:
        raise ValueError(f"against must be one of {tuple(AXES)}, got {against!r}")
    plot = go.Figure(layout=layout(theme, f"Loss against {AXES[against]}"))
    for path, mark in marked(film.points):
        _add_line(
            plot, path.name, mark, theme, _across(path.evaluations, against), path.losses, path.end, step
        )
    cost = _across(film.evaluations[radius_index], against)
    end = int(film.ends[radius_index])
    _add_line(plot, "Rolling ball", BALL, theme, cost, film.losses[radius_index], end, step)
    plot.update_xaxes(axis(theme, AXES[against]))
    plot.update_yaxes(axis(theme, "loss"))
    return plot


def _across(evaluations: np.ndarray, against: str) -> np.ndarray:
    return evaluations if against == "evaluations" else np.arange(len(evaluations))


def _add_line(
    plot: go.Figure,
    name: str,
    mark: Mark,
    theme: str,
    across: np.ndarray,
    losses: np.ndarray,
    end: int,
    step: int,
) -> None:
    """A line up to where the method ended, and its point at the step."""
    color, now = mark.color(theme), min(step, end)
    plot.add_scatter(
        x=across[: end + 1],
        y=losses[: end + 1],
        mode="lines",
        name=name,
        legendgroup=name,
        line={"color": color, "dash": mark.dash, "width": 2.5},
    )
    plot.add_scatter(
        x=across[now : now + 1],
        y=losses[now : now + 1],
        mode="markers",
        showlegend=False,
        legendgroup=name,
        name=f"{name} at step {now}",
        marker={"color": color, "symbol": mark.symbol, "size": 10, "line": {"color": palette(theme).text}},
    )


def describe(film: Film, radius_index: int, step: int) -> str:
    """The loss curves in words: where each starts, is now and ends, and why."""
    film.check_index(radius_index, step)
    end = int(film.ends[radius_index])
    lines = [("Rolling ball", film.losses[radius_index], end, film.outcomes[radius_index])]
    lines += [(path.name, path.losses, path.end, path.outcome) for path in film.points]
    return " ".join(
        f"{name}: loss {losses[0]:.4g} at the start, {losses[step]:.4g} at step {step}, "
        f"{losses[last]:.4g} at its end at step {last}: {outcome.rstrip('.')}."
        for name, losses, last, outcome in lines
    )
