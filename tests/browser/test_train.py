"""The page Train in a real browser: the map comes by itself, a cell of it leads to its run in the player."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.reading import calm, query

CELLS = 12
CENTRE = """at => {
    const plot = document.querySelectorAll('.js-plotly-plot')[0], layout = plot._fullLayout;
    const box = plot.querySelector('.nsewdrag').getBoundingClientRect();
    const cells = plot._fullData[plot._fullData.length - 1], k = at.row * at.cells + at.column;
    return {
        x: box.x + layout.xaxis.d2p(cells.x[k]), y: box.y + layout.yaxis.d2p(cells.y[k]),
        radius: cells.y[k], lr: cells.x[k], count: cells.x.length, text: cells.text[k],
    };
}"""


@pytest.fixture(scope="module")
def address(serve: Callable[[str], str]) -> str:
    return serve("app.py")


@pytest.fixture
def quiet(flat_page: Page) -> Iterator[Page]:
    """A page; neither it nor its console may tell of an error."""
    page, errors = flat_page, []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def heard(said: ConsoleMessage) -> None:
        asked = said.location.get("url", "")
        if said.type == "error" and "/train/_stcore/" not in asked:  # Streamlit looks there before the root
            errors.append(f"{said.text} {asked}")

    page.on("console", heard)
    yield page
    assert errors == []


def finished(page: Page) -> None:
    """Wait until nothing is computed any more."""
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=60_000)
    calm(page)


def at_rest(page: Page) -> dict:
    """Where a cell is, once the page moves no more."""
    at = {"row": 8, "column": 3, "cells": CELLS}
    spot, last = page.evaluate(CENTRE, at), None
    while spot != last:
        page.wait_for_timeout(500)
        spot, last = page.evaluate(CENTRE, at), spot
    return spot


@pytest.mark.timeout(300)
def test_a_click_on_a_cell_of_the_map_leads_to_its_run_in_the_player(quiet, address):
    page = quiet
    page.goto(f"{address}/train?landscape=wedge&steps=40")
    page.wait_for_selector(".js-plotly-plot .nsewdrag", timeout=60_000)
    finished(page)
    expect(page.get_by_text("Of 144 balls")).to_be_visible()
    spot = at_rest(page)
    assert spot["count"] == CELLS**2 and spot["text"].startswith("loss ")
    page.mouse.move(spot["x"], spot["y"])
    page.mouse.click(spot["x"], spot["y"])
    page.wait_for_function("() => location.search.includes('radius=')", timeout=60_000)
    finished(page)
    asked = query(page.url)
    assert float(asked["radius"]) == pytest.approx(spot["radius"])
    assert float(asked["lr"]) == pytest.approx(spot["lr"])
    page.get_by_role("link", name="Watch this run roll").click()
    page.wait_for_selector(".rbo-player[data-ready]", timeout=90_000)
    page.wait_for_function(
        "radius => Math.abs(document.querySelector('.rbo-player').rboState.radius / radius - 1) < 1e-3",
        arg=spot["radius"],
        timeout=60_000,
    )
    shown = query(page.url)
    assert shown["landscape"] == "wedge" and shown["steps"] == "40"
    assert float(shown["radius"]) == pytest.approx(spot["radius"])
    assert float(shown["lr"]) == pytest.approx(spot["lr"])
