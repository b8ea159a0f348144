"""Lessons: six ideas, each with a prepared state, one control, and an answer that the computation judges."""

from __future__ import annotations

import streamlit as st

from figures.player import COMING, FAILED, ONLY, player
from interface import attempt, frame, state
from interface.lessons import desk
from interface.lessons.picture import WORK
from interface.lessons.sitting import PAGE

arrived = frame.begin("pages/lessons.py", "Lessons · Rolling Ball Optimizer")
st.title("Six lessons about a ball")
session = state.current(st.query_params.to_dict(), arrived, PAGE)
desk.steps(session.experiment)
if session.notes:
    st.warning("\n\n".join(session.notes), icon=":material/info:")

shown = attempt.picture(session, WORK)
if shown is not None:
    st.header(shown.title)
    st.markdown(shown.text)
    desk.question(shown.experiment)
    player(
        shown.film,
        radius=shown.experiment.radius,
        step=session.frame.get("step"),
        play=session.token,
        alone=(FAILED if session.failure else COMING) if shown.experiment.lesson.control.live else ONLY,
    )
    desk.said(shown.experiment, desk.guarded(session))
state.settled(session)
attempt.complete(session, WORK)
