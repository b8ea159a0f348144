"""The numbers of a run on the page."""

from __future__ import annotations

import streamlit as st

from interface.compute import DEVICE
from interface.report import Report, Run
from interface.wording import number, percent, place, setting


def show(report: Report) -> None:
    """One row a run, then what the ball did and what it cost."""
    st.markdown(table(report))
    st.caption(footnote(report))


def table(report: Report) -> str:
    """The runs as a Markdown table."""
    head = "| | loss reached | at | still moving until | gradient evaluations | why it ended |"
    rows = [row(run) for run in (report.ball, *report.points)]
    return "\n".join([head, "|:--|--:|:--|--:|--:|:--|", *rows])


def row(run: Run) -> str:
    """One run as a row of the table."""
    cells = (
        f"**{run.name}**",
        f"**{number(run.loss)}**",
        place(run.place),
        f"step {run.end}",
        str(run.evaluations),
        run.outcome,
    )
    return "| " + " | ".join(cells) + " |"


def footnote(report: Report) -> str:
    """What the ball did, and what the computation cost."""
    cut = percent(report.penetration)
    return (
        f"Loss at the start {number(report.start_loss)}. Ball: ρ = {setting(report.radius)}, "
        f"{report.contacts} contact{'s' if report.contacts != 1 else ''} at the end, "
        f"deepest cut into the surface {cut} of ρ. "
        f"All radii were computed in {report.seconds:.1f} s on the {DEVICE.type.upper()}."
    )
