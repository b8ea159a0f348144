"""Sharing, no browser: a code is read back bit by bit, a presentation is the page without its links."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from figures.theme import layout
from interface import charts, presenting
from interface.navigation import PAGES
from interface.sharing import LONGEST, slug, square

APP = Path(__file__).parents[1] / "app.py"
MASKS = (
    lambda i, j: (i + j) % 2,
    lambda i, j: i % 2,
    lambda i, j: j % 3,
    lambda i, j: (i + j) % 3,
    lambda i, j: (i // 2 + j // 3) % 2,
    lambda i, j: (i * j) % 2 + (i * j) % 3,
    lambda i, j: ((i * j) % 2 + (i * j) % 3) % 2,
    lambda i, j: ((i + j) % 2 + (i * j) % 3) % 2,
)
ONE_BLOCK = 5  # the largest version whose bytes come in their order, at the least correction


def fixed(side: int) -> np.ndarray:
    """The modules that hold no data (ISO/IEC 18004), of versions 2 to 6."""
    held = np.zeros((side, side), dtype=bool)
    held[:9, :9] = held[:9, -8:] = held[-8:, :9] = True
    held[6], held[:, 6] = True, True
    held[-9:-4, -9:-4] = True
    return held


def bits(code: np.ndarray) -> Iterator[int]:
    """The data, unmasked, in the order of two columns at a time, upwards and downwards in turn."""
    side = len(code)
    held = fixed(side)
    mask = int("".join(str(bit) for bit in code[8, 2:5]), 2) ^ 0b101
    columns = [*range(side - 1, 6, -2), 5, 3, 1]
    for n, right in enumerate(columns):
        for i in range(side - 1, -1, -1) if n % 2 == 0 else range(side):
            for j in (right, right - 1):
                if not held[i, j]:
                    yield int(code[i, j]) ^ (MASKS[mask](i, j) == 0)


def text_of(code: np.ndarray) -> str:
    """What a code of one block says, in bytes."""
    stream = bits(code)
    take = lambda n: int("".join(str(next(stream)) for _ in range(n)), 2)  # noqa: E731
    assert take(4) == 0b0100, "bytes"
    return bytes(take(8) for _ in range(take(8))).decode()


@pytest.mark.parametrize(
    "link",
    [
        "http://localhost:8501/?x=1",
        "https://example.org/ironing?landscape=wedge&radius=0.31&position=0.2",
        "https://example.org/?landscape=formula&formula=x%5E2%2By%5E2&present=1&embed=true&radius=0.3333",
    ],
)
def test_a_code_says_its_link(link: str):
    code = np.array([[int(bit) for bit in row] for row in square(link)])
    assert (len(code) - 17) // 4 <= ONE_BLOCK and set(np.unique(code)) == {0, 1}
    assert text_of(code) == link


def test_a_link_that_is_too_long_has_no_code():
    assert square("h" * (LONGEST + 1)) is None and len(square("h" * LONGEST)) <= 177


def test_pages_have_the_names_of_their_addresses():
    assert [slug(script) for script in PAGES][:2] == ["", "ironing"] and len({*map(slug, PAGES)}) == len(
        PAGES
    )


def opened(**query: str) -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=60)
    for name, text in ({"steps": "5", "landscape": "himmelblau"} | query).items():
        at.query_params[name] = text
    at.run()
    assert not at.exception
    return at


def test_a_presentation_is_the_same_page_without_its_links():
    plain, shown = opened(), opened(present="1")
    assert len(plain.get("page_link")) == len(PAGES) and not shown.get("page_link")
    assert (
        not shown.warning
        and shown.session_state["playground"].experiment == plain.session_state["playground"].experiment
    )
    styles = lambda at: sum(html.proto.body == presenting.STYLE for html in at.get("html"))  # noqa: E731
    assert styles(shown) == 1 and styles(plain) == 0


@pytest.mark.parametrize("word", ["0", "", "yes"])
def test_only_1_asks_for_a_presentation(word: str):
    at = opened(present=word)
    assert len(at.get("page_link")) == len(PAGES) and not at.warning


def test_a_chart_that_is_presented_is_larger_and_the_shared_one_is_as_it_was():
    plot = go.Figure(layout=layout("light", "Losses") | {"height": 300, "margin": {"l": 40, "t": 50}})
    plot.add_annotation(text="ρ = 1", font_size=13, yshift=10)
    before, shown = plot.to_plotly_json(), charts.large(plot).layout
    grown = charts.LARGE / plot.layout.font.size
    assert grown > 1.3 and shown.font.size == charts.LARGE
    assert (shown.height, shown.margin.l) == pytest.approx((300 * grown, 40 * grown))
    assert shown.title.font.size == pytest.approx(15 * grown)
    assert shown.annotations[0].font.size == pytest.approx(13 * grown)
    assert plot.to_plotly_json() == before
