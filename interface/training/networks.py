"""The optimisers on a network, on the page: by epochs, at equal gradients and at equal wall time."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from figures import comparison
from figures.comparison import Comparison, Curve
from interface import charts, state
from interface.controls import shows
from interface.state import Session
from interface.training import command, following, wording
from interface.training.view import View
from interface.wording import quoted
from rbo.experiments import table1
from rbo.experiments.chart import spread
from rbo.experiments.methods import METHODS
from rbo.experiments.table1 import EQUALS

AGAINST = {"epochs": "epochs", "gradients": "gradient evaluations", "seconds": "seconds of steps"}
TITLES = {"epochs": "By epochs", "gradients": "By gradients", "seconds": "By wall time"}
OFTEN = 2.0
RECORDED = command.ROOT / "docs"
KINDS = {"data": str, "model": str, "method": str, "equal": str, "seeds": int, "diverged": int}  # else float
Rows = Sequence[dict[str, Any]]


def show(session: Session) -> None:
    """Everything about the table of a view."""
    asked: View = session.experiment
    st.markdown(
        "The paper's Table 1 at a small size: every optimiser at four learning rates, the ball at seven, the "
        "best chosen on images kept for that, the accuracy measured on others. A step of RBO costs eleven "
        "gradients, one of SGD costs one: so the comparison is made by epochs **and** at equal cost."
    )
    total, results = len(command.runs(asked)), command.done(asked)
    _follow(session, asked, len(results), total)
    if results:
        _results(asked, results, len(results) < total)
    else:
        _recorded(asked)
    _paper()


def _follow(session: Session, asked: View, finished: int, total: int) -> None:
    """The process on the page: begun, followed, stopped, gone on with."""
    process = command.current(asked)
    if process and process.running:
        look = lambda: process.look(len(command.done(asked)), total)  # noqa: E731
        now = lambda: (process.running, len(command.done(asked)) // max(1, total // 8))  # noqa: E731
        before = True, finished // max(1, total // 8)
        following.watch(session, look, now, before, "The optimisers", process.stop, OFTEN)
        return
    if process and process.failed:
        st.error(f"The runs ended: {quoted(process.failed, 200)}. What is done is kept.")
    if finished < total:
        other = command.busy(asked)
        if process and process.halted:
            st.caption(f"The runs were stopped after {finished} of {total}: what is done is kept.")
        label = f"Go on: {total - finished} of {total} runs" if finished else f"Start {total} runs"
        st.button(label, icon=":material/play_arrow:", on_click=command.start, args=(asked,), disabled=other)
        if other:
            st.caption("Another table is being computed: this one can begin after it.")


def _recorded(asked: View) -> None:
    """What is shown before a reader has begun: the table that came with the app."""
    rows = recorded(asked)
    if not rows:
        return
    st.subheader("What a run before this one gave")
    sentences = [wording.verdict(rows, equal) for equal in EQUALS]
    st.markdown("\n".join(f"- {said}" for said in sentences if said))
    compared = compare(rows)
    charts.show(comparison.figure(compared, charts.theme()), "recorded", comparison.describe(compared))
    st.caption(
        f"{limits(rows)}; ± is one standard deviation over {rows[0]['seeds']} seeds. Its command, and what "
        "follows from it: `docs/results.md`."
    )


def recorded(asked: View) -> list[dict[str, Any]]:
    """The rows of a network and its optimisers in the files beside docs/results.md."""
    chosen = {METHODS[name].title for name in asked.optimizers}
    rows = []
    for file in sorted(RECORDED.glob(f"table1_{command.DATA}_*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            found = list(csv.DictReader(lines))
        rows += [row for row in found if row["model"] == asked.model and row["method"] in chosen]
    return [{name: KINDS.get(name, float)(value) for name, value in row.items()} for row in rows]


def _results(asked: View, results: list[dict[str, Any]], partial: bool) -> None:
    rows = table1.table(results)
    if partial:
        st.caption(f":material/info: So far {len(results)} runs: what they say may change.")
    sentences = [*(wording.verdict(rows, equal) for equal in EQUALS), wording.order(rows)]
    st.markdown("\n".join(f"- {said}" for said in sentences if said))
    compared = compare(rows)
    st.subheader("Accuracy, three ways to compare")
    figure = comparison.figure(compared, charts.theme())
    charts.show(figure, "comparison", comparison.describe(compared))
    st.table(columns(rows), hide_index=True)
    st.caption(
        f"On {command.DATA}, {limits(rows)}. ± is one standard deviation over seeds. Wall time is this "
        "machine's, and the runs share it."
    )
    st.subheader("On the way")
    st.segmented_control(
        "Against",
        list(TITLES),
        format_func=TITLES.get,
        label_visibility="collapsed",
        **shows(
            asked, "equal", asked.equal, lambda n: state.change(equal=n or asked.equal), default="default"
        ),
    )
    drawn = lines(results, rows, asked.equal)
    words = "; ".join(f"{c.name} ends at {c.means[-1]:.1f} %" for c in drawn if len(c.means))
    charts.show(comparison.curves(drawn, AGAINST[asked.equal], charts.theme()), "curves", words)
    following.download("Table as CSV", written(rows), f"table1_{command.DATA}_{asked.model}")
    st.caption(f"The same from a terminal: `python {' '.join(command.words(asked))}`")


def compare(rows: Rows) -> Comparison:
    """The table as the figure draws it."""
    cells = {(row["method"], row["equal"]): row for row in rows}
    methods = tuple(m.title for m in METHODS.values() if (m.title, EQUALS[0]) in cells)
    means, deviations = (
        np.array([[cells[method, equal][field] for equal in EQUALS] for method in methods])
        for field in ("accuracy_mean", "accuracy_sd")
    )
    return Comparison(methods, tuple(wording.WAYS[equal] for equal in EQUALS), means, deviations)


def columns(rows: Rows) -> dict[str, list[str]]:
    """The table as columns of text."""
    cells = {(row["method"], row["equal"]): row for row in rows}
    methods = [m.title for m in METHODS.values() if (m.title, EQUALS[0]) in cells]

    def cell(row: dict[str, Any]) -> str:
        lost = f", {row['diverged']} diverged" if row["diverged"] else ""
        return f"{wording.score(row)} (η {row['lr']:g}{lost})"

    ways = {wording.WAYS[equal]: [cell(cells[method, equal]) for method in methods] for equal in EQUALS}
    seeds = [str(cells[method, EQUALS[0]]["seeds"]) for method in methods]
    return {"optimiser": methods, **ways, "seeds": seeds}


def limits(rows: Rows) -> str:
    """Where the three comparisons are made."""
    at = {row["equal"]: row["at"] for row in rows}
    return (
        f"{at['epochs']:g} epochs, {at['gradients']:g} gradients of a batch of 64, "
        f"{at['seconds']:.2g} s of steps"
    )


def lines(results: list[dict[str, Any]], rows: Rows, equal: str) -> tuple[Curve, ...]:
    """The mean curve of each optimiser at the rate of its row."""
    own = {row["method"]: row for row in rows if row["equal"] == equal}
    drawn = []
    for name, method in METHODS.items():
        if method.title in own:
            row = own[method.title]
            runs = [r for r in results if r["run"]["method"] == name and r["run"]["lr"] == row["lr"]]
            points = np.array(spread(runs, equal, row["at"])).reshape(-1, 3)
            drawn.append(Curve(method.title, *points.T))
    return tuple(drawn)


def written(rows: Rows) -> list[str]:
    """The table as lines with commas, as the command writes it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, table1.COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().splitlines()


def _paper() -> None:
    with st.expander("What the paper reports (Table 1)"):
        names = [row[0] for row in wording.PAPER]
        values = zip(*(row[1:] for row in wording.PAPER), strict=True)
        scores = {
            method: [f"{score:.2f}" for score in column]
            for method, column in zip(wording.PAPER_METHODS, values, strict=True)
        }
        st.table({"": names, **scores}, hide_index=True)
        st.caption(
            "Validation accuracy in %, 10 epochs, SGD at rate 0.01 without momentum "
            "([arXiv 2505.19527](https://arxiv.org/abs/2505.19527)). Other data and networks than here: the "
            "order of the methods can be compared, the numbers cannot. It compares by epochs only, and has "
            "neither SGD with momentum nor AdamW."
        )
