"""What every page begins with: its settings, the links to the other pages, a calm top."""

from __future__ import annotations

import time
from pathlib import Path

import streamlit as st

from interface import navigation, presenting, typed

ICON = Path(__file__).parent / "ball.svg"
HEAD_START = 0.15  # seconds
STYLE = """<style>
.stMainBlockContainer { padding-top: 4rem; padding-bottom: 3rem; }
.stMainBlockContainer h1 { font-size: clamp(1.6rem, 2.4vw, 2.1rem); padding: 0.2rem 0; }
.stMainBlockContainer h2 { font-size: clamp(1.3rem, 1.9vw, 1.6rem); padding: 0.8rem 0 0.2rem; }
.stSidebar h3 { font-size: 1rem; padding: 0.5rem 0 0.3rem; }
.stButtonGroup button p { font-size: 0.82rem; }
[data-testid="stNumberInputClearButton"] { display: none; }  /* no setting may be empty */
/* What is wrong with a number is told below it, not only where the mouse rests. */
[data-testid="stNumberInputContainer"]:has([role="alert"]) { flex-wrap: wrap; height: auto; }
[data-testid="stNumberInputContainer"] [role="alert"] {
  position: static !important; width: 100% !important; height: auto !important; margin: 0 !important;
  clip: auto !important; clip-path: none !important; white-space: normal !important;
  padding: 0 0.6rem 0.4rem !important; font-size: 0.75rem; line-height: 1.3;
}
[data-testid="stNumberInput"]:has([role="alert"]) [data-testid="InputInstructions"] { display: none; }
.st-key-typed { display: none; }
[data-testid="stCaptionContainer"] { color: inherit; opacity: 0.75; }
[data-testid="stCaptionContainer"] p { color: inherit; }
/* On the orange of the dark theme Streamlit's white could not be read. */
[data-testid="stBaseButton-primary"], .stMultiSelect [data-tag] {
  &, & * { color: light-dark(#fff, #17161a) !important; }
}
.stPageLink a[disabled], .stPageLink a[disabled] :is(span, div, p) { color: inherit; font-weight: 600; }
@media (max-width: 640px) {
  .stMainBlockContainer { padding-top: 3.4rem; }
  .stMainBlockContainer > .stVerticalBlock { gap: 0.7rem; }
  .stMainBlockContainer h1 { font-size: 1.3rem; }
  .stMainBlockContainer [data-testid="stMarkdownContainer"] > p { font-size: 0.875rem; line-height: 1.45; }
  .stMain :is(.stButtonGroup > [role], .st-key-pages) { flex-wrap: nowrap; overflow-x: auto; }
  .stMain .st-key-pages { gap: 0.8rem; }
  .stMain :is(.stButtonGroup > [role], .st-key-pages) > * { flex: none; }
  /* A press in a row that lost the focus focuses the last button pressed, and must not scroll to it: it would
     end on another button than it began on. What is as wide as this counts as seen; keys scroll as ever. */
  .stMain .stButtonGroup > [role] > :not(:focus-visible) { scroll-margin-inline: 100rem; }
}
@media (min-width: 900px) { .stMainBlockContainer { padding: 2.6rem 3rem 3rem; } }
</style>"""


def begin(page: str, title: str) -> bool:
    """Begin a page; whether the reader has just come to it from another one."""
    st.set_page_config(page_title=title, page_icon=str(ICON), layout="wide")
    st.html(STYLE)
    if presenting.asked():
        presenting.style()
    typed.watch()
    return navigation.show(page)


def picture_first() -> None:
    """Let the browser draw the picture that it has been sent before charts come.

    One thread of it draws all. Charts that come with the picture may be drawn before it, and Streamlit draws
    each of them twice: that kept readers waiting for a third of a second.
    """
    if st.runtime.exists():
        time.sleep(HEAD_START)
