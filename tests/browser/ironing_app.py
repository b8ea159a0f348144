"""A page with the viewer of ironing alone.

streamlit run tests/browser/ironing_app.py      # ?what=profile, relief or film
"""

import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from figures.ironing import ironing_viewer
from tests.browser.ironing_records import LONE, RADII, make_profile, make_relief

STEEP = 40.0  # by which the heights are stretched where the reader asks for it
profile_of = st.cache_data(make_profile, max_entries=4)
relief_of = st.cache_data(make_relief, max_entries=4)


def number(name, fallback=None):
    """A number of the address, or the fallback."""
    try:
        return float(st.query_params[name])
    except (KeyError, ValueError):
        return fallback


st.set_page_config(layout="wide")
st.text_input("Anything", key="anything")
what = st.query_params.get("what", "profile")
lone = st.checkbox("A radius of its own")
if what == "profile":
    scale = STEEP if st.checkbox("Steep") else 1.0
    record = profile_of(RADII, scale)
    other = profile_of(np.array([LONE]), scale) if lone else None
else:
    record = relief_of(RADII, what == "film")
    other = relief_of(np.array([LONE]), what == "film") if lone else None
step = number("step")
ironing_viewer(
    record,
    lone=other,
    radius=LONE if lone else st.session_state.get("radius", number("radius", 0.43)),
    position=number("position"),
    across=number("across"),
    step=None if step is None else int(step),
    on_radius=lambda radius: st.session_state.update(radius=radius),
)
st.write(f"radius {st.session_state.get('radius')}")
