"""The playground: a ball that rolls over a loss landscape, beside gradient descent.

streamlit run app.py
"""

from __future__ import annotations

import streamlit as st

from figures.player import COMING, FAILED, player
from interface import attempt, controls, frame, presenting, results, state, take_home, teller
from interface.picture import WORK

arrived = frame.begin("app.py", "Rolling Ball Optimizer")
playground = state.current(st.query_params.to_dict(), arrived)
experiment = playground.experiment

st.title("Roll a ball down a loss landscape")
st.markdown(
    "Gradient descent follows the slope under a single point, so a small wrinkle in the loss can trap it. "
    "The **Rolling Ball Optimizer** ([arXiv 2505.19527](https://arxiv.org/abs/2505.19527)) rolls a ball of "
    "finite radius over the loss instead: wrinkles smaller than the ball do not stop it."
)
controls.show(experiment)
teller.buttons(experiment)
if playground.notes:
    st.warning("\n\n".join(playground.notes), icon=":material/info:")

shown = attempt.picture(playground, WORK)
if shown is not None:
    st.markdown(shown.text)
    player(
        shown.film,
        radius=shown.experiment.radius,
        step=playground.frame.get("step"),
        play=playground.token,
        alone=FAILED if playground.failure else COMING,
        on_start=None if presenting.asked() else state.only_here(state.click),
        on_radius=state.only_here(state.change_radius),
    )
    results.show(shown.report)
    take_home.show(shown)
state.settled(playground)
attempt.complete(playground, WORK)
