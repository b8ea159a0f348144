"""The ironing page in a real browser: a deep link, another radius, and the way to the playground and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reading import query

VIEWER = ".ironing[data-ready]"
SHOWS = "radius => Math.abs(document.querySelector('.ironing')?.rboState?.radius / radius - 1) < 1e-3"
STORY = "More than curvature"


@pytest.fixture(scope="module")
def address(serve: Callable[[str], str]) -> str:
    return serve("app.py")


@pytest.fixture
def page(flat_page: Page) -> Page:
    """None of these tests needs the 3-D scene."""
    return flat_page


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
    assert query(page.url) == {"landscape": "wedge", "radius": "0.437"} | ({"dim": "2"} if dim == 2 else {})
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


def state(page: Page) -> dict:
    """step, radius and ballCenter of the viewer."""
    return page.evaluate("() => document.querySelector('.ironing').rboState")


def test_a_story_begins_with_its_own_radius_and_place_whatever_was_scrubbed(page, address):
    """Its radius is the one that the page had before the scrub: nothing new to the server."""
    opened(page, f"{address}/ironing?position=2", 0.6)
    page.wait_for_function("() => document.querySelector('.ironing input.radius').max > 20", timeout=60_000)
    page.get_by_role("slider", name="Ball radius").fill("3")
    page.wait_for_function("() => location.search.includes('radius=')", timeout=60_000)
    page.get_by_text("Linear ironing", exact=True).click()
    page.wait_for_function("() => location.search === '?landscape=tilted_wrinkles'", timeout=60_000)
    page.wait_for_function(SHOWS, arg=0.6, timeout=60_000)
    assert state(page)["ballCenter"][0] < 1.9
    page.get_by_role("slider", name="Position").fill("500")
    page.wait_for_function("() => location.search.includes('position=')", timeout=60_000)
    assert query(page.url).keys() == {"landscape", "position"}


def test_the_ball_keeps_its_place_while_a_film_is_shown(page, address):
    opened(page, f"{address}/ironing?landscape=saddle&dim=2&position=0.5&across=-1", 0.5)
    page.get_by_text("Ball and gradient descent").click()
    step = page.get_by_role("slider", name="Step")
    expect(step).to_be_visible(timeout=60_000)
    last = int(step.get_attribute("max"))
    assert 10 < state(page)["step"] <= last  # a film is shown at its end
    step.fill("7")
    page.wait_for_function("() => location.search.includes('step=7')", timeout=60_000)
    page.get_by_text("Ball and gradient descent").click()
    expect(page.get_by_role("slider", name="Position")).to_be_visible(timeout=60_000)
    assert state(page)["ballCenter"][:2] == pytest.approx([0.5, -1], abs=0.03)
    page.get_by_text("Ball and gradient descent").click()
    expect(step).to_be_visible(timeout=60_000)
    assert state(page)["step"] == 7
