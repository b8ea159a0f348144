"""The parts of which a sidebar is made: a widget shows the experiment, and changes it through its callback.

Its key holds the landscape, so that its limits never change under it. What it shows is both its default and
set where the experiment has changed: a setting is sent once, and on a slow line the run after that may come
before the browser has the widget's code, to which then only the default is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from interface import own, state
from interface.experiment import Experiment, Limit


def shows(
    experiment: Experiment,
    name: str,
    value: object,
    change: Callable[[Any], None],
    default: str = "value",
    among: Sequence[Any] | None = None,
) -> dict[str, Any]:
    """Default, key and callback of a widget that shows `value`.

    Args:
        experiment: with its landscape.
        name: of what is shown.
        value: what it is.
        change: takes the value that the reader chose.
        default: how the widget calls its default.
        among: of a select box: what may be chosen.
    """
    key = f"{_ground(experiment)}/{name}"
    if st.session_state.get(key) != value:
        st.session_state[key] = value

    drawn = _ground(state.here().experiment)

    def take(new: Any) -> None:
        if _ground(state.here().experiment) == drawn:  # else it was said of another landscape
            change(new)

    first = {default: value} if among is None else {"index": list(among).index(value)}
    return first | {"key": key, "on_change": state.taking(key, take)}


def setting(experiment: Experiment, name: str, among: Sequence[Any] | None = None) -> dict[str, Any]:
    """Default, key and callback of a widget that shows a setting of an experiment."""
    value = getattr(experiment, name)
    return shows(experiment, name, value, lambda new: state.change(**{name: new}), among=among)


def number(shown: dict[str, Any], label: str, limit: Limit, step: float, help: str = "") -> None:
    """A number within a limit; a field that was emptied shows its number again."""
    st.number_input(
        label,
        min_value=float(limit.low),
        max_value=float(limit.high),
        step=float(step),
        format="%.0f" if limit.whole else "%g",
        help=help or None,
        **(_whole(shown) if limit.whole else shown),
    )


def _whole(shown: dict[str, Any]) -> dict[str, Any]:
    """A field for whole numbers as one for any: Streamlit would make 1 of `1e9` and 2 of `2.5` without a
    word. What is not whole is refused by whoever takes it."""
    key, take = shown["key"], shown["on_change"]

    def changed() -> None:
        if key in st.session_state and st.session_state[key] % 1 == 0:
            st.session_state[key] = int(st.session_state[key])
        take()

    return shown | {"value": float(shown["value"]), "on_change": changed}


def _ground(experiment: Experiment) -> str:
    """What the limits of a widget depend on."""
    if experiment.landscape != own.NAME:
        return experiment.landscape
    return f"{own.NAME} {experiment.surface().domain}"
