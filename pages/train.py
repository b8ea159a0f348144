"""Train: what the radius, the rate and the start decide on a landscape, and the optimisers on a network."""

from __future__ import annotations

import streamlit as st

from interface import attempt, frame, state
from interface.training import basins, controls, network_rates, networks, rates
from interface.training.view import PAGE

SECTIONS = {
    "rates": rates.show,
    "starts": basins.show,
    "network_rates": network_rates.show,
    "networks": networks.show,
}

arrived = frame.begin("pages/train.py", "Train · Rolling Ball Optimizer")
session = state.current(st.query_params.to_dict(), arrived, PAGE)

st.title("What radius, rate and start decide")
controls.show(session.experiment)
st.space("xsmall")
controls.choice(session.experiment)
if session.notes:
    st.warning("\n\n".join(session.notes), icon=":material/info:")
try:
    SECTIONS[session.experiment.show](session)
except Exception as error:  # a loss may raise anything: the reader keeps the page
    attempt.say("This sweep", error, session.experiment, "Another setting may do.")
state.settled(session)
