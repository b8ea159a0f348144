"""The sidebar: every setting of the experiment, each widget named, explained and within its limits.

`show` is the playground's; other pages put theirs together from the same parts.

What a widget shows and changes: see `interface.widgets`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from interface import own, state, writing
from interface.experiment import (
    LIMITS,
    METHODS,
    Experiment,
    Limit,
    choices,
    knobs,
    sides,
    specification,
)
from interface.widgets import number, setting, shows
from landscapes import Parameter

FEW = 20  # whole numbers up to this many are a slider
CONTACT_TITLES = {
    "rigid": "Rigid ball",
    "footpoint": "Nearest point",
    "descent": "Inner descent",
}
CONTACT_WORDS = {
    "rigid": "The ball is dropped from above at every step: it never cuts into the surface.",
    "footpoint": "The paper's Algorithm 1: the surface's nearest point to the moved centre. "
    "In a valley narrower than the ball it cuts in.",
    "descent": "The authors' code: a fixed number of gradient steps towards the nearest point. "
    "The ball may sink in.",
}


def show(experiment: Experiment) -> None:
    """Draw the sidebar of the playground."""
    with st.sidebar:
        landscape(experiment)
        st.subheader("Start")
        start(experiment)
        st.caption("Or click on the landscape or on the map.")
        st.subheader("Ball and steps")
        radius(experiment)
        rates(experiment)
        scale(experiment)
        _contact(experiment)
        _beside(experiment)
        reset()


def reset() -> None:
    """The button that brings the default of the page back."""
    st.button(
        "Reset everything",
        icon=":material/restart_alt:",
        on_click=state.only_here(state.reset),
        width="stretch",
    )


def landscape(experiment: Experiment) -> None:
    """Which landscape, and every parameter of it."""
    st.subheader("Landscape")
    key = "landscape"
    st.session_state[key] = experiment.landscape
    offered = choices()
    st.selectbox(
        "Landscape",
        offered,
        index=offered.index(experiment.landscape),
        format_func=lambda name: specification(name).title,
        key=key,
        on_change=state.taking(key, state.change_landscape),
        label_visibility="collapsed",
    )
    told = specification(experiment.landscape)
    st.caption(told.description, help=told.reference)
    if experiment.landscape == own.NAME:
        writing.show(experiment)
        return
    values = dict(experiment.parameters)
    if values:
        with st.expander("Shape of the landscape", key=f"{experiment.landscape}/shape"):
            for knob in knobs(experiment.landscape):
                _knob(experiment, knob, values[knob.name])


def _knob(experiment: Experiment, knob: Parameter, value: object) -> None:
    """A parameter of the landscape."""
    among = knob.choices if knob.kind == "choice" else None
    shown = shows(
        experiment, knob.name, value, lambda new: state.change_parameter(knob.name, new), among=among
    )
    label = knob.name.replace("_", " ").capitalize()
    if knob.kind == "choice":
        st.selectbox(label, knob.choices, help=knob.description, **shown)
    elif knob.kind == "int" and knob.high - knob.low > FEW:
        number(shown, label, Limit(knob.low, knob.high, whole=True), 1, knob.description)
    else:
        st.slider(
            label,
            knob.low,
            knob.high,
            step=knob.step if knob.kind == "int" else float(knob.step),
            format="%d" if knob.kind == "int" else "%g",
            help=knob.description,
            **shown,
        )


def start(experiment: Experiment) -> None:
    """Where the runs start."""

    def moved(axis: int, value: float) -> None:
        point = list(experiment.start)
        point[axis] = value
        state.change(start=tuple(point))

    _point(experiment, ("x", "y"), ("x", "y"), experiment.start, moved)


def _point(
    experiment: Experiment,
    names: tuple[str, str],
    labels: tuple[str, str],
    point: tuple[float, float],
    moved: Callable[[int, float], None],
) -> None:
    """The two coordinates of a start, side by side."""
    limits = sides(experiment.surface())
    for axis, column in enumerate(st.columns(2)):
        with column:
            shown = shows(experiment, names[axis], point[axis], partial(moved, axis))
            number(shown, labels[axis], limits[axis], stride(limits[axis]))


def stride(limit: Limit) -> float:
    """About a hundredth of a range."""
    return float(f"{(limit.high - limit.low) / 100:.0e}")


def radius(experiment: Experiment) -> None:
    """ρ."""
    limit = experiment.radii()
    number(
        setting(experiment, "radius"),
        "Radius ρ",
        limit,
        stride(limit),
        "The slider under the picture changes it at once, without a new computation.",
    )


def rates(experiment: Experiment) -> None:
    """η and the number of steps, side by side."""
    left, right = st.columns(2)
    with left:
        rate = float(f"{experiment.lr / 10:.0e}")
        number(
            setting(experiment, "lr"),
            "Learning rate η",
            LIMITS["lr"],
            rate,
            "The step size of every method.",
        )
    with right:
        number(setting(experiment, "steps"), "Steps", LIMITS["steps"], 50)


def scale(experiment: Experiment) -> None:
    """λ."""
    number(
        setting(experiment, "scale"),
        "Loss scale λ",
        LIMITS["scale"],
        float(f"{experiment.scale / 10:.0e}"),
        "The ball lives in (θ, λf). A smaller λ makes the landscape flatter: the same ball fits into more of "
        "its wrinkles. A larger λ makes them steep, and it rolls over more. Gradient descent knows no λ.",
    )


def _contact(experiment: Experiment) -> None:
    st.selectbox(
        "How the ball finds its contact",
        CONTACT_TITLES,
        format_func=CONTACT_TITLES.get,
        **setting(experiment, "contact", among=tuple(CONTACT_TITLES)),
    )
    st.caption(CONTACT_WORDS[experiment.contact])
    if experiment.contact == "descent":
        left, right = st.columns(2)
        with left:
            number(setting(experiment, "inner_steps"), "Inner steps N", LIMITS["inner_steps"], 10)
        with right:
            rate = float(f"{experiment.inner_lr / 10:.0e}")
            number(setting(experiment, "inner_lr"), "Inner rate γ", LIMITS["inner_lr"], rate)


def _beside(experiment: Experiment) -> None:
    st.subheader("Beside gradient descent")

    def chosen(asked: list[str]) -> None:
        state.change(methods=tuple(name for name in METHODS if name in asked))

    st.multiselect(
        "Further methods",
        list(METHODS),
        format_func=lambda name: METHODS[name][0],
        placeholder="none",
        **shows(experiment, "methods", list(experiment.methods), chosen, default="default"),
    )

    def twice(asked: bool) -> None:
        low, high = experiment.surface().domain[1]
        x, y = experiment.start
        nearby = y + (high - low) / 60 if y < (low + high) / 2 else y - (high - low) / 60
        state.change(second=(x, float(f"{nearby:.4g}")) if asked else None)

    st.toggle(
        "A second start",
        help="The ball and gradient descent from another start as well.",
        **shows(experiment, "second", experiment.second is not None, twice),
    )
    if experiment.second:
        _second(experiment, experiment.second)


def _second(experiment: Experiment, second: tuple[float, float]) -> None:
    def moved(axis: int, value: float) -> None:
        point = list(second)
        point[axis] = value
        state.change(second=tuple(point))

    _point(experiment, ("x2", "y2"), ("Second x", "Second y"), second, moved)
