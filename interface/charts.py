"""Plotly charts on a page: in its colours, without a toolbar, with words for who cannot see them."""

from __future__ import annotations

from copy import deepcopy

import streamlit as st

from interface import presenting

LARGE = 18  # pixels: letters of a presentation


def theme() -> str:
    """'light' or 'dark', as the page is."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show(figure: object, key: str, alt: str, **settings: object) -> None:
    """A figure with its words; in large type where it is presented."""
    if presenting.asked():
        figure = deepcopy(figure).update_layout(font_size=LARGE)
    st.plotly_chart(figure, key=key, theme=None, config={"displayModeBar": False}, alt=alt, **settings)
