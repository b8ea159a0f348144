"""The numbers of a run on the page."""

from __future__ import annotations

import streamlit as st

from interface.compute import DEVICE
from interface.report import EXACT, Report, Run
from interface.wording import number, percent, place, setting, went


def sentence(report: Report) -> str:
    """What there is to see where no story tells it."""
    return (
        f"The ball with ρ = {setting(report.radius)} {went(report.ball)}; "
        f"gradient descent {went(report.descent)}."
    )


def show(report: Report) -> None:
    """One row a run, then what the ball did and what it cost."""
    st.html(table(report))
    st.caption(footnote(report))


STYLE = """<style>
.runs { width: 100%; border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.runs th, .runs td { text-align: left; vertical-align: baseline; padding: 0.3rem 1.2rem 0.3rem 0; }
.runs thead th { font-weight: 400; opacity: 0.7; }
.runs tbody tr { border-top: 1px solid rgb(128 128 128 / 0.25); }
.runs tbody th { font-weight: 600; }
.runs .loss { font-weight: 600; }
.runs .place { white-space: nowrap; }
.runs td:last-child { padding-right: 0; }
@media (max-width: 640px) {
  .runs thead { display: none; }
  .runs tr { display: block; padding: 0.5rem 0; }
  .runs th, .runs td { display: block; padding: 0; }
  .runs td[data-name]::before { content: attr(data-name) " "; opacity: 0.7; font-weight: 400; }
}
</style>"""
COLUMNS = ("run", "loss reached", "at (x, y)", "moved until step", "gradient evaluations", "why it ended")


def table(report: Report) -> str:
    """The runs as a table in HTML; every text in it is ours."""
    head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    body = "".join(row(run) for run in (report.ball, *report.points))
    return f'{STYLE}<table class="runs"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def row(run: Run) -> str:
    """One run as a row of the table."""
    where = f"centre {place(run.center)}" if run.center else place(run.place)
    texts = (number(run.loss), where, str(run.end), str(run.evaluations), run.outcome)
    kinds = ("loss", "place", "end", "cost", "why")
    cells = "".join(
        f'<td class="{kind}" data-name="{name}">{text}</td>'
        for kind, name, text in zip(kinds, COLUMNS[1:], texts, strict=True)
    )
    return f'<tr><th scope="row">{run.name}</th>{cells}</tr>'


def footnote(report: Report) -> str:
    """What the ball did, and what the computation cost."""
    ends = f"ends on {report.contacts} contact{'s' if report.contacts != 1 else ''}"
    missed = f"{MISSED} " if report.contact == "rigid" and report.penetration > EXACT else ""
    return (
        f"{beginning(report)} The ball with ρ = {setting(report.radius)} {ends}; "
        f"its deepest cut into the surface, as a share of ρ, was {percent(report.penetration)}. "
        f"{missed}{COSTS[report.contact]} "
        f"Computed in {report.seconds:.1f} s on the {DEVICE.type.upper()}."
    )


MISSED = (
    "A rigid ball cuts in where the search for its contacts misses one: the surface is too steep there, as "
    "at a pole or a jump."
)
COSTS = {
    "rigid": "A rigid ball pays with global search: at every step it looks for all the places where it may "
    "touch; gradient descent needs one gradient a step.",
    "footpoint": "This ball pays with global search: at every step it looks for the nearest point of the "
    "whole surface; gradient descent needs one gradient a step.",
    "descent": "This ball pays with its inner steps, a gradient each; gradient descent needs one gradient "
    "a step.",
}


def beginning(report: Report) -> str:
    """Where the ball began, and what its loss is."""
    start = f"The loss at the start is {number(report.start_loss)}."
    if report.contact != "rigid":
        return f"{start} The ball is put on it; the loss of a ball is that at its contact."
    return (
        f"{start} The ball is dropped with its centre above it, and first touches at "
        f"{place(report.touchdown)}, at a loss of {number(report.ball.first)}: the loss of a ball is that "
        "at its contact."
    )
