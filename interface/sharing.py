"""The button 'Share': a link that holds the whole state of a page, its QR code, and the presentation view.

The whole state is in the address, and the address is known in the browser alone, where the player writes the
scrubbed radius and the step into it. So the browser makes the link and asks the server for no more than its
QR code: in a fragment, so that the page does not run again for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from pathlib import PurePosixPath
from typing import Any

import segno
import streamlit as st

from figures.player import assets

LONGEST = 2000  # characters of a link; the largest code holds 2331 at the least correction that is readable
FIRST_PAGE = "app.py"


def button(scripts: Iterable[str]) -> None:
    """Draw the button; `scripts` are those of all pages."""
    if st.runtime.exists():
        assets.register()
        _button([slug(script) for script in scripts])


@st.fragment
def _button(pages: list[str]) -> None:
    link = (st.session_state.get("share") or {}).get("link")
    known = isinstance(link, str)
    data = {"pages": pages, "asked": link if known else None, "rows": square(link) if known else None}
    _renderer()(key="share", data=data, on_link_change=lambda: None, width="content")


def slug(script: str) -> str:
    """The last part of the address of a page.

    >>> slug("app.py"), slug("pages/real_losses.py")
    ('', 'real_losses')
    """
    return "" if script == FIRST_PAGE else PurePosixPath(script).stem


@lru_cache(maxsize=64)
def square(link: str) -> list[str] | None:
    """The QR code of a link as rows of '0' and '1' (dark), or None where the link is too long for one.

    >>> rows = square("https://example.org/?radius=0.3")
    >>> len(rows), rows[0][:8]
    (25, '11111110')
    """
    if len(link) > LONGEST:
        return None
    try:
        code = segno.make_qr(link, error="l")  # a higher correction where the same size has room for it
    except segno.DataOverflowError:
        return None
    return ["".join(str(int(bit)) for bit in row) for row in code.matrix]


@cache
def _renderer() -> Callable[..., Any]:
    return st.components.v2.component(
        assets.SHARE, js="share/main.js", css="share/style.css", isolate_styles=False
    )
