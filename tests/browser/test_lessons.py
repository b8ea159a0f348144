"""The lessons in a real browser: the answer is where the control is, and what is known stays known."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reading import calm, query

WHOLE = "() => document.querySelector('.rbo-player input.radius')?.max > 1"
PATIENT = {"timeout": 30_000}


@pytest.fixture(scope="module")
def address(serve: Callable[[str], str]) -> str:
    return serve("app.py") + "/lessons"


@pytest.fixture
def page(flat_page: Page) -> Page:
    """None of these tests needs the 3-D scene."""
    return flat_page


def whole(page: Page) -> None:
    page.wait_for_selector(".rbo-player[data-ready]", timeout=60_000)
    page.wait_for_function(WHOLE, timeout=60_000)
    calm(page)


def answered(page: Page, lessons: int) -> None:
    expect(page.get_by_text(f"{lessons} of 6 answered")).to_be_visible(**PATIENT)


def test_an_answer_is_judged_by_the_ball_that_is_seen_and_remembered(page: Page, address: str):
    page.goto(f"{address}?lesson=bottom")
    whole(page)
    answered(page, 0)
    check = page.get_by_role("button", name="Check my answer")
    check.press("Enter")
    expect(page.get_by_text(re.compile("^Not this one"))).to_be_visible(**PATIENT)
    slider = page.get_by_role("slider", name="Ball radius")
    for _ in range(4):
        slider.press("ArrowLeft")
    page.wait_for_url("**radius=0.45")
    check.press("Enter")
    expect(page.get_by_text(re.compile(r"^Right. The ball with ρ = 0.45"))).to_be_visible(**PATIENT)
    answered(page, 1)
    assert query(page.url) == {"lesson": "bottom", "radius": "0.45"}
    page.reload()
    whole(page)
    answered(page, 1)
    page.get_by_role("button", name="Forget it").press("Enter")
    answered(page, 0)
    page.reload()
    whole(page)
    answered(page, 0)


def test_where_a_slider_is_the_control_the_ball_has_its_radius(page: Page, address: str):
    page.goto(f"{address}?lesson=bottom")
    whole(page)
    page.get_by_role("button", name="What a gradient cannot see").press("Enter")
    expect(page.get_by_role("slider", name="Height of the wrinkles")).to_be_visible(**PATIENT)
    expect(page.get_by_role("slider", name="Ball radius")).to_be_disabled(**PATIENT)
    expect(page.get_by_text("click to place")).to_have_count(0)
