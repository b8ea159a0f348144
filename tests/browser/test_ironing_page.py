"""The ironing page in a real browser: a deep link, another radius, and the way to the playground and back."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

VIEWER = ".ironing[data-ready]"
SHOWS = "radius => Math.abs(document.querySelector('.ironing')?.rboState?.radius / radius - 1) < 1e-3"
STORY = "More than curvature"


@pytest.fixture(scope="module")
def address(serve: Callable[[str], str]) -> str:
    return serve("app.py")


def opened(page: Page, url: str, radius: float) -> list[str]:
    """Open a link and wait for its radius; the errors of the page."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    page.wait_for_selector(VIEWER, timeout=60_000)
    page.wait_for_function(SHOWS, arg=radius, timeout=60_000)
    return errors


@pytest.mark.parametrize("dim", [1, 2])
def test_a_deep_link_opens_the_page_and_a_typed_radius_goes_into_the_address(page, address, dim):
    errors = opened(page, f"{address}/ironing?landscape=wedge&dim={dim}&radius=0.31", 0.31)
    expect(page.get_by_role("link", name="Playground")).to_be_visible()
    field = page.get_by_role("spinbutton", name="Radius ρ", exact=True)
    expect(field).to_have_value("0.31")
    field.fill("0.437")
    field.press("Enter")
    page.wait_for_function(SHOWS, arg=0.437, timeout=60_000)
    page.wait_for_function("() => location.search.includes('radius=0.437')", timeout=60_000)
    query = {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}
    assert query == {"landscape": "wedge", "radius": "0.437"} | ({"dim": "2"} if dim == 2 else {})
    assert errors == []


def test_a_story_is_one_click_and_stays_while_the_reader_is_on_the_other_page(page, address):
    errors = opened(page, f"{address}/ironing", 0.6)
    page.get_by_text(STORY, exact=True).click()
    expect(page.get_by_text("the mirror point")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Playground").click()
    page.wait_for_selector(".rbo-player[data-ready]", timeout=60_000)
    page.get_by_role("link", name="Ironing").click()
    expect(page.get_by_text("the mirror point")).to_be_visible(timeout=60_000)
    assert errors == []
