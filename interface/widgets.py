"""The parts of which a sidebar is made: a widget shows the experiment, and changes it through its callback.

Its key holds the landscape, so that its limits never change under it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from interface import own, state
from interface.experiment import Experiment, Limit


def shows(experiment: Experiment, name: str, value: object, change: Callable[[Any], None]) -> dict[str, Any]:
    """Key and callback of a widget that shows `value`."""
    key = f"{_ground(experiment)}/{name}"
    if st.session_state.get(key) != value:
        st.session_state[key] = value

    def changed() -> None:
        change(st.session_state[key])

    return {"key": key, "on_change": changed}


def setting(experiment: Experiment, name: str) -> dict[str, Any]:
    """Key and callback of a widget that shows a setting of an experiment."""
    return shows(experiment, name, getattr(experiment, name), lambda value: state.change(**{name: value}))


def number(shown: dict[str, Any], label: str, limit: Limit, step: float, help: str = "") -> None:
    """A number within a limit; a field that was emptied shows its number again, and a sentence says why."""
    kind = int if limit.whole else float

    def entered() -> None:
        if st.session_state[shown["key"]] is None:
            state.here().notes = (f"Nothing was changed: {label} must be {limit}.",)
        else:
            shown["on_change"]()

    st.number_input(
        label,
        value=None,  # else an empty field would mean the least number
        min_value=kind(limit.low),
        max_value=kind(limit.high),
        step=kind(step),
        format="%d" if limit.whole else "%g",
        help=help or None,
        key=shown["key"],
        on_change=entered,
    )


def _ground(experiment: Experiment) -> str:
    """What the limits of a widget depend on."""
    if experiment.landscape != own.NAME:
        return experiment.landscape
    return f"{own.NAME} {experiment.surface().domain}"
