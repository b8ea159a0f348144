"""Plotly charts on a page: in its colours, without a toolbar, with words for who cannot see them."""

from __future__ import annotations

import streamlit as st


def theme() -> str:
    """'light' or 'dark', as the page is."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show(figure: object, key: str, alt: str, **settings: object) -> None:
    """A figure with its words."""
    st.plotly_chart(figure, key=key, theme=None, config={"displayModeBar": False}, alt=alt, **settings)
