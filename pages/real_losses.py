"""Real losses: a network is trained, its loss cut by a plane, and the ball rolls on the cut."""

from __future__ import annotations

import streamlit as st

from figures.player import COMING, FAILED, player
from interface import attempt, frame, presenting, state, teller
from interface.neural import controls, learning, results
from interface.neural.page import PAGE
from interface.neural.picture import WORK
from interface.neural.stories import STORIES

arrived = frame.begin("pages/real_losses.py", "Real losses · Rolling Ball Optimizer")
session = state.current(st.query_params.to_dict(), arrived, PAGE)

st.title("The same ball on the loss of a network")
st.markdown(
    "Is a network's loss as wrinkled as the fractals? Train one, cut its loss with a **plane** of weight "
    "space, and roll the ball on the cut. The plane is one slice of many dimensions: what it hides is "
    "measured below."
)
controls.study(session.experiment)
teller.buttons(session.experiment, STORIES)
if session.notes:
    st.warning("\n\n".join(session.notes), icon=":material/info:")

shown, place = session.good, None
if learning.followed(session):
    with learning.waiting(session):
        shown = attempt.picture(session, WORK)
if shown is not None:
    if shown.experiment == session.experiment:
        controls.rolling(shown.run)
    if shown.notes:
        st.warning("\n\n".join(shown.notes), icon=":material/info:")
    st.markdown(shown.text)
    player(
        shown.film,
        radius=shown.run.radius,
        step=session.frame.get("step"),
        play=session.token,
        alone=FAILED if session.failure else COMING,
        on_start=None if presenting.asked() else state.only_here(controls.click),
        on_radius=state.only_here(state.change_radius),
    )
    st.caption(shown.brief)
    frame.picture_first()
    place = results.show(shown)
state.settled(session)
attempt.complete(session, WORK)
if place is not None:
    results.complete(session, place)
