"""Where starts lead, on the page: gradient descent beside the ball, and the number of ends against ρ."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from figures import basins, maps
from figures.basins import Ends
from figures.maps import Counts
from interface import charts, presenting
from interface.state import Session
from interface.training import controls, following, sweeps, wording
from interface.training.view import STARTS, View
from interface.wording import setting


def show(session: Session) -> None:
    """Everything about the starts of a view."""
    asked: View = session.experiment
    st.markdown(
        "From each point of a grid of starts one run: the point takes the colour of the place where that run "
        "ends. Dots are the ends, larger where more starts lead. The paper's claim is that the ball forgets "
        "small differences of the start."
    )
    job = sweeps.starts_job(asked)
    controls.side(asked, "starts", STARTS, "Starts")
    following.follow(session, job, "The ball from all starts", "Roll from all starts", _coarse(asked))
    point, ball = sweeps.point_ends(asked), sweeps.ball_ends(asked, dict(job.results))
    shown = [ends for ends in (point, ball) if ends is not None]
    st.markdown(wording.starts(ball, point))
    frame = basins.frame_of(*shown)
    for column, ends in zip(st.columns(2), shown, strict=False):
        with column:
            figure = basins.figure(ends, frame, charts.theme())
            charts.show(figure, f"ends {ends is point}", basins.describe(ends))
    st.caption(
        f"η = {setting(asked.lr)}, {asked.steps} steps. Ends nearer than {setting(sweeps.apart(asked))} are "
        "one. Colours go from blue to yellow in x and from dark to light in y; a cross: the run diverged."
    )
    following.download("Ends as CSV", list(table(shown)), f"ends_{asked.landscape}")
    _counts(session, asked)


def _coarse(asked: View) -> bool:
    return asked.starts == STARTS[0]


def _counts(session: Session, asked: View) -> None:
    """The number of distinct ends against ρ."""
    job = sweeps.counts_job(asked)
    if presenting.asked() and not (job.results or job.running):
        return  # no button to count them, and nothing to show
    st.subheader("Distinct ends against the radius")
    following.follow(session, job, "The count of ends", "Count the ends of eight radii", auto=False)
    if not job.results:
        return
    found, radii = sweeps.counts(asked, dict(job.results)), sweeps.counted(asked)
    if said := wording.counts(found):
        st.markdown(said)
    figure = maps.counts_figure(found, (radii[0], radii[-1]), asked.radius, charts.theme())
    charts.show(figure, "counts", maps.describe_counts(found))
    st.table(numbers(found), hide_index=True)
    following.download("Counts as CSV", list(count_table(found)), f"distinct_ends_{asked.landscape}")


def numbers(found: Counts) -> dict[str, list[str]]:
    """The counts as columns of a table."""
    return {
        "": ["gradient descent", *(f"ρ = {setting(radius)}" for radius in found.radii)],
        "distinct ends": [str(found.point[0]), *map(str, found.ends)],
        "still moving": [str(found.point[1]), *map(str, found.moving)],
        "diverged": [str(found.point[2]), *map(str, found.diverged)],
    }


def count_table(found: Counts) -> Iterator[str]:
    """The counts as lines with commas; gradient descent is radius 0."""
    yield "radius,starts,distinct_ends,moving,diverged"
    yield f"0,{found.starts},{found.point[0]},{found.point[1]},{found.point[2]}"
    for row in zip(found.radii, found.ends, found.moving, found.diverged, strict=True):
        yield f"{row[0]:g},{found.starts},{row[1]},{row[2]},{row[3]}"


def table(shown: list[Ends]) -> Iterator[str]:
    """The ends as lines with commas."""
    yield "method,start_x,start_y,end_x,end_y,end_number,loss,moving"
    for ends in shown:
        for row, y in enumerate(ends.y):
            for column, x in enumerate(ends.x):
                cell = row, column
                end = ",".join(repr(float(value)) for value in ends.ends[cell])
                last = f"{ends.basin[cell]},{float(ends.losses[cell])!r},{int(ends.moving[cell])}"
                yield f'"{ends.name}",{float(x)!r},{float(y)!r},{end},{last}'
