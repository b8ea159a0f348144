"""The viewer of ironing in a real browser: it draws what the arrays say, and the server hears nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.ironing_records import LONE, RADII, make_profile, make_relief

APP = "tests/browser/ironing_app.py"
VIEWER = ".rbo-player.ironing"


class Watched:
    """A page, what went wrong on it, and the bytes that went to and from the server."""

    def __init__(self, page: Page) -> None:
        self.page, self.errors, self.sent, self.got = page, [], [], []
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("websocket", self._listen)

    def _listen(self, socket) -> None:
        socket.on("framesent", lambda frame: self.sent.append(frame))
        socket.on("framereceived", lambda frame: self.got.append(len(frame)))


@pytest.fixture
def opened(visit: Callable[..., Page], serve: Callable[[str], str]) -> Iterator[Callable[..., Watched]]:
    """Opens the viewer, with the scene where the test is about it; no page may log an error."""
    pages = []

    def start(query: str, **how: object) -> Watched:
        pages.append(Watched(visit(**how)))
        pages[-1].page.goto(serve(APP) + query)
        pages[-1].page.wait_for_selector(f"{VIEWER}[data-ready]", timeout=60_000)
        pages[-1].page.wait_for_timeout(300)
        return pages[-1]

    yield start
    assert [error for watched in pages for error in watched.errors] == []


def state(page: Page) -> dict:
    """step, radiusIndex, radius, playing and ballCenter of the viewer."""
    return page.evaluate("() => document.querySelector('.rbo-player').rboState")


def slider(page: Page, name: str):
    return page.get_by_role("slider", name=name)


def points(page: Page, selector: str) -> np.ndarray:
    """(n, 2) pixels of the path that a selector finds."""
    data = page.locator(f"{VIEWER} {selector}").get_attribute("d")
    return np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", data), dtype=float)


def wheel(page: Page) -> np.ndarray:
    """Centre, half axes and turn of the drawn ball in pixels and degrees."""
    text = page.locator(f"{VIEWER} .wheel").get_attribute("transform")
    return np.array([float(number) for number in re.findall(r"-?\d[\d.e-]*", text)])


def scales(page: Page, record) -> tuple[np.ndarray, np.ndarray]:
    """Pixels a unit on both axes, and the pixel of the origin, from the drawn curve (whole in view)."""
    drawn = points(page, ".line-raw")
    x, y = np.polyfit(record.x, drawn[:, 0], 1), np.polyfit(record.heights, drawn[:, 1], 1)
    return np.array([x[0], -y[0]]), np.array([x[1], y[1]])


def test_the_ball_is_a_circle_that_touches_the_curve_and_never_crosses_it(opened):
    page, record = opened("?what=profile").page, make_profile(RADII)
    for index in (1, 4, 6):
        slider(page, "Ball radius").fill(str(index))
        unit, origin = scales(page, record)
        assert unit[0] == pytest.approx(unit[1], rel=2e-3)
        curve = points(page, ".line-raw")
        for step in (60, 220, 377, 530):
            slider(page, "Position").fill(str(step))
            cx, cy, rx, ry, _ = wheel(page)
            assert rx == pytest.approx(RADII[index] * unit[0], rel=2e-3)
            assert ry == pytest.approx(rx)
            data = (np.array([cx, cy]) - origin) / unit * [1, -1]
            np.testing.assert_allclose(data, [record.x[step], record.centers[index, step]], atol=3e-3)
            gaps = np.hypot(*(curve - [cx, cy]).T) - rx
            assert abs(gaps.min()) < 0.2  # pixels: paths are written to a tenth of one
            contact = page.locator(f"{VIEWER} circle.contact").first
            at = np.array([float(contact.get_attribute(name)) for name in ("cx", "cy")])
            assert np.hypot(*(curve - at).T).min() < 2


def test_a_scrub_draws_the_arrays_of_its_radius_without_a_message(opened):
    watched = opened("?what=profile")
    page, record = watched.page, make_profile(RADII)
    watched.sent.clear()
    for index in (2, 5):
        slider(page, "Ball radius").fill(str(index))
        slider(page, "Ball radius").dispatch_event("change")
        unit, origin = scales(page, record)
        for name in ("centers", "ironed"):
            drawn = (origin[1] - points(page, f".overlay .line-{name}")[:, 1]) / unit[1]
            np.testing.assert_allclose(drawn, getattr(record, name)[index], atol=3e-3)
        share = 100 * (1 - record.reachable[index].mean())
        expect(page.locator(f"{VIEWER} .readout")).to_contain_text(f"out of reach {share:.0f} %")
        assert points(page, ".rug").size
    page.wait_for_timeout(500)
    assert watched.sent == []
    assert f"radius={RADII[5]:.4g}" in page.url


def test_the_ball_turns_as_it_rolls(opened):
    page, record = opened("?what=profile").page, make_profile(RADII)
    for step in (0, 100, 333):
        slider(page, "Position").fill(str(step))
        degrees = np.degrees(record.turns[state(page)["radiusIndex"], step]) % 360
        assert wheel(page)[4] % 360 == pytest.approx(degrees, abs=0.1)


def test_steep_heights_make_the_ellipse_that_their_scale_makes_and_the_zoom_a_circle(opened):
    page = opened("?what=profile&radius=0.3").page
    page.get_by_text("Steep").click()
    expect(page.locator(f"{VIEWER} figcaption")).to_contain_text("the ball is an ellipse", timeout=30_000)
    record = make_profile(RADII, 40.0)
    unit, _ = scales(page, record)
    cx, cy, rx, ry, _ = wheel(page)
    np.testing.assert_allclose([rx, ry], state(page)["radius"] * unit, rtol=5e-3)
    assert rx > 3 * ry
    gaps = np.hypot(*((points(page, ".line-raw") - [cx, cy]) / [rx, ry]).T)
    assert gaps.min() * ry > ry - 0.3
    page.get_by_role("button", name="True shape").click()
    assert wheel(page)[2] == pytest.approx(wheel(page)[3])
    expect(page.locator(f"{VIEWER} figcaption")).to_contain_text("the ball is a circle")


def test_press_drag_keys_and_play_move_the_ball(opened):
    page = opened("?what=profile&position=-1.5").page
    assert state(page)["ballCenter"][0] == pytest.approx(-1.5)
    box = page.locator(f"{VIEWER} .profile .stage").bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.8 * box["height"])
    pressed = state(page)["ballCenter"][0]
    assert 1 < pressed < 2
    page.wait_for_function("() => location.search.includes('position=1')")
    cx, cy = wheel(page)[:2]
    page.mouse.move(box["x"] + cx + 5, box["y"] + cy)
    page.mouse.down()
    page.mouse.move(box["x"] + cx - 195, box["y"] + cy, steps=4)
    page.mouse.up()
    assert wheel(page)[0] == pytest.approx(cx - 200, abs=3)
    page.locator(VIEWER).focus()
    before = state(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    assert state(page)["step"] > before["step"]
    assert state(page)["radiusIndex"] == before["radiusIndex"] + 1
    page.keyboard.press("Home")
    assert state(page)["step"] == 0
    page.keyboard.press(" ")
    page.wait_for_function("() => document.querySelector('.rbo-player').rboState.step > 30")
    page.keyboard.press(" ")
    assert not state(page)["playing"]


def test_switches_and_words_for_those_who_do_not_see(opened):
    page = opened("?what=profile&radius=0.9").page
    for name, layer in (("Centre curve", "centers"), ("Ironed curve", "ironed"), ("Raw offset", "offset")):
        switch = page.get_by_role("button", name=name)
        assert points(page, f".overlay .line-{layer}").size
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "false")
        assert not points(page, f".overlay .line-{layer}").size
    stage = page.locator(f"{VIEWER} .profile .stage")
    expect(stage).to_have_attribute("aria-label", re.compile(r"ρ 0\.9, .* contacts \d.* out of reach \d+ %"))
    expect(page.get_by_text("a note on the largest ball")).to_be_visible()
    slider(page, "Ball radius").fill("0")
    slider(page, "Ball radius").dispatch_event("change")
    expect(page.get_by_text("a note on the largest ball")).to_be_hidden()


def test_the_page_is_asked_for_a_radius_only_by_the_button(opened):
    page = opened("?what=profile").page
    slider(page, "Ball radius").fill("2")
    expect(page.get_by_text("radius None")).to_be_visible()
    page.locator(f"{VIEWER} .ask").click()
    expect(page.get_by_text(f"radius {RADII[2]}")).to_be_visible(timeout=30_000)
    expect(page.locator(f"{VIEWER} .ask")).to_be_hidden()
    assert state(page)["radiusIndex"] == 2


@pytest.mark.parametrize("what", ["profile", "relief"])
def test_a_lone_radius_costs_its_own_bytes(opened, what: str):
    watched = opened(f"?what={what}")
    page, first = watched.page, sum(watched.got)
    watched.got.clear()
    page.get_by_text("A radius of its own").click()
    page.wait_for_function(
        f"() => Math.abs(document.querySelector('.rbo-player').rboState.radius - {LONE}) < 1e-6"
    )
    page.wait_for_timeout(500)
    assert sum(watched.got) < 0.3 * first  # one of seven radii, with the heights
    assert slider(page, "Ball radius").get_attribute("max") == str(len(RADII))
    page.get_by_text("A radius of its own").click()
    expect(slider(page, "Ball radius")).to_have_attribute("max", str(len(RADII) - 1), timeout=30_000)


def picture(page: Page, view: str) -> str:
    """Digest of the pixels of a view."""
    return hashlib.sha1(page.locator(f"{VIEWER} .{view} .stage").screenshot()).hexdigest()


def test_the_surfaces_and_the_map_follow_the_radius_without_a_message(opened):
    watched = opened("?what=relief", scene=True)
    page, record = watched.page, make_relief(RADII, False)
    before = {view: picture(page, view) for view in ("scene", "map")}
    watched.sent.clear()
    slider(page, "Ball radius").fill("6")
    page.wait_for_timeout(600)
    assert {view: picture(page, view) == before[view] for view in before} == dict.fromkeys(before, False)
    assert watched.sent == []
    drawn = page.evaluate(
        """() => {
          const { data } = document.querySelector('.rbo-player .scene .plot');
          return data.slice(-2).map((trace) => trace.z.map((row) => [...row]));
        }"""
    )
    np.testing.assert_allclose(drawn[0], record.ironed[6], atol=1e-3 * RADII[6])
    np.testing.assert_allclose(drawn[1], record.centers[6], atol=1e-3 * RADII[6])


def test_a_scrub_draws_what_plotly_itself_draws_of_its_numbers(opened):
    page = opened("?what=relief", scene=True).page
    page.get_by_role("button", name="Centre surface").click()
    page.wait_for_timeout(900)
    slider(page, "Ball radius").fill("2")
    page.wait_for_timeout(600)
    gap, anew = page.evaluate(
        """() => {
          const plot = document.querySelector('.rbo-player .scene .plot');
          const { glplot, traces } = plot._fullLayout.scene._scene;
          const { gl } = glplot;
          const pixels = () => {
            glplot.redraw();
            const [width, height] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
            const out = new Uint8Array(4 * width * height);
            gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, out);
            return out;
          };
          const gap = (a, b) => a.reduce((sum, value, k) => sum + Math.abs(value - b[k]), 0) / a.length;
          const patched = pixels();
          for (const full of plot._fullData.slice(-2)) traces[full.uid].update(full);
          const own = pixels();
          document.querySelector('.rbo-player input.radius').value = 5;
          document.querySelector('.rbo-player input.radius').dispatchEvent(new Event('input'));
          return [gap(patched, own), gap(pixels(), own)];
        }"""
    )
    assert gap < 0.3
    assert anew > 3 * gap and anew > 1


def test_the_ball_of_a_relief_rests_where_it_is_put(opened):
    page, record = opened("?what=relief&radius=0.9").page, make_relief(RADII, False)
    box = page.locator(f"{VIEWER} .map .relief").first.bounding_box()
    page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.4 * box["height"])
    page.wait_for_timeout(300)
    x, y, z = state(page)["ballCenter"]
    assert (x, y) == pytest.approx((1.2, 0.6), abs=0.05)
    i, j = (int(np.abs(record.x - value).argmin()) for value in (x, y))
    assert z == pytest.approx(record.centers[6, j, i], abs=1e-3)
    expect(page.locator(f"{VIEWER} .readout")).to_contain_text("clearance 0 (touches)")
    page.wait_for_function("() => /position=.*across=/.test(location.search)")
    again = opened(page.evaluate("() => location.search")).page
    assert state(again)["ballCenter"] == pytest.approx([x, y, z])
    slider(again, "Across").press("ArrowRight")  # the way for who has no pointer
    assert state(again)["ballCenter"][:2] == pytest.approx([x, record.y[j + 1]])


def test_surfaces_are_switched_on_and_off(opened):
    page = opened("?what=relief", scene=True).page
    for name in ("Centre surface", "Landscape", "Ironed surface"):
        before = picture(page, "scene")
        page.get_by_role("button", name=name).click()
        page.wait_for_timeout(900)
        assert picture(page, "scene") != before
    slider(page, "Ball radius").fill("2")
    page.get_by_role("button", name="Ironed surface").click()
    page.wait_for_timeout(500)
    record = make_relief(RADII, False)
    drawn = page.evaluate(
        """() => document.querySelector('.rbo-player .scene .plot').data.at(-2).z.map((r) => [...r])"""
    )
    np.testing.assert_allclose(drawn, record.ironed[2], atol=1e-3 * RADII[2])


def test_a_film_is_scrubbed_in_both_views(opened):
    watched = opened("?what=film&step=10", scene=True)
    page, record = watched.page, make_relief(RADII, True)
    assert state(page)["step"] == 10
    watched.sent.clear()
    slider(page, "Step").fill("30")
    slider(page, "Ball radius").fill("3")
    np.testing.assert_allclose(state(page)["ballCenter"], record.film.centers[3, 30], atol=1e-5)
    trail = points(page, ".map .trail.center")
    assert len(trail) == 31
    page.wait_for_timeout(400)
    assert watched.sent == []
    assert "step=30" in page.url
    page.locator(VIEWER).focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => location.search.includes('step=31')")


@pytest.mark.parametrize("what", ["profile", "film"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_cut_off(opened, what: str, width: int):
    window = {"viewport": {"width": width, "height": 844}, "color_scheme": "dark"}
    page = opened(f"?what={what}", scene=True, **window).page
    inside = page.locator(VIEWER).evaluate(
        "(root) => [...root.querySelectorAll('.stage, button, p, input')]"
        ".every((e) => e.getBoundingClientRect().right <= window.innerWidth + 1)"
    )
    assert inside
    assert page.locator(VIEWER).evaluate("(e) => e.classList.contains('dark')")
