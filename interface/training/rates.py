"""Radius × learning rate on the page: the map, one cell of it, and the way to the playground."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from figures import maps
from figures.maps import RateMap
from interface import charts, presenting, state
from interface.state import Session
from interface.training import controls, following, sweeps, view, wording
from interface.training.view import CELLS, View
from interface.wording import number, setting

KEY = "rate map"


@dataclass(frozen=True, eq=False)
class Shown:
    """The last map that could be shown, and what it is of."""

    view: View
    found: RateMap


def show(session: Session) -> None:
    """Everything about the map of a view."""
    asked: View = session.experiment
    st.markdown(
        "Each cell is one run of the ball from one start, coloured by the loss where it ends "
        "(Figure 5 of the paper, here on a landscape). A run that leaves the domain, or whose loss is not "
        "finite, has **diverged**. The row GD is gradient descent, a ball of radius 0."
    )
    job = sweeps.rates_job(asked)
    controls.side(asked, "cells", CELLS, "Radii × rates")
    following.follow(session, job, "The map", "Compute this map", auto=asked.cells == CELLS[0])
    if job.results or session.good is None:
        session.good = Shown(asked, sweeps.rate_map(asked, dict(job.results)))
    asked, found = session.good.view, session.good.found
    if not job.results and found.done.any():
        st.caption(":material/info: This is still the map of the settings before.")
    row, column = nearest(found, session.experiment.radius, session.experiment.lr)
    st.markdown(wording.rates(found))
    charts.show(
        maps.rates_figure(found, row, column, charts.theme()),
        KEY,
        maps.describe_rates(found),
        on_select=lambda: clicked(KEY, found, "radius", "lr"),
        selection_mode="points",
    )
    _cell(asked, found, row, column)
    following.download("Map as CSV", list(table(found)), f"rates_{asked.landscape}")


def nearest(found: RateMap, radius: float, lr: float) -> tuple[int, int]:
    """The cell nearest to a radius and a rate, by factors."""
    radii, rates = np.log(found.radii), np.log(found.rates)
    return int(np.abs(radii - np.log(radius)).argmin()), int(np.abs(rates - np.log(lr)).argmin())


def clicked(key: str, found: RateMap, radius: str, lr: str) -> None:
    """Take the radius and the rate of the cell that was clicked, as settings of these names."""
    chosen: Any = st.session_state.get(key)
    points = chosen.selection.points if chosen else []
    if points:
        row, column = divmod(int(points[0]["point_index"]), len(found.rates))
        state.change(**{radius: float(found.radii[row]), lr: float(found.rates[column])})


def choose(asked: View, found: RateMap, row: int, column: int, names: tuple[str, str]) -> None:
    """The framed cell by its numbers: settings of two names."""
    labels = ("Cell: radius ρ", "Cell: learning rate η")
    values = (found.radii, row), (found.rates, column)
    for label, name, (all_values, place) in zip(labels, names, values, strict=True):
        choices = [float(one) for one in all_values]
        shown = controls.shows(
            asked,
            f"cell {name}",
            choices[place],
            lambda new, name=name: state.change(**{name: new}),
            among=choices,
        )
        st.selectbox(label, choices, format_func=setting, width=170, **shown)


def _cell(asked: View, found: RateMap, row: int, column: int) -> None:
    """The framed cell: chosen by numbers, too, and opened on the playground."""
    radius, rate = float(found.radii[row]), float(found.rates[column])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choose(asked, found, row, column, ("radius", "lr"))
        st.page_link(
            "app.py",
            label="Watch this run roll",
            icon=":material/play_circle:",
            query_params=view.playground(asked, radius, rate),
        )
    st.caption(framed(found, row, column))


def framed(found: RateMap, row: int, column: int) -> str:
    """What the framed cell is, and how to choose another where that can be done."""
    more = "" if presenting.asked() else " Click a cell, or choose one by its numbers."
    return f"Framed: {outcome(found, row, column)}{more}"


def outcome(found: RateMap, row: int, column: int) -> str:
    """How the run of a cell ended, beside gradient descent at its rate."""
    place = f"ρ = {setting(found.radii[row])}, η = {setting(found.rates[column])}"
    point = found.points[column]
    beside = "diverges" if found.points_diverged[column] else f"ends at {number(point)}"
    if not found.done[row]:
        return f"the run at {place} is not computed yet."
    ball = "diverges" if found.diverged[row, column] else f"ends at {number(found.losses[row, column])}"
    return f"the ball with {place} {ball}; gradient descent at this rate {beside}."


def table(found: RateMap) -> Iterator[str]:
    """The cells as lines of a table with commas; gradient descent is radius 0."""
    yield "radius,rate,loss,diverged"
    for rate, loss, out in zip(found.rates, found.points, found.points_diverged, strict=True):
        yield f"0,{rate:g},{'' if out else repr(float(loss))},{int(out)}"
    for row in np.flatnonzero(found.done):
        for column, rate in enumerate(found.rates):
            out, loss = found.diverged[row, column], float(found.losses[row, column])
            yield f"{found.radii[row]:g},{rate:g},{'' if out else repr(loss)},{int(out)}"
