"""The links between the pages, the same on every page; Streamlit's own are hidden by the configuration."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from interface import presenting, sharing

ROOT = Path(__file__).parents[1]
PAGES = {  # script: what the reader reads; a page appears here once its script exists
    "app.py": "Playground",
    "pages/ironing.py": "Ironing",
    "pages/real_losses.py": "Real losses",
    "pages/train.py": "Train",
    "pages/lessons.py": "Lessons",
}


SHOWN = "page"


def show(page: str) -> bool:
    """Draw the links, and say whether the reader has just come to `page`."""
    pages = _pages()
    if not presenting.asked():
        with st.container(horizontal=True, gap="medium", vertical_alignment="center", key="pages"):
            for script, title in pages.items():
                st.page_link(script, label=title, disabled=script == page)
            sharing.button(pages)
    arrived = st.session_state.get(SHOWN) != page
    st.session_state[SHOWN] = page
    return arrived


def place() -> tuple[str, list[str]]:
    """The last part of the address of the page that is shown, and of all pages; '' is the first."""
    return sharing.slug(st.session_state[SHOWN]), [sharing.slug(script) for script in _pages()]


def _pages() -> dict[str, str]:
    return {script: title for script, title in PAGES.items() if (ROOT / script).exists()}
