"""The presentation view of a page, `?present=1`: no controls but the scrubbers, large type.

It is the same page: what is left out is hidden, so that a link to it is a link to the page, and back.
"""

from __future__ import annotations

import streamlit as st

NAME = "present"
STYLE = """<style>
html { font-size: 21px; }
.stSidebar, .stAppHeader, [data-testid="stSkipToContent"], [data-testid="stExpandSidebarButton"],
.stMain :is(.stButton, .stButtonGroup, .stCheckbox, .stDownloadButton, .stExpander, .stFileUploader, .stForm,
  .stLinkButton, .stMultiSelect, .stNumberInput, .stPageLink, .stPopover, .stRadio, .stSelectbox, .stSlider,
  .stTextArea, .stTextInput, .st-key-progress, .st-key-take-home),
.rbo-player :is(figcaption button, .choice, .ask, .saving, .controls select) { display: none !important; }
.stMain [data-testid="stMarkdownContainer"] > p { font-size: 1rem !important; line-height: 1.5 !important; }
.rbo-player button.switch { border-color: transparent !important; pointer-events: none; }
.stMain a { color: inherit; text-decoration: none; pointer-events: none; }
.stMainBlockContainer { padding: 1.2rem 1.6rem 1rem !important; max-width: none; }
.rbo-player { --letters: 1.6; }
.rbo-player, .rbo-player .film-title { font-size: 20px; }
.rbo-player :is(.legend, .readout, .outcome, .grid-note, figcaption) { font-size: 18px; }
.rbo-player .overlay text { font-size: 14px; }
.rbo-player .overlay .note { font-size: 17px; }
.rbo-player .overlay .spoke-label { font-size: 18px; }
</style>"""


def asked() -> bool:
    """Whether the address asks for the presentation."""
    return st.query_params.get(NAME) == "1"


def style() -> None:
    """Hide the controls, and write large."""
    st.html(STYLE)
