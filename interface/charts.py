"""Plotly charts on a page: in its colours, without a toolbar, with words for who cannot see them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import streamlit as st

from interface import presenting

LARGE = 18  # pixels: letters of a presentation


def theme() -> str:
    """'light' or 'dark', as the page is."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show(figure: object, key: str, alt: str, **settings: object) -> None:
    """A figure with its words; in large type where it is presented."""
    if presenting.asked():
        figure = large(figure)
    st.plotly_chart(figure, key=key, theme=None, config={"displayModeBar": False}, alt=alt, **settings)


def large(figure: Any) -> Any:
    """A copy in large type, with as much more height and room around."""
    copy = deepcopy(figure)
    layout = copy.layout
    grown = LARGE / layout.font.size
    margin = {side: grown * room for side, room in layout.margin.to_plotly_json().items() if side in "lrtb"}
    copy.update_layout(font_size=LARGE, margin=margin, height=layout.height and grown * layout.height)
    copy.update_layout(title_font_size=layout.title.font.size and grown * layout.title.font.size)
    for words in layout.annotations:
        words.font.size = words.font.size and grown * words.font.size
        words.yshift = words.yshift and grown * words.yshift
    return copy
