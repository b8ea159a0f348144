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


def show(page: str) -> bool:
    """Draw the links, and say whether the reader has just come to `page`."""
    pages = {script: title for script, title in PAGES.items() if (ROOT / script).exists()}
    if not presenting.asked():
        with st.container(horizontal=True, gap="medium", vertical_alignment="center", key="pages"):
            for script, title in pages.items():
                st.page_link(script, label=title, disabled=script == page)
            sharing.button(pages)
    arrived = st.session_state.get("page") != page
    st.session_state["page"] = page
    return arrived
