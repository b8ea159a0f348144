"""The player in a real browser: the screen moves as the film says, and the server hears nothing of it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from figures.film import Film, PointPath
from figures.player import encode
from figures.player.assets import NAME, plotly_path
from figures.player.encoding import quantise

APP = "tests/browser/player_app.py"
PLAYER = ".rbo-player"
VIEWS = ("scene", "map", "section", "losses")


def state(page: Page) -> dict:
    """step, radiusIndex, radius, playing and ballCenter of the player."""
    return page.evaluate("() => document.querySelector('.rbo-player').rboState")


def open_player(page: Page, address: str, query: str = "") -> None:
    page.goto(address + query)
    page.wait_for_selector(f"{PLAYER}[data-ready]", timeout=60_000)


def drawn_ball(page: Page) -> np.ndarray:
    """(n, 3) vertices of the ball as the graphics card has them (Plotly's mesh, in its own units)."""
    positions = page.evaluate(
        """() => {
          const scene = document.querySelector('.rbo-player .scene .plot')._fullLayout.scene._scene;
          return { rows: scene.traces.view1.mesh.positions, scale: scene.dataScale };
        }"""
    )
    return np.array(positions["rows"]) / np.array(positions["scale"])


def picture(page: Page, view: str) -> str:
    """Digest of the pixels of a view."""
    return hashlib.sha1(page.locator(f"{PLAYER} .{view} .stage").screenshot()).hexdigest()


def slider(page: Page, name: str):
    return page.get_by_role("slider", name=name)


class Watched:
    """A page, what its console says, and the messages that it sent to the server."""

    def __init__(self, page: Page) -> None:
        self.page, self.lines, self.errors, self.sent = page, [], [], []
        page.on("console", lambda line: self.lines.append(line.text))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: self.sent.append(frame)))


@pytest.fixture(scope="module")
def watched(known: BrowserContext, serve) -> Iterator[Watched]:
    watched = Watched(known.new_page())
    open_player(watched.page, serve(APP))
    yield watched
    watched.page.close()


@pytest.fixture
def player(watched: Watched) -> Iterator[Page]:
    """The page that these tests share, with the player at rest at its start; its console shows no error."""
    slider(watched.page, "Ball radius").fill("19")
    slider(watched.page, "Step").fill("0")
    yield watched.page
    assert watched.errors == []


@pytest.fixture
def own_player(page: Page, serve) -> Iterator[Page]:
    """A page for one test that changes what the script shows."""
    yield from own(page, serve(APP))


@pytest.fixture
def flat_player(flat_page: Page, serve) -> Iterator[Page]:
    """The same without the scene."""
    yield from own(flat_page, serve(APP))


def own(page: Page, address: str) -> Iterator[Page]:
    watched = Watched(page)
    open_player(page, address)
    yield page
    assert watched.errors == []


def test_four_views_and_named_controls(player: Page):
    for view in VIEWS:
        stage = player.locator(f"{PLAYER} .{view} .stage")
        expect(stage).to_be_visible()
        expect(stage).to_have_attribute("role", "img")
        box = stage.bounding_box()
        assert box["width"] > 200 and box["height"] > 100
    for name in ("To start", "Step back", "Play", "Step forward", "To end"):
        expect(player.get_by_role("button", name=name, exact=True)).to_be_visible()
    expect(slider(player, "Step")).to_be_visible()
    expect(slider(player, "Ball radius")).to_have_attribute("aria-valuetext", "radius 0.47")
    expect(player.get_by_role("combobox", name="Speed")).to_be_visible()


def test_the_ball_is_a_sphere_that_touches_its_contact(player: Page):
    slider(player, "Step").fill("60")
    now = state(player)
    ball = drawn_ball(player)
    distances = np.linalg.norm(ball - now["ballCenter"], axis=1)
    np.testing.assert_allclose(distances, now["radius"], rtol=1e-3)
    contact = player.evaluate(
        """() => {
          const { x, y, z } = document.querySelector('.rbo-player .scene .plot').data[4];
          return [x[0], y[0], z[0]];
        }"""
    )
    assert np.linalg.norm(np.subtract(contact, now["ballCenter"])) == pytest.approx(now["radius"], rel=1e-3)


def test_the_scene_has_its_ring_where_the_run_starts(player: Page):
    """The ball is dropped above the start and touches elsewhere."""
    ring = player.evaluate(
        "() => ['x', 'y'].map((axis) => document.querySelector('.rbo-player .scene .plot').data[5][axis][0])"
    )
    np.testing.assert_allclose(ring, [-2.3, 1.7], atol=1e-6)


def test_equal_units_on_all_axes_of_the_scene(player: Page):
    scene = player.evaluate(
        """() => {
          const scene = document.querySelector('.rbo-player .scene .plot')._fullLayout.scene;
          const size = (axis) => axis.range[1] - axis.range[0];
          const { x, y, z } = scene.aspectratio;
          return [x / size(scene.xaxis), y / size(scene.yaxis), z / size(scene.zaxis)];
        }"""
    )
    np.testing.assert_allclose(scene, scene[0], rtol=1e-6)


def gaps_of_kept_frames(page: Page) -> list[tuple[float, float]]:
    """Mean gap (0..255) and share of far pixels between the scene drawn anew and the next three frames."""
    return page.evaluate(
        """() => {
          const plot = document.querySelector('.rbo-player .scene .plot');
          const { glplot, traces } = plot._fullLayout.scene._scene;
          const { gl } = glplot;
          const [width, height] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
          const frame = (dirty) => {
            traces.view0.surface.dirty = dirty;
            glplot.redraw();
            const pixels = new Uint8Array(4 * width * height);
            gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
            return pixels;
          };
          const drawn = frame(true);
          return [1, 2, 3].map(() => {
            const gaps = frame(false).map((value, k) => Math.abs(value - drawn[k]));
            const far = gaps.reduce((count, gap) => count + (gap > 60), 0);
            return [gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length, far / gaps.length];
          });
        }"""
    )


def test_the_kept_picture_of_the_landscape_is_the_drawn_one(player: Page, watched: Watched):
    slider(player, "Step").fill("100")
    for mean, far in gaps_of_kept_frames(player):
        assert mean < 1 and far < 0.01  # edges alone may differ
    assert not any("WebGL: INVALID" in line for line in watched.lines)


def test_the_theme_may_change_under_the_player(own_player: Page):
    slider(own_player, "Step").fill("100")
    before = {view: picture(own_player, view) for view in VIEWS}
    own_player.emulate_media(color_scheme="dark")
    expect(own_player.locator(PLAYER)).to_have_class("rbo-player dark")
    own_player.wait_for_timeout(1500)
    assert {view: picture(own_player, view) == before[view] for view in VIEWS} == dict.fromkeys(VIEWS, False)
    for mean, far in gaps_of_kept_frames(own_player):
        assert mean < 1 and far < 0.01
    assert state(own_player)["step"] == 100


def test_playing_moves_and_turns_the_ball(player: Page):
    before, pixels, ball = state(player), picture(player, "scene"), drawn_ball(player)
    player.get_by_role("button", name="Play", exact=True).click()
    player.wait_for_function("() => document.querySelector('.rbo-player').rboState.step > 40")
    player.get_by_role("button", name="Pause", exact=True).click()
    after, moved = state(player), drawn_ball(player)
    assert not after["playing"]
    assert np.linalg.norm(np.subtract(after["ballCenter"], before["ballCenter"])) > 0.1
    assert picture(player, "scene") != pixels
    np.testing.assert_allclose(moved.mean(0), after["ballCenter"], atol=0.02)
    spun = np.abs((moved - after["ballCenter"]) - (ball - before["ballCenter"])).max()
    assert spun > 0.2 * after["radius"]


def test_radius_scrub_changes_every_view_without_a_message(player: Page, watched: Watched):
    slider(player, "Step").fill("40")
    player.wait_for_timeout(500)
    before = {view: picture(player, view) for view in VIEWS}
    watched.sent.clear()
    for index in ("6", "12", "23"):
        slider(player, "Ball radius").fill(index)
    slider(player, "Step").fill("90")
    slider(player, "Step").fill("40")
    player.wait_for_timeout(700)
    assert {view: picture(player, view) == before[view] for view in VIEWS} == dict.fromkeys(VIEWS, False)
    assert watched.sent == []
    assert state(player)["radiusIndex"] == 23
    assert f"radius={state(player)['radius']:.4g}" in player.url and "step=40" in player.url


def test_the_address_keeps_what_is_not_the_players(flat_page: Page, serve):
    page = flat_page
    open_player(page, serve(APP), "?landscape=bowl&radius=0.2")
    assert state(page)["radius"] == pytest.approx(0.2, rel=0.1)
    slider(page, "Step").fill("17")
    page.wait_for_function("() => location.search.includes('step=17')")
    assert "landscape=bowl" in page.url
    page.reload()
    page.wait_for_selector(f"{PLAYER}[data-ready]", timeout=60_000)
    assert state(page)["step"] == 17


def test_the_axis_of_the_losses_is_in_the_address(flat_page: Page, serve):
    page = flat_page
    open_player(page, serve(APP))
    steps = picture(page, "losses")
    page.get_by_text("gradient evaluations", exact=True).click()
    page.wait_for_function("() => location.search.includes('against=evaluations')")
    chosen = page.get_by_role("radio", name="gradient evaluations")
    drawn = picture(page, "losses")
    assert drawn != steps
    page.reload()
    page.wait_for_selector(f"{PLAYER}[data-ready]", timeout=60_000)
    expect(chosen).to_be_checked()
    assert picture(page, "losses") == drawn
    page.get_by_text("step", exact=True).click()
    page.wait_for_function("() => !location.search.includes('against')")
    assert picture(page, "losses") == steps
    open_player(page, serve(APP), "?against=nonsense")
    expect(page.get_by_role("radio", name="step", exact=True)).to_be_checked()
    page.wait_for_function("() => !location.search.includes('against')")


def test_keyboard(player: Page):
    player.locator(PLAYER).focus()
    radius = state(player)["radiusIndex"]
    for key, step in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 250), ("Home", 0)):
        player.keyboard.press(key)
        assert state(player)["step"] == step
    for key, index in (("ArrowUp", radius + 1), ("]", radius + 2), ("ArrowDown", radius + 1), ("[", radius)):
        player.keyboard.press(key)
        assert state(player)["radiusIndex"] == index
    player.keyboard.press(" ")
    assert state(player)["playing"]
    player.keyboard.press(" ")
    assert not state(player)["playing"]


def test_sliders_keep_their_own_keys(player: Page):
    slider(player, "Ball radius").focus()
    radius, step = state(player)["radiusIndex"], state(player)["step"]
    player.keyboard.press("ArrowLeft")
    assert state(player)["radiusIndex"] == radius - 1
    assert state(player)["step"] == step


def camera(page: Page) -> list[float]:
    return page.evaluate(
        """() => {
          const plot = document.querySelector('.rbo-player .scene .plot');
          const { eye } = plot._fullLayout.scene._scene.getCamera();
          return [eye.x, eye.y, eye.z];
        }"""
    )


def turn_scene(page: Page) -> None:
    box = page.locator(f"{PLAYER} .scene .stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 15, steps=5)
    page.mouse.up()
    page.wait_for_timeout(400)


def test_camera_step_and_node_survive_a_rerun(player: Page):
    turn_scene(player)
    slider(player, "Step").fill("33")
    slider(player, "Ball radius").fill("9")
    eye = camera(player)
    player.evaluate("() => (document.querySelector('.rbo-player').marked = true)")
    player.get_by_role("textbox", name="Anything").fill("a rerun")
    player.keyboard.press("Enter")
    player.wait_for_timeout(1500)
    assert player.evaluate("() => document.querySelector('.rbo-player').marked")
    np.testing.assert_allclose(camera(player), eye, rtol=1e-6)
    assert (state(player)["step"], state(player)["radiusIndex"]) == (33, 9)


def test_camera_survives_another_landscape_and_playback_goes_on(own_player: Page):
    turn_scene(own_player)
    eye = camera(own_player)
    identity = own_player.locator(PLAYER).get_attribute("data-ready")
    own_player.get_by_role("combobox", name="Speed").select_option("0.25")
    own_player.get_by_role("button", name="Play", exact=True).click()
    own_player.get_by_text("Small domain").click()
    expect(own_player.locator(PLAYER)).not_to_have_attribute("data-ready", identity, timeout=30_000)
    assert state(own_player)["playing"]
    np.testing.assert_allclose(camera(own_player), eye, rtol=1e-6)


def scene_numbers(page: Page) -> dict:
    """Least and greatest z of the surface, as data and as drawn, its colours, and the ranges of the axes."""
    return page.evaluate(
        """() => {
          const plot = document.querySelector('.rbo-player .scene .plot');
          const layout = plot._fullLayout.scene;
          const ends = (values) => [Math.min(...values), Math.max(...values)];
          return {
            data: ends(plot.data[0].z.flatMap((row) => [...row])),
            drawn: layout._scene.traces.view0.surface.bounds.map((corner) => corner[2]),
            colors: [plot.data[0].cmin, plot.data[0].cmax],
            axes: ['x', 'y', 'z'].map((axis) => layout[axis + 'axis'].range),
            label: layout.zaxis.title.text,
            scale: layout._scene.dataScale[2],
          };
        }"""
    )


def test_other_heights_on_the_same_grid_are_drawn(own_player: Page):
    before = scene_numbers(own_player)
    identity = own_player.locator(PLAYER).get_attribute("data-ready")
    own_player.get_by_text("Another scale").click()
    expect(own_player.locator(PLAYER)).not_to_have_attribute("data-ready", identity, timeout=30_000)
    after = scene_numbers(own_player)
    np.testing.assert_allclose(after["data"], 0.25 * np.array(before["data"]), atol=1e-4)
    drawn = [np.array(numbers["drawn"]) / numbers["scale"] for numbers in (before, after)]
    np.testing.assert_allclose(drawn[0], before["data"], atol=1e-3)
    np.testing.assert_allclose(drawn[1], after["data"], atol=1e-3)
    assert after["colors"][1] == pytest.approx(0.25 * before["colors"][1], rel=1e-3)
    assert after["axes"][2][1] < 0.9 * before["axes"][2][1]
    assert (before["label"], after["label"]) == ("f", "λf")


def test_a_pole_does_not_empty_the_scene(own_player: Page):
    before, identity = scene_numbers(own_player), own_player.locator(PLAYER).get_attribute("data-ready")
    own_player.get_by_text("A pole").click()
    expect(own_player.locator(PLAYER)).not_to_have_attribute("data-ready", identity, timeout=30_000)
    after = scene_numbers(own_player)
    assert after["data"][0] < before["data"][0] - 4
    low, high = after["axes"][2]
    assert low > before["axes"][2][0] - 1 and high == pytest.approx(before["axes"][2][1], abs=1)
    assert after["colors"] == pytest.approx(before["colors"], abs=1)


def test_the_box_holds_the_whole_ball_at_every_radius(player: Page):
    for index in ("24", "12", "0", "24"):
        slider(player, "Ball radius").fill(index)
        player.wait_for_timeout(600)
        axes = np.array(scene_numbers(player)["axes"])
        for step in ("0", "100", "250"):
            slider(player, "Step").fill(step)
            now = state(player)
            center = np.array(now["ballCenter"])
            assert (center - now["radius"] >= axes[:, 0] - 1e-6).all()
            assert (center + now["radius"] <= axes[:, 1] + 1e-6).all()


def test_a_ball_that_comes_before_its_family_keeps_the_box(own_player: Page):
    before, player = scene_numbers(own_player), own_player.locator(PLAYER)
    for _ in range(2):
        identity = player.get_attribute("data-ready")
        own_player.get_by_text("One radius").click()
        expect(player).not_to_have_attribute("data-ready", identity, timeout=30_000)
        assert scene_numbers(own_player) == before


def test_a_lone_radius_says_why_its_slider_rests(flat_player: Page):
    identity = flat_player.locator(PLAYER).get_attribute("data-ready")
    flat_player.get_by_text("One radius").click()
    expect(flat_player.locator(PLAYER)).not_to_have_attribute("data-ready", identity, timeout=30_000)
    radius = slider(flat_player, "Ball radius")
    expect(radius).to_be_disabled()
    expect(radius).to_have_attribute("aria-valuetext", "radius 0.47. The other radii are being computed")
    expect(flat_player.get_by_text("faint: the other radii")).to_be_hidden()
    excuse = flat_player.locator(f"{PLAYER} .excuse")
    expect(excuse).to_have_text("The other radii are being computed")
    flat_player.get_by_text("They failed").click()
    expect(excuse).to_have_text("The other radii could not be computed")
    expect(flat_player.locator(".radius-row output")).to_have_text("ρ = 0.47")
    flat_player.get_by_text("One radius").click()
    expect(radius).to_be_enabled(timeout=30_000)
    expect(excuse).to_be_hidden()
    expect(flat_player.get_by_text("faint: the other radii")).to_be_visible()
    expect(radius).to_have_attribute("aria-valuetext", "radius 0.47")


def test_the_page_is_asked_for_a_radius_only_by_the_button(flat_player: Page):
    ask = flat_player.locator(f"{PLAYER} .ask")
    expect(ask).to_be_hidden()
    slider(flat_player, "Ball radius").fill("9")
    expect(ask).to_have_text("Use ρ = 0.129 on the page")
    expect(ask).to_have_attribute("title", "The text and the table of the page are for ρ = 0.47")
    expect(flat_player.get_by_text("radius None")).to_be_visible()
    ask.click()
    expect(flat_player.get_by_text(f"radius {np.geomspace(0.04, 0.9, 25)[9]}")).to_be_visible(timeout=30_000)
    expect(ask).to_be_hidden()
    assert state(flat_player)["radiusIndex"] == 9


def clicked_start(page: Page) -> list[float]:
    """The start that the page got, once it is not the first one any more."""
    text = page.get_by_text(re.compile(r"^start (?!-2\.300)[-\d]"))
    text.wait_for(timeout=30_000)
    return [float(v) for v in text.inner_text().split()[1:]]


def test_a_click_on_the_map_is_the_start(flat_player: Page):
    box = flat_player.locator(f"{PLAYER} .map .relief").bounding_box()
    flat_player.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    np.testing.assert_allclose(clicked_start(flat_player), [1.5, 1.5], atol=0.02)
    rounded = re.compile(r"^exactly \(-?\d\.\d{1,3}, -?\d\.\d{1,3}\)$")
    expect(flat_player.get_by_text(rounded)).to_be_visible()


def test_a_click_on_the_scene_is_the_start_and_a_drag_is_not(own_player: Page):
    shown = own_player.get_by_text("start -2.300 1.700")
    turn_scene(own_player)
    own_player.wait_for_timeout(800)
    expect(shown).to_be_visible()
    # The ray through the projected point of the landscape above (1, -1) leads back to (1, -1).
    pixel = own_player.evaluate(
        """() => {
          const plot = document.querySelector('.rbo-player .scene .plot');
          const scene = plot._fullLayout.scene._scene;
          const { projection, view, model } = scene.glplot.cameraParams;
          const { x, y, z } = plot.data[0];
          const [i, j] = [x.findIndex((v) => v >= 1), y.findIndex((v) => v >= -1)];
          let p = [x[i] * scene.dataScale[0], y[j] * scene.dataScale[1], z[j][i] * scene.dataScale[2], 1];
          for (const m of [model, view, projection])
            p = [0, 1, 2, 3].map((r) => m[r] * p[0] + m[4 + r] * p[1] + m[8 + r] * p[2] + m[12 + r] * p[3]);
          const box = scene.container.getBoundingClientRect();
          const [u, v] = [(1 + p[0] / p[3]) / 2, (1 - p[1] / p[3]) / 2];
          return [box.left + box.width * u, box.top + box.height * v, x[i], y[j]];
        }"""
    )
    own_player.mouse.click(pixel[0], pixel[1])
    np.testing.assert_allclose(clicked_start(own_player), pixel[2:], atol=0.03)


def test_a_ball_that_cuts_in_is_called_out(player: Page):
    slider(player, "Ball radius").fill("24")
    slider(player, "Step").fill("200")
    note = player.locator(f"{PLAYER} .section .note")
    expect(note).to_have_text("⚠ cuts in by 12 % of ρ")
    expect(note).to_have_class("note warn")


def test_plays_once_by_itself(browser: Browser, serve):
    context = browser.new_context(reduced_motion="no-preference")
    page = context.new_page()
    open_player(page, serve(APP))
    page.wait_for_function("() => document.querySelector('.rbo-player').rboState.step > 5")
    context.close()


def test_reduced_motion_does_not_play(flat_player: Page):
    flat_player.wait_for_timeout(1500)
    assert state(flat_player)["step"] == 0 and not state(flat_player)["playing"]


def test_without_webgl_the_other_views_work(flat_player: Page):
    page = flat_player
    expect(page.locator(f"{PLAYER} .scene")).to_contain_text("no WebGL")
    expect(page.get_by_role("button", name="Reset view")).to_be_hidden()
    before = picture(page, "map")
    slider(page, "Step").fill("80")
    assert picture(page, "map") != before


def test_leaves_the_charts_of_streamlit_alone(own_player: Page):
    own_player.get_by_text("Chart of Streamlit").click()
    expect(own_player.locator("[data-testid=stPlotlyChart] .scatterlayer")).to_be_visible(timeout=30_000)
    versions = own_player.evaluate(
        "() => [window.Plotly?.version ?? null, document.querySelector('.rbo-player').rboState.step]"
    )
    assert versions[0] != plotly_path().removeprefix("vendor/plotly-").removesuffix(".js")
    slider(own_player, "Step").fill("20")
    assert state(own_player)["step"] == 20


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off(visit: Callable[..., Page], serve, width: int, scheme: str):
    scene = scheme == "dark"  # what is drawn in it has the same size in the light
    page = visit(scene=scene, viewport={"width": width, "height": 900}, color_scheme=scheme)
    open_player(page, serve(APP))
    player = page.locator(PLAYER).bounding_box()
    boxes = [page.locator(f"{PLAYER} .{view}.view").bounding_box() for view in VIEWS]
    for box in boxes:
        assert box["x"] >= player["x"] - 1 and box["x"] + box["width"] <= player["x"] + player["width"] + 1
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator(PLAYER).evaluate("(e) => e.classList.contains('dark')") == (scheme == "dark")
    if width == 390:
        controls = page.get_by_role("button", name="Play", exact=True).bounding_box()
        assert 0 <= controls["y"] <= 900 - controls["height"]  # in reach without scrolling


def small_film(rng: np.random.Generator) -> Film:
    balls, frames = 3, 7
    shape = (balls, frames)
    turns = rng.normal(size=(*shape, 4))
    heights = rng.normal(size=(5, 9))
    heights[0, 0] = np.nan
    return Film(
        x=np.linspace(-1, 1, 9),
        y=np.linspace(0, 1, 5),
        heights=heights,
        radii=np.array([0.1, 0.2, 0.4]),
        contacts=rng.normal(size=(*shape, 3)),
        centers=rng.normal(size=(*shape, 3)),
        rotations=turns / np.linalg.norm(turns, axis=-1, keepdims=True),
        losses=rng.normal(size=shape),
        clearance=rng.normal(size=shape),
        touching=rng.integers(1, 4, size=shape),
        evaluations=np.tile(np.arange(frames), (balls, 1)),
        ends=np.array([1, 6, 3]),
        outcomes=("rests", "steps used up", "<b>left the domain</b>"),
        points=(
            PointPath("Adam", rng.normal(size=(frames, 3)), np.ones(frames), np.arange(frames), 6, "rests"),
        ),
        title="ρ & λ",
    )


def test_what_is_encoded_is_decoded(player: Page):
    film = small_film(np.random.default_rng(7))
    block = base64.b64encode(encode(film, radius=0.2, step=3)).decode()
    back = player.evaluate(
        """async ([url, block]) => {
          const { decode, ballPath } = await import(url);
          const film = decode(Uint8Array.from(atob(block), (c) => c.charCodeAt(0)));
          const ball = ballPath(film, 1);
          const list = (v) => (ArrayBuffer.isView(v) ? [...v] : v);
          const lists = (o) => Object.fromEntries(Object.entries(o).map(([k, v]) => [k, list(v)]));
          return { film: lists(film), ball: lists(ball), point: lists(film.points[0]) };
        }""",
        [f"/_stcore/bidi-components/{NAME}/decode.js", block],
    )
    for name in ("x", "y", "radii", "contacts", "centers", "losses", "clearance", "touching", "ends"):
        np.testing.assert_allclose(back["film"][name], getattr(film, name).ravel(), rtol=1e-6)
    heights = np.array(back["film"]["heights"], dtype=float)
    np.testing.assert_allclose(heights, film.heights.ravel(), atol=1e-3 * film.radii[0])
    np.testing.assert_allclose(back["ball"]["rotations"], film.rotations[1].ravel(), atol=1e-4)
    np.testing.assert_allclose(back["ball"]["centers"], film.centers[1].ravel(), rtol=1e-6)
    np.testing.assert_allclose(back["point"]["contacts"], film.points[0].contacts.ravel(), rtol=1e-6)
    assert back["film"]["outcomes"] == list(film.outcomes)
    assert (back["film"]["title"], back["film"]["step"], back["film"]["frames"]) == (film.title, 3, 7)


def sides_seen(page: Page, ground: str, present: list[float] | None = None) -> list[list[float]]:
    """The directions in which the eye is put for points on some ground, and for points high above it."""
    return page.evaluate(
        """async ([url, ground, present]) => {
          const { clearestSide } = await import(url);
          const axis = Array.from({ length: 41 }, (_, n) => n / 20 - 1);
          const height = new Function("x", "y", `return ${ground}`);
          const inside = (x, y) => Math.abs(x) <= 1 && Math.abs(y) <= 1;
          const field = { x: axis, y: axis, at: (x, y) => (inside(x, y) ? height(x, y) : NaN) };
          return [0.1, 9].map((z) => clearestSide(field, 3, [[0, 0, z], [0, 0.1, z], [0.1, 0, z]], present));
        }""",
        [f"/_stcore/bidi-components/{NAME}/camera.js", ground, present],
    )


def test_the_camera_stands_where_the_run_is_seen(flat_player: Page):
    usual, _ = sides_seen(flat_player, "0")
    assert usual[0] < 0 and usual[1] < 0
    behind_a_wall, above_it = sides_seen(flat_player, "y < -0.4 ? 2 : 0")
    assert above_it == usual
    assert behind_a_wall[1] > 0 and behind_a_wall[2] == usual[2]  # from the other side of it
    in_a_pit, _ = sides_seen(flat_player, "Math.max(Math.abs(x), Math.abs(y)) > 0.4 ? 0.5 : 0")
    assert in_a_pit[2] > usual[2]  # from higher up
    assert sides_seen(flat_player, "0", in_a_pit)[0] == in_a_pit  # where it stands, while that does
    assert sides_seen(flat_player, "y < -0.4 ? 2 : 0", usual)[0] == behind_a_wall


def test_a_logarithmic_axis_of_losses_ends_at_a_floor(flat_player: Page):
    """Of balls of which most come down to nothing, and one does not."""
    low, high, log = flat_player.evaluate(
        """async (url) => {
          const { lossRange } = await import(url);
          const down = Array.from({ length: 60 }, (_, k) => 10 ** (-k / 2));
          const losses = Float32Array.from([...down, ...down, ...down.map(() => 0.75)]);
          const { range, warp } = lossRange({ losses, points: [], frames: 60 });
          return [...range, warp(1000)];
        }""",
        f"/_stcore/bidi-components/{NAME}/losses.js",
    )
    assert log == pytest.approx(3)
    assert 1 < high < 2 and 5e-7 < low < 2e-6


@pytest.mark.parametrize("span", [1.0, 1e4])
def test_quantised_heights_err_less_than_their_tolerance(span: float):
    heights = span * np.random.default_rng(1).random((40, 50))
    levels, scale = quantise(heights, tolerance=1e-4)
    back = levels if scale is None else scale["low"] + (levels.astype(float) + 32767) * scale["unit"]
    np.testing.assert_allclose(back, heights, atol=max(1e-4, 1e-7 * span))


def test_a_whole_film_is_at_most_a_megabyte():
    balls, frames, side = 25, 251, 385
    film = small_film(np.random.default_rng(0))
    grow = {
        name: np.zeros((balls, frames, *getattr(film, name).shape[2:]))
        for name in ("contacts", "centers", "losses", "clearance", "touching", "evaluations")
    }
    axis = np.linspace(-3, 3, side)
    film = Film(
        x=axis,
        y=axis,
        heights=np.zeros((side, side)),
        radii=np.geomspace(0.01, 1, balls),
        rotations=np.full((balls, frames, 4), 0.5),
        ends=np.zeros(balls),
        outcomes=("rests",) * balls,
        points=(),
        **grow,
    )
    assert len(encode(film, radius=0.1)) <= 1_000_000
