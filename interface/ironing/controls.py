"""The sidebar of the ironing page, put together from the playground's parts."""

from __future__ import annotations

import streamlit as st

from interface import controls, state
from interface.controls import number, setting, shows, stride
from interface.ironing.view import View, section_limit

TITLES = {1: "Curve", 2: "Surface"}


def show(view: View) -> None:
    """Draw the sidebar of a view."""
    with st.sidebar:
        controls.landscape(view)
        _dim(view)
        st.subheader("Ball")
        controls.radius(view)
        controls.scale(view)
        if view.dim == 2:
            _paths(view)
        controls.reset()


def _dim(view: View) -> None:
    """Curve or surface, and where the curve is cut out of a surface that has none of its own."""

    def chosen(dim: int | None) -> None:
        state.change(dim=dim or view.dim)

    st.segmented_control(
        "Curve or surface",
        list(TITLES),
        format_func=TITLES.get,
        help="A curve is the landscape with one coordinate, or a section of it at a fixed y.",
        width="stretch",
        **shows(view, "dim", view.dim, chosen, default="default"),
    )
    limit = section_limit(view)
    if view.dim == 1 and limit is not None:
        number(
            setting(view, "section"), "Section at y", limit, stride(limit), "The curve is f(x, y) at this y."
        )


def _paths(view: View) -> None:
    """The paths of the ball and of gradient descent, and their settings where they are shown."""
    st.subheader("Paths")
    st.toggle(
        "Ball and gradient descent",
        help="Both run from one start, as on the playground: the ball's centre runs down the centre surface.",
        **setting(view, "paths"),
    )
    if view.paths:
        controls.start(view)
        controls.rates(view)
