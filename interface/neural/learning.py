"""The training as it comes: progress, loss and accuracy, and a button that stops it.

A run of the page that is interrupted, by the button or by any other setting, leaves the course where it is:
the records stay, and it can be taken up again.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from time import monotonic

import numpy as np
import plotly.graph_objects as go
import streamlit as st

import figures.sketch
import figures.training
from figures.training import Learning
from interface import attempt, charts, state
from interface.neural import apart
from interface.neural.slicing import course, has_cut, slicing
from interface.neural.study import Study, changed
from interface.neural.wording import network
from interface.shared import telling
from interface.state import Session
from interface.wording import percent
from landscapes.neural import Unavailable
from landscapes.neural.course import Course

OFTEN = 0.25  # seconds between two pictures of it


def followed(session: Session) -> bool:
    """Train what the study asks for, in sight; whether there are weights to show."""
    study: Study = session.experiment
    panel = st.empty()
    try:
        if has_cut(slicing(study)):
            return True
        follow = course(study.training(), study.weights)
        if not follow.reaches(study.stopped):
            with panel.container(border=True):
                _watch(study, follow)
            panel.empty()
        return True
    except Unavailable as error:  # its words are for readers
        kept = " The last good picture is kept." if session.good else ""
        said = str(error)
        panel.error(f"{said[0].upper()}{said[1:]}.{kept}", icon=":material/cloud_off:")
    except Exception as error:
        panel.empty()
        kept = "The last good picture is kept." if session.good else ""
        attempt.say("This network" if study.weights else "This training", error, study, kept)
    return False


def waiting(session: Session) -> AbstractContextManager:
    """While a new slice is computed: what is done meanwhile."""
    study: Study = session.experiment
    if has_cut(slicing(study)):
        return nullcontext()
    return st.spinner("Evaluating the loss on the plane, point by point")


def _watch(study: Study, follow: Course) -> None:
    bar = st.progress(0.0, text=f"Training {network(study)}")
    drawing, shown = st.empty(), 0.0
    stopping = state.only_here(stop)
    st.button(
        "Stop here", icon=":material/stop_circle:", on_click=stopping, args=(follow,), key="stop training"
    )
    total, theme = study.stopped or study.train_steps, charts.theme()
    while not follow.reaches(study.stopped):
        with telling(drawing.caption):
            apart.advance(follow)
        record = follow.records[-1] if follow.records else None
        if record and monotonic() - shown > OFTEN:
            said = (
                f"Training {network(study)}: step {record.step} of {total}, loss {record.loss:.3f}, "
                f"{percent(record.held_accuracy)} of the samples held out are right"
            )
            bar.progress(min(1.0, record.step / total), text=said)
            drawing.html(figures.sketch.html(learning(study, follow), theme))
            shown = monotonic()


def stop(follow: Course) -> None:
    """Make do with the records that there are, but for the first three: on fewer no plane is spanned."""
    if follow.records:
        step = max(follow.records[-1].step, 2 * follow.training.record)
        state.take(changed(state.here().experiment, stopped=step), chosen=True)


def go_on() -> None:
    """Train to the end after all."""
    state.take(changed(state.here().experiment, stopped=None), chosen=True)


def learning(study: Study, follow: Course) -> Learning:
    """The records up to where the study stops, as the figure wants them."""
    records = [r for r in list(follow.records) if study.stopped is None or r.step <= study.stopped]
    steps, losses, right, held = (
        np.array([getattr(record, name) for record in records])
        for name in ("step", "loss", "accuracy", "held_accuracy")
    )
    return Learning(steps, losses, right, held, study.train_steps, 1 - study.corrupted)


def both(records: Learning, theme: str) -> tuple[go.Figure, go.Figure]:
    """Loss and accuracy, a figure each: beside each other, on a phone below."""
    return figures.training.losses(records, theme), figures.training.accuracies(records, theme)
