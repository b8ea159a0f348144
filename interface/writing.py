"""The reader's own function in the sidebar: formula and domain. What is typed stays, right or wrong."""

from __future__ import annotations

from typing import Any

import streamlit as st

from interface import own, state
from interface.experiment import Experiment, Limit
from interface.widgets import number
from interface.wording import escaped

HELP = (
    "Numbers, x, y, pi, + − * / ^ and parentheses; sin, cos, tan, exp, log, sqrt, abs, tanh, min, max; sums, "
    "such as `sum(k, 1, 20, sin(k*x)/k)`. At most 200 characters. Press Enter to draw it."
)


def show(experiment: Experiment) -> None:
    """The formula, what is wrong with it, and the domain."""
    draft = state.here().draft
    values = draft.values if draft else dict(experiment.parameters)
    st.text_input("f(x, y) =", max_chars=own.LONGEST, help=HELP, **_shows("formula", values["formula"]))
    if draft:
        st.error(f"{escaped(draft.wrong)}. The last good picture stays.", icon=":material/edit:")
    with st.expander("Domain", key=f"{own.NAME}/domain"):
        for pair in (own.PARAMETERS[1:3], own.PARAMETERS[3:5]):
            for column, knob in zip(st.columns(2), pair, strict=True):
                with column:
                    label, limit = knob.name.replace("_", " "), Limit(knob.low, knob.high)
                    number(_shows(knob.name, values[knob.name]), label, limit, knob.step)


def _shows(name: str, value: object) -> dict[str, Any]:
    """Default, key and callback of a widget that shows a part of the function as it was typed."""
    key = f"{own.NAME}/{name}"
    if st.session_state.get(key) != value:
        st.session_state[key] = value

    def typed(text: Any) -> None:
        state.rewrite(**{name: text})

    return {"value": value, "key": key, "on_change": state.taking(key, typed)}
