"""Ironing: what a ball of one radius sees of a landscape, and what it irons out."""

from __future__ import annotations

import streamlit as st

from figures.ironing import ironing_viewer
from interface import attempt, frame, state, teller
from interface.ironing import controls, results
from interface.ironing.picture import WORK
from interface.ironing.stories import STORIES
from interface.ironing.view import PAGE

arrived = frame.begin("pages/ironing.py", "Ironing · Rolling Ball Optimizer")
session = state.current(st.query_params.to_dict(), arrived, PAGE)

st.title("What a ball of this radius sees")
st.markdown(
    "A ball on the loss feels only what it can touch. Its centre moves on the **centre surface** F, its "
    "underside sweeps the **ironed surface** φ, and wrinkles smaller than the ball are gone: drag the radius."
)
controls.show(session.experiment)
teller.buttons(session.experiment, STORIES)
if session.notes:
    st.warning("\n\n".join(session.notes), icon=":material/info:")

shown = attempt.picture(session, WORK)
if shown is not None:
    st.markdown(shown.text)
    if shown.notes:
        st.caption(f":material/info: {shown.notes}")
    ironing_viewer(
        shown.record,
        radius=shown.experiment.radius,
        lone=shown.lone,
        position=session.frame.get("position"),
        across=session.frame.get("across"),
        step=session.frame.get("step"),
        begin=session.token,
        on_radius=state.only_here(state.change_radius),
    )
    frame.picture_first()
    results.show(shown)
state.settled(session)
attempt.complete(session, WORK)
