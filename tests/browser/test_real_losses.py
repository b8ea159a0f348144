"""Real losses in a real browser: the first picture, the network in step, a file, two readers, a phone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
import torch
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from landscapes.neural import MLP, build
from tests.browser.reading import calm

PLAYER = ".rbo-player[data-ready]"
QUICK = {"samples": 60, "width": 5, "depth": 1, "train_steps": 40, "side": 17, "steps": 40}
BACK = """() => {
  const plot = document.querySelector('.st-key-network .js-plotly-plot');
  const last = plot.layout.sliders[0].steps.length - 1;
  return window.Plotly.relayout(plot, { 'sliders[0].active': last });
}"""
STEP = "() => document.querySelector('.st-key-network .slider-label')?.textContent ?? ''"


@pytest.fixture(scope="module")
def address(serve: Callable[[str], str]) -> str:
    return serve("app.py")


@pytest.fixture
def own(visit: Callable[..., Page]) -> Callable[..., tuple[Page, list[str]]]:
    """Opens a link; with the errors of its page."""

    def start(url: str, **how: object) -> tuple[Page, list[str]]:
        page, errors = visit(**how), []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: keep(message, errors))
        page.goto(url)
        return page, errors

    return start


def quick(address: str, **settings: object) -> str:
    """A link to a study that takes no time."""
    return f"{address}/real_losses?{urlencode(QUICK | settings)}"


def keep(message: ConsoleMessage, errors: list[str]) -> None:
    """Keep an error of the console. On a deep link Streamlit first looks for its server below the page, and
    is told that there is none: that is its own way."""
    if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
        errors.append(message.text)


def told(page: Page) -> Locator:
    """The paragraph on the training."""
    return page.get_by_test_id("stMainBlockContainer").get_by_text("two-moons points")


def shown(page: Page) -> None:
    """Wait until everything is there."""
    page.wait_for_selector(PLAYER, timeout=90_000)
    page.wait_for_selector(".st-key-network .js-plotly-plot", timeout=90_000)
    calm(page, 90_000)


def test_the_first_picture_is_that_of_the_shipped_network(own, address: str):
    page, errors = own(f"{address}/real_losses", scene=True)
    page.wait_for_selector(PLAYER, timeout=90_000)
    expect(page.get_by_text("learned 200 two-moons points")).to_be_visible()
    expect(page.get_by_text("Loss along the two main directions").first).to_be_visible()
    shown(page)
    assert errors == []


def test_the_network_keeps_step_with_the_ball_and_no_word_goes_to_the_server(own, address: str):
    sent: list[str | bytes] = []
    page, errors = own("about:blank")
    page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(data)))
    page.goto(quick(address))
    shown(page)
    page.wait_for_function(f"() => ({STEP})().startsWith('step 0:')", timeout=30_000)
    first, before = page.evaluate(STEP), len(sent)
    page.locator(PLAYER).focus()
    page.keyboard.press("End")
    page.wait_for_function(f"() => !({STEP})().startsWith('step 0:')", timeout=30_000)
    last = page.evaluate(STEP)
    state = page.evaluate("() => document.querySelector('.rbo-player').rboState.step")
    reached = int(last.removeprefix("step ").split(":")[0])
    assert reached <= state and last != first and "loss" in last
    page.keyboard.press("Home")
    page.wait_for_function(f"first => ({STEP})() === first", arg=first, timeout=30_000)
    page.evaluate(BACK)  # as when Streamlit draws the chart anew: its slider is at the last step then
    page.wait_for_function(f"first => ({STEP})() === first", arg=first, timeout=30_000)
    assert errors == [] and before > 0 and len(sent) == before


def test_weights_are_sent_and_another_file_costs_a_sentence(own, address: str):
    page, errors = own(quick(address))
    shown(page)
    page.get_by_text("Weights from a file", exact=True).click()
    generator = torch.Generator().manual_seed(3)
    file = io.BytesIO()
    torch.save(build(MLP(1, 5, "tanh"), (2,), 2, generator).state_dict(), file)
    chooser = page.locator("[data-testid=stFileUploaderDropzoneInput]")
    chooser.set_input_files({"name": "w.txt", "mimeType": "text/plain", "buffer": b"no weights"})
    expect(page.get_by_text("Nothing was changed: the file is not one that torch.save writes")).to_be_visible(
        timeout=60_000
    )
    expect(page.locator(PLAYER)).to_be_visible()
    chooser.set_input_files(
        {"name": "w.pt", "mimeType": "application/octet-stream", "buffer": file.getvalue()}
    )
    expect(page.get_by_text("with weights from a file has a loss of")).to_be_visible(timeout=60_000)
    assert errors == []


def test_two_who_train_at_once_see_each_their_own(own, address: str):
    first, errors = own(quick(address, seed=41, train_steps=120))
    second, others = own(quick(address, seed=42, train_steps=110, activation="relu"))
    for page, steps in ((first, 120), (second, 110)):
        shown(page)
        expect(told(page)).to_contain_text(f"all {steps} steps were done", timeout=60_000)
    expect(told(first)).to_contain_text("layer of 5, tanh")
    expect(told(second)).to_contain_text("layer of 5, relu")
    assert errors == [] and others == []


def test_a_training_is_stopped_and_goes_on(own, address: str):
    """One that takes long enough to be stopped."""
    deep = {"data": "digits", "model": "residual", "channels": 2, "blocks": 2, "train_steps": 2000}
    page, errors = own(quick(address, **deep, steps=5))
    stop, progress = page.get_by_role("button", name="Stop here"), page.get_by_test_id("stProgress").first
    expect(progress).to_contain_text("held out are right", timeout=90_000)  # as soon as it can be pressed
    stop.click()
    told = page.get_by_text("stopped at step").first
    expect(told).to_be_visible(timeout=90_000)
    reached = int(re.search(r"stopped at step (\d+) of 2000", told.inner_text())[1])
    assert 0 < reached < 2000
    page.get_by_role("button", name="Train on").click()
    expect(progress).to_contain_text(re.compile(r"step \d+ of 2000"), timeout=90_000)
    assert int(re.search(r"step (\d+) of", progress.inner_text())[1]) >= reached
    assert errors == []


def test_a_phone_has_room_for_it(own, address: str):
    page, errors = own(quick(address), scene=True, viewport={"width": 390, "height": 1000})
    shown(page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    inside = page.locator("[data-testid=stMainBlockContainer]").evaluate(
        "(e) => e.scrollWidth <= e.clientWidth + 1"
    )
    assert inside and errors == []
