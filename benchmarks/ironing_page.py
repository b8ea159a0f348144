"""The ironing page in a real browser: a radius outside the family, a scrub, what is sent.

python -m benchmarks.ironing_page
"""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

from playwright.sync_api import Page

from benchmarks.served import opened, painted
from benchmarks.table import Row, printed
from tests.browser.reading import calm

VIEWER = ".ironing[data-ready]"
WHOLE = "() => document.querySelector('.ironing input[aria-label=\"Ball radius\"]')?.max > 20"
RADII = (0.137, 0.213, 0.297, 0.349, 0.423, 0.517, 0.677, 0.823, 0.987, 1.37)  # none is of the family


def rows() -> list[Row]:
    """All figures of the page, as a curve and as a surface."""
    found = []
    for dim, what, most in ((1, "curve of 961 points", None), (2, "surface 193²", 0.9)):
        with opened(f"ironing?dim={dim}", ready=VIEWER) as (page, sent, first):
            found.append(Row(f"streamlit run to the first picture, {what}", first, "s"))
            page.wait_for_function(WHOLE, timeout=120_000)
            idle(page)
            found += [*changing(page, what, most), scrubbing(page, sent, what)]
    return [*found, *payloads()]


def changing(page: Page, what: str, most: float | None) -> list[Row]:
    """Radii that are outside the family, each from the key press to the painted picture."""
    times = sorted(change(page, radius) for radius in RADII)
    title = f"{what}, radius outside the family, key press to painted"
    return [
        Row(f"{title}, median of {len(times)}", statistics.median(times), "s", at_most=most),
        Row(f"{title}, slowest", times[-1], "s"),
    ]


def change(page: Page, radius: float) -> float:
    """Seconds from Enter to the second animation frame after the viewer shows the radius."""
    field = page.get_by_role("spinbutton", name="Radius ρ", exact=True)
    field.fill(f"{radius}")
    began = time.perf_counter()
    field.press("Enter")
    page.wait_for_function(
        "radius => Math.abs(document.querySelector('.ironing').rboState.radius / radius - 1) < 1e-4",
        arg=radius,
        timeout=60_000,
    )
    painted(page)
    spent = time.perf_counter() - began
    idle(page)
    return spent


def idle(page: Page) -> None:
    """Until the script has come to rest."""
    page.wait_for_timeout(500)
    calm(page, 120_000)


def scrubbing(page: Page, sent: list, what: str) -> Row:
    """Twenty radii by the keyboard, while the messages to the server are counted."""
    slider = page.get_by_role("slider", name="Ball radius")
    slider.focus()
    before = len(sent)
    for _ in range(20):
        slider.press("ArrowLeft")
        page.wait_for_timeout(60)
    return Row(f"{what}, radius scrub, messages to the server", len(sent) - before, "messages", at_most=0)


def payloads() -> list[Row]:
    """The bytes of a family and of one radius as they are sent, and the time to compute them on a thread."""
    from figures.ironing import encode
    from interface import compute
    from interface.ironing import surfaces
    from interface.ironing.picture import record_of
    from interface.ironing.view import usual

    found = []
    for dim, what in ((1, "curve of 961 points"), (2, "surface 193²")):
        key = surfaces.ironing(usual("wrinkled_bowl", dim=dim))
        for title, call in (
            ("25 radii", lambda key=key: surfaces.iron(key, compute.family_radii(key))),
            ("one radius, 0.517", lambda key=key: surfaces.iron(key, (0.517,))),
        ):
            began = time.perf_counter()
            layers = call()
            found.append(Row(f"{what}, {title}: computed", time.perf_counter() - began, "s"))
            size = len(encode(record_of(replace(key, paths=False), layers))) / 1e6
            found.append(Row(f"{what}, {title}: payload", size, "MB"))
    return found


if __name__ == "__main__":
    print(printed("Ironing", rows()))
