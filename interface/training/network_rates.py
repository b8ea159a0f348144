"""Radius × rate of a network on the page: the map, and the training of one cell of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import streamlit as st

from figures import comparison, maps
from figures.comparison import Curve
from figures.maps import RateMap
from interface import charts
from interface.state import Session
from interface.training import command, following, rates, wording
from interface.training.jobs import Job, Part, job
from interface.training.view import View
from interface.wording import setting
from rbo.experiments.rates import NETWORK_RADII, NETWORK_RATES, first_loss, network_runs, several, spaced

KEY = "network map"
CELLS = 8
QUICK = ("mlp", 3)  # a network and the epochs up to which its map comes by itself
POINT = 0.0  # the radius of the part that is gradient descent
Results = Mapping[float, list[dict[str, Any]]]


def show(session: Session) -> None:
    """Everything about the map of a network."""
    asked: View = session.experiment
    st.markdown(
        "Each cell is one training of the network by the ball, coloured by the training loss of its last "
        "epoch (Figure 5 of the paper at a small size). A run whose loss is not finite has **diverged**. The "
        "row GD is plain SGD at the same rate. A step of the ball costs eleven gradients, one of SGD one."
    )
    work = jobs_of(asked)
    auto = asked.model == QUICK[0] and asked.epochs <= QUICK[1]
    following.follow(session, work, "The map", "Compute this map", auto=auto)
    if POINT not in work.results:
        return
    results = dict(work.results)
    found = rate_map(asked, results)
    row, column = rates.nearest(found, asked.net_radius, asked.net_lr)
    st.markdown(wording.rates(found))
    charts.show(
        maps.rates_figure(found, row, column, charts.theme()),
        KEY,
        maps.describe_rates(found),
        on_select=lambda: rates.clicked(KEY, found, "net_radius", "net_lr"),
        selection_mode="points",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rates.choose(asked, found, row, column, ("net_radius", "net_lr"))
    st.caption(rates.framed(found, row, column))
    _training(asked, results, found, row, column)
    following.download("Map as CSV", list(table(results)), f"rates_{command.DATA}_{asked.model}")


def jobs_of(view: View) -> Job:
    """The map of a view: a part is a radius, gradient descent the first."""
    key = view.model, view.epochs
    return job(("network rates", *key), lambda: _parts(*key))


def _parts(model: str, epochs: int) -> tuple[Part, ...]:
    runs = network_runs(command.DATA, model, CELLS, epochs)
    rows = [runs[k : k + CELLS] for k in range(0, len(runs), CELLS)]
    return tuple(Part(row[0].radius or POINT, several, (row,)) for row in rows)


def rate_map(view: View, results: Results) -> RateMap:
    """What is known of the map of a network."""
    radii, lrs = np.array(spaced(*NETWORK_RADII, CELLS)), np.array(spaced(*NETWORK_RATES, CELLS))
    losses = np.full((CELLS, CELLS), np.nan)
    diverged, done = np.zeros(losses.shape, dtype=bool), np.zeros(CELLS, dtype=bool)
    for row, radius in enumerate(radii.tolist()):
        if radius in results:
            losses[row], diverged[row], done[row] = *ends(results[radius]), True
    points, points_diverged = ends(results[POINT])
    start = first_loss(command.DATA, view.model)
    return RateMap(radii, lrs, losses, diverged, done, points, points_diverged, start)


def ends(results: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Losses of the last epochs, nan where a run diverged, and which did."""
    diverged = np.array([found["diverged"] for found in results])
    losses = np.array([found["curve"][-1]["loss"] for found in results])
    return np.where(diverged, np.nan, losses), diverged


def _training(view: View, results: Results, found: RateMap, row: int, column: int) -> None:
    """The run of the framed cell, epoch by epoch, beside SGD at its rate."""
    radius = float(found.radii[row])
    if radius not in results:
        return
    drawn = (
        curve("RBO", results[radius][column]),
        curve("SGD", results[POINT][column]),
    )
    st.markdown(f"**The training of this cell: ρ = {setting(radius)}, η = {setting(found.rates[column])}**")
    figure = comparison.curves(drawn, "epochs", charts.theme())
    words = "; ".join(f"{c.name}: {', '.join(f'{mean:.1f}' for mean in c.means)} %" for c in drawn)
    charts.show(figure, "cell", f"Accuracy on test images after each epoch. {words}")


def curve(name: str, result: dict[str, Any]) -> Curve:
    """The accuracy of one run after each epoch."""
    points = result["curve"]
    spent, means = ([point[key] for point in points] for key in ("epoch", "test"))
    return Curve(name, np.array(spent, dtype=float), np.array(means), np.zeros(len(points)))


def table(results: Results) -> Iterator[str]:
    """The cells as lines with commas; SGD is radius 0."""
    yield "radius,rate,loss,accuracy,diverged"
    for radius in sorted(results):
        for found in results[radius]:
            last, out = found["curve"][-1], found["diverged"]
            loss = "" if out else repr(last["loss"])
            yield f"{radius:g},{found['run']['lr']:g},{loss},{last['test']:.2f},{int(out)}"
