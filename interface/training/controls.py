"""What is shown, and the sidebar: put together from the playground's parts."""

from __future__ import annotations

import streamlit as st

from interface import controls, state
from interface.controls import number, setting, shows
from interface.training.view import EPOCHS, SEEDS, View, ordered
from rbo.experiments.methods import METHODS

SHOWS = {
    "rates": "Radius × rate",
    "starts": "Where starts lead",
    "network_rates": "Radius × rate on a network",
    "networks": "Optimisers on a network",
}
MODELS = {"mlp": "MLP, 2 × 64", "resnet6": "ResNet-6", "resnet8": "ResNet-8", "vgg9": "VGG-9"}


def choice(view: View) -> None:
    """Which sweep is shown."""
    st.pills(
        "What to vary",
        list(SHOWS),
        format_func=SHOWS.get,
        label_visibility="collapsed",
        required=True,
        **shows(
            view, "show", view.show, lambda name: state.change(show=name or view.show), default="default"
        ),
    )


def show(view: View) -> None:
    """Draw the sidebar of a view."""
    with st.sidebar:
        if view.show in ("networks", "network_rates"):
            _network(view)
            if view.show == "networks":
                _table(view)
        else:
            controls.landscape(view)
            if view.show == "rates":
                st.subheader("Start")
                controls.start(view)
            st.subheader("Ball and steps")
            controls.radius(view)
            controls.rates(view)
            controls.scale(view)
        controls.reset()


def side(view: View, name: str, choices: tuple[int, ...], label: str) -> None:
    """How fine a sweep is."""
    st.segmented_control(
        label,
        list(choices),
        format_func=lambda n: f"{n} × {n}",
        **shows(
            view,
            name,
            getattr(view, name),
            lambda n: state.change(**{name: n or getattr(view, name)}),
            default="default",
        ),
    )


def _network(view: View) -> None:
    """The network and how long it learns."""
    st.subheader("Network")
    st.selectbox(
        "Network",
        list(MODELS),
        format_func=MODELS.get,
        label_visibility="collapsed",
        **setting(view, "model", among=list(MODELS)),
    )
    st.caption("It learns 1077 images of handwritten digits, 8 × 8 pixels; the widths are ours.")
    number(setting(view, "epochs"), "Epochs", EPOCHS, 1)


def _table(view: View) -> None:
    """What the table compares."""

    def chosen(names: list[str]) -> None:
        state.change(optimizers=ordered(tuple(names)) or view.optimizers)

    number(setting(view, "seeds"), "Seeds", SEEDS, 1, "Of the first weights and of the order of images.")
    st.pills(
        "Optimisers",
        list(METHODS),
        format_func=lambda name: METHODS[name].title,
        selection_mode="multi",
        help="Each is tried at four learning rates, the ball at seven: the best by validation counts.",
        **shows(view, "optimizers", list(view.optimizers), chosen, default="default"),
    )
