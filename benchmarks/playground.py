"""The playground in a real browser: first picture, playback, scrubbing, a changed setting, the payload.

python -m benchmarks.playground
"""

from __future__ import annotations

import statistics
import time

from playwright.sync_api import Locator, Page

from benchmarks.served import opened, painted
from benchmarks.table import Row, printed

READY = ".rbo-player[data-ready]"


def rows() -> list[Row]:
    """All figures of the page, measured on one server and one browser."""
    with opened(ready=READY) as (page, sent, first):
        return [
            Row("streamlit run to the first picture, warm disk", first, "s", at_most=10),
            *of_page(page, sent),
        ]


def of_page(page: Page, sent: list) -> list[Row]:
    """Playback, scrubbing, payload and a changed setting of an open page."""
    page.wait_for_function(  # until the family of radii has come
        "() => document.querySelector('.rbo-player input[aria-label=\"Ball radius\"]').max > 20",
        timeout=120_000,
    )
    return [*playback(page), *scrubbing(page, sent), *changing(page)]


def playback(page: Page) -> list[Row]:
    """Eight seconds of play."""
    player = page.locator(".rbo-player")
    player.evaluate("p => { p.rboStats.jsMs.length = 0; p.rboStats.frames = 0 }")
    if not player.evaluate("p => p.rboState.playing"):
        page.get_by_role("button", name="Play").click()
    shape = page.locator(".rbo-player .js-plotly-plot").first.bounding_box()
    began = time.perf_counter()
    page.wait_for_timeout(8_000)
    frames = player.evaluate("p => p.rboStats.frames") / (time.perf_counter() - began)
    spent = sorted(player.evaluate("p => p.rboStats.jsMs"))
    size = f"{shape['width']:.0f}x{shape['height']:.0f}" if shape else "unknown size"
    return [
        Row(
            f"playback, four views, 129² surface, scene {size}, software WebGL",
            frames,
            "frames/s",
            at_least=8,
        ),
        Row("JavaScript a frame, median", statistics.median(spent), "ms", at_most=8),
        Row("JavaScript a frame, 95th of 100", spent[int(0.95 * len(spent))], "ms"),
    ]


def scrubbing(page: Page, sent: list) -> list[Row]:
    """Twenty radii by the keyboard, while the messages to the server are counted."""
    player = page.locator(".rbo-player")
    if player.evaluate("p => p.rboState.playing"):
        page.get_by_role("button", name="Pause").click()
    slider = page.get_by_role("slider", name="Ball radius")
    slider.focus()
    player.evaluate("p => { p.rboStats.scrubMs.length = 0 }")
    before = len(sent)
    for _ in range(20):
        slider.press("ArrowLeft")
        page.wait_for_timeout(60)
    spent = player.evaluate("p => p.rboStats.scrubMs")
    return [
        Row("radius scrub, JavaScript, median", statistics.median(spent), "ms", at_most=10),
        Row("radius scrub, messages to the server", len(sent) - before, "messages", at_most=0),
    ]


def changing(page: Page) -> list[Row]:
    """Ten new learning rates and ten new starts, each from the key press to the painted picture."""
    rows = []
    for what, label, values in (
        ("lr", "Learning rate η", [0.02 + 0.0011 * k for k in range(10)]),
        ("start", "x", [-2.1 + 0.11 * k for k in range(10)]),
    ):
        field, times = page.get_by_role("spinbutton", name=label, exact=True), []
        for value in values:
            times.append(change(page, field, f"{value:.4f}"))
            page.wait_for_timeout(3_000)  # the family follows
        rows.append(
            Row(f"change of {what}, key press to painted, median of 10", statistics.median(times), "s", 1.2)
        )
    return rows


def change(page: Page, field: Locator, text: str) -> float:
    """Seconds from Enter to the second animation frame after the new film is in."""
    before = page.locator(READY).get_attribute("data-ready")
    field.fill(text)
    began = time.perf_counter()
    field.press("Enter")
    page.wait_for_function(
        "before => { const p = document.querySelector('.rbo-player[data-ready]');"
        " return p && p.dataset.ready !== before }",
        arg=before,
        timeout=60_000,
    )
    painted(page)
    return time.perf_counter() - began


def payload() -> Row:
    """The bytes of one run as they are sent."""
    from figures.player import encode
    from interface.compute import film
    from interface.experiment import usual

    shown, _ = film(usual("wrinkled_bowl", {}))
    return Row("payload of one run", len(encode(shown)) / 1e6, "MB", at_most=1)


if __name__ == "__main__":
    print(printed("Playground", [*rows(), payload()]))
