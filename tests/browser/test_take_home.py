"""Take home in a real browser: a file that opens offline, pictures and a film of what is on the screen."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Page, expect

from tests.browser.reading import calm

READY = ".rbo-player[data-ready]"
WHOLE = "() => document.querySelector('.rbo-player input.radius')?.max > 20"
LINK = "?landscape=wedge&radius=0.31&steps=12&step=4"
SHARE_OF = """async ({ png, rgb }) => {
  const image = await createImageBitmap(new Blob([Uint8Array.from(atob(png), (c) => c.charCodeAt(0))]));
  const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, image.width, image.height);
  let near = 0;
  for (let k = 0; k < data.length; k += 4)
    if (Math.max(...rgb.map((v, c) => Math.abs(v - data[k + c]))) < 24) near++;
  return near / (data.length / 4);
}"""
BALL, BLUE = [232, 112, 26], [11, 107, 203]


@pytest.fixture(scope="module")
def address(serve: Callable[[str], str]) -> str:
    return serve("app.py")


def opened(page: Page, url: str) -> list[str]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    page.wait_for_selector(READY, timeout=90_000)
    return errors


def shown(page: Page) -> dict:
    return page.evaluate("() => document.querySelector('.rbo-player').rboState")


def saved(page: Page, label: str, file: Path) -> Download:
    page.locator(".saving summary").click()
    with page.expect_download(timeout=110_000) as download:
        page.locator(".saving").get_by_role("button", name=label).click()
    download.value.save_as(file)
    return download.value


def size_of(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def share(page: Page, png: bytes, rgb: list[int]) -> float:
    """Which part of a picture has about this colour."""
    return page.evaluate(SHARE_OF, {"png": base64.b64encode(png).decode(), "rgb": rgb})


def test_the_file_opens_offline_and_both_axes_are_scrubbed(
    page: Page, browser: Browser, address: str, tmp_path: Path
):
    errors = opened(page, f"{address}/{LINK}")
    page.wait_for_function(WHOLE, timeout=90_000)
    calm(page, 90_000)
    button = page.get_by_role("button", name="Animation as HTML")
    told = float(button.inner_text().split("HTML, ")[1].split(" MB")[0])
    with page.expect_download(timeout=90_000) as download:
        button.click()
    file = tmp_path / "film.html"
    download.value.save_as(file)
    assert file.stat().st_size / 1e6 == pytest.approx(told, abs=0.1)
    context = browser.new_context(
        offline=True, reduced_motion="reduce", viewport={"width": 1200, "height": 1000}
    )
    alone = context.new_page()
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    errors += opened(alone, file.as_uri())
    assert shown(alone)["radius"] == pytest.approx(0.31)
    step, radius = alone.get_by_role("slider", name="Step"), alone.get_by_role("slider", name="Ball radius")
    before = shown(alone)["ballCenter"]
    step.fill("10")
    assert shown(alone)["step"] == 10 and shown(alone)["ballCenter"] != before
    radius.fill("3")
    radius.dispatch_event("change")
    alone.wait_for_timeout(400)
    page.get_by_role("slider", name="Step").fill("10")
    page.get_by_role("slider", name="Ball radius").fill("3")
    assert shown(alone)["ballCenter"] == pytest.approx(shown(page)["ballCenter"])
    expect(alone.get_by_role("img", name="3-D scene of the landscape")).to_be_visible()
    assert alone.evaluate("() => document.querySelector('.scene canvas') !== null")
    assert all(url == file.as_uri() or url.startswith("blob:") for url in asked)
    assert alone.url == file.as_uri() and errors == []
    context.close()


def test_a_picture_of_each_view_is_what_is_on_the_screen(page: Page, address: str, tmp_path: Path):
    errors = opened(page, f"{address}/{LINK}")
    for label, selector in (
        ("3-D scene", ".scene .stage"),
        ("Map", ".map .stage"),
        ("Section", ".section .stage"),
    ):
        file = tmp_path / f"{label}.png"
        name = saved(page, f"{label} (PNG)", file).suggested_filename
        assert name.endswith(f"radius_{shown(page)['radius']:.4g}_step_{shown(page)['step']}.png")
        box, png = page.locator(selector).bounding_box(), file.read_bytes()
        width, height = size_of(png)
        assert width == pytest.approx(2 * (box["width"] + 28), abs=3)
        assert height == pytest.approx(2 * (box["height"] + 28), abs=3)
        screen = page.locator(selector).screenshot()
        for color in (BALL, BLUE):
            there = share(page, screen, color)
            assert share(page, png, color) == pytest.approx(there, abs=0.3 * there + 2e-3), (label, color)
    whole = tmp_path / "whole.png"
    saved(page, "Whole picture (PNG)", whole)
    assert share(page, whole.read_bytes(), BALL) > 0.001
    assert errors == []


def test_the_film_is_a_video_that_a_browser_plays(page: Page, address: str, tmp_path: Path):
    errors = opened(page, f"{address}/{LINK}")
    file = tmp_path / "film.webm"
    name = saved(page, "Animation (WebM)", file).suggested_filename
    assert name.endswith(".webm") and shown(page)["step"] > 4
    said = page.evaluate(
        """async (webm) => {
          const video = document.createElement("video");
          video.muted = true;
          const bytes = Uint8Array.from(atob(webm), (c) => c.charCodeAt(0));
          video.src = URL.createObjectURL(new Blob([bytes], { type: "video/webm" }));
          await new Promise((give, fail) => {
            video.onloadeddata = give;
            video.onerror = () => fail(video.error);
          });
          return [video.videoWidth, video.videoHeight];
        }""",
        base64.b64encode(file.read_bytes()).decode(),
    )
    width = page.locator(".rbo-player").bounding_box()["width"] + 28
    assert said[0] == pytest.approx(width, abs=2) and said[1] > 600
    assert errors == []


def test_a_browser_that_cannot_record_says_so(flat_page: Page, address: str):
    page = flat_page
    page.add_init_script("delete window.MediaRecorder")
    opened(page, f"{address}/{LINK}")
    page.locator(".saving summary").click()
    page.locator(".saving").get_by_role("button", name="Animation (WebM)").click()
    expect(page.locator(".head .said")).to_have_text(
        "This browser cannot record a canvas as WebM: Chrome, Edge and Firefox can."
    )


def test_ironing_has_its_pictures_too(page: Page, address: str, tmp_path: Path):
    page.goto(f"{address}/ironing?landscape=wedge")
    page.wait_for_selector(".ironing[data-ready]", timeout=90_000)
    file = tmp_path / "curve.png"
    saved(page, "Curve (PNG)", file)
    png = file.read_bytes()
    screen = page.locator(".profile .stage").screenshot()
    green = [27, 138, 90]  # the ironed curve
    there = share(page, screen, green)
    assert there > 0 and share(page, png, green) == pytest.approx(there, abs=0.3 * there + 1e-3)
