"""Sharing in a real browser: the link as it stands, its code, the presentation, the state as a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from interface.sharing import square
from tests.browser.reading import calm, query

READY = ".rbo-player[data-ready]"
LINK = "?landscape=wedge&radius=0.31&steps=20&step=4"


@pytest.fixture(scope="module")
def address(serve: Callable[[str], str]) -> str:
    return serve("app.py")


@pytest.fixture
def own(visit: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """Opens pages; none of them may log an error of its own."""
    errors = []

    def start(url: str, **how: object) -> Page:
        page = visit(**how)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        page.wait_for_selector(READY, timeout=90_000)
        calm(page, 90_000)
        return page

    yield start
    assert errors == []


def shared(page: Page):
    """Press 'Share'; the dialog."""
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share this page")
    expect(dialog).to_be_visible()
    page.wait_for_timeout(500)
    return dialog


def shown(page: Page) -> dict:
    return page.evaluate("() => document.querySelector('.rbo-player').rboState")


def size(page: Page, selector: str) -> float:
    """Of the letters, in pixels."""
    return page.locator(selector).first.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")


def test_a_link_has_the_scrubbed_radius_and_frame_and_its_code_is_that_of_the_link(own, address: str):
    page = own(f"{address}/{LINK}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("slider", name="Step").fill("7")
    slider = page.get_by_role("slider", name="Ball radius")
    slider.fill("3")
    slider.dispatch_event("change")
    dialog = shared(page)
    dialog.get_by_role("button", name="Copy link").click()
    expect(dialog.get_by_role("status")).to_have_text("Link copied.")
    link = page.evaluate("() => navigator.clipboard.readText()")
    assert link == page.url == dialog.get_by_role("textbox", name="Link").input_value()
    assert query(link)["step"] == "7" and float(query(link)["radius"]) == pytest.approx(
        shown(page)["radius"], rel=1e-3
    )
    code = dialog.get_by_role("img", name=f"QR code of the link {link}")
    expect(code).to_be_visible(timeout=30_000)
    drawn = code.locator("path").get_attribute("d")
    rows = square(link)
    assert drawn.count("M") == sum(row.count("1") for row in rows) and "M4 4h1v1h-1z" in drawn
    again = own(link)
    assert shown(again)["ballCenter"] == pytest.approx(shown(page)["ballCenter"])


SCRUBBERS = {"To start", "Step back", "Play", "Step forward", "To end", "Step", "Ball radius"}


def at_hand(page: Page) -> set[str]:
    """The names of all that can be pressed, turned or followed; a locator looks into components, too."""
    controls = "button, input, select, textarea, a[href], [role=button], [role=combobox]"
    names = page.locator(controls).evaluate_all(
        "(all) => all.filter((e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }))"
        ".filter((e) => getComputedStyle(e).pointerEvents !== 'none')"
        ".map((e) => e.getAttribute('aria-label') ?? e.textContent)"
    )
    return set(names)


def test_the_presentation_of_a_lesson_does_not_lead_to_others(own, address: str):
    page = own(f"{address}/lessons?lesson=bottom")
    assert any("When the ball loses" in name for name in at_hand(page))
    page = own(f"{address}/lessons?lesson=bottom&present=1")
    assert {"Step", "Ball radius"} <= at_hand(page) <= SCRUBBERS
    expect(page.get_by_text("Which is the largest ball that touches the bottom?")).to_be_visible()


@pytest.mark.parametrize("embed", ["", "&embed=true"])
def test_the_presentation_has_no_control_but_the_scrubbers(own, address: str, embed: str):
    page = own(f"{address}/{LINK}&present=1{embed}")
    assert {"Step", "Ball radius"} <= at_hand(page) <= SCRUBBERS
    assert not page.locator("[data-testid=stSidebar]").is_visible()
    assert size(page, ".stMain [data-testid=stMarkdown] p") >= 20
    assert size(page, ".rbo-player .readout") >= 18
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    assert not page.locator("[data-testid=stAlert]").count(), "a presentation costs no sentence"
    before = shown(page)
    page.get_by_role("slider", name="Step").fill("12")
    slider = page.get_by_role("slider", name="Ball radius")
    slider.fill("2")
    slider.dispatch_event("change")
    assert shown(page)["step"] == 12 and shown(page)["radius"] != before["radius"]
    page.wait_for_function("() => location.search.includes('step=12')")
    assert query(page.url)["present"] == "1"


def test_the_dialog_leads_to_the_presentation_and_to_a_frame(own, address: str):
    dialog = shared(own(f"{address}/{LINK}"))
    dialog.get_by_role("checkbox").check()
    assert query(dialog.get_by_role("textbox", name="Link").input_value()) == query("/" + LINK) | {
        "present": "1"
    }
    code = dialog.get_by_label("Code to embed").input_value()
    source = code.split('"')[1].replace("&amp;", "&")
    assert code.startswith("<iframe ") and query(source) == query("/" + LINK) | {
        "present": "1",
        "embed": "true",
    }


def test_the_state_is_saved_and_an_upload_brings_it_back(own, address: str, tmp_path: Path):
    page = own(f"{address}/{LINK}")
    dialog = shared(page)
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Save the state").click()
    assert saved.value.suggested_filename == "rolling_ball_playground.json"
    file = tmp_path / "state.json"
    saved.value.save_as(file)
    said = json.loads(file.read_text(encoding="utf-8"))
    assert said == {"app": "rolling-ball", "version": 1, "page": "", "state": query("/" + LINK)}
    other = own(f"{address}/?steps=10")
    shared(other).get_by_label("Open a state file").set_input_files(file)
    other.wait_for_url(lambda url: query(url).get("landscape") == "wedge", timeout=60_000)
    other.wait_for_selector(READY, timeout=60_000)
    assert shown(other)["step"] == 4 and shown(other)["radius"] == pytest.approx(0.31)


def test_a_file_says_what_a_link_may_say_and_no_more(own, address: str, tmp_path: Path):
    page = own(f"{address}/?steps=10")
    dialog = shared(page)
    good = {"app": "rolling-ball", "version": 1, "page": "", "state": {}}
    wrong = {
        "x" * 20_000: "has 20002 bytes; a state file has at most 16384",
        "moon": "no state file of this app",
        json.dumps(None): "no state file of this app",
        json.dumps(good | {"version": 2}): "another version",
        json.dumps(good | {"page": "https://example.org"}): "a page that this app does not have",
        json.dumps(good | {"page": "../x"}): "a page that this app does not have",
        json.dumps(good | {"state": [1]}): "not texts by name",
        json.dumps(good | {"state": {"radius": 1}}): "not texts by name",
        json.dumps(good | {"state": {"a": "b" * 500}}): "not texts by name",
    }
    for text, sentence in wrong.items():
        text = json.dumps(text) if text.startswith("xx") else text
        upload = {"name": "state.json", "mimeType": "application/json", "buffer": text.encode()}
        dialog.get_by_label("Open a state file").set_input_files(upload)
        expect(dialog.get_by_role("status")).to_contain_text(sentence)
    state = {"radius": "nan", "formula": "<b>", "landscape": "formula", "constructor": "x"}
    upload = {
        "name": "s.json",
        "mimeType": "application/json",
        "buffer": json.dumps(good | {"state": state}).encode(),
    }
    dialog.get_by_label("Open a state file").set_input_files(upload)
    expect(page.locator("[data-testid=stAlert]").first).to_contain_text("cannot be drawn", timeout=60_000)
    expect(page.locator("[data-testid=stAlert]").first).to_contain_text("radius=nan")
    page.wait_for_url(lambda url: set(query(url)) <= {"landscape", "steps"})
