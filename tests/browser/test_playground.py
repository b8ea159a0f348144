"""The playground in a real browser: links, scrubs, clicks and settings lead to one and the same picture."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Error, Page, Route, TimeoutError, expect

from figures.theme import MARKS
from tests.browser.reading import calm, query

PLAYER = ".rbo-player"
BRIEF = "/?steps=60"  # soon computed, and else the first picture
READY = "() => document.querySelector('.rbo-player[data-ready]')"
WHOLE = "() => document.querySelector('.rbo-player input.radius')?.max > 20"  # one ball comes first


@pytest.fixture(scope="module")
def address(serve: Callable[[str], str]) -> str:
    return serve("app.py")


@pytest.fixture
def own(visit: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """Opens pages and waits for the whole picture; none may log an error of its own."""
    errors = []

    def start(url: str, **how: object) -> Page:
        page = visit(**how)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        whole(page)
        return page

    yield start
    assert errors == []


def whole(page: Page) -> None:
    """Wait until the player shows the whole family and the script has come to rest."""
    shown(page, READY)
    shown(page, WHOLE)
    calm(page)


def shown(page: Page, condition: str, arg: object = None) -> None:
    """Wait until the player is as a condition asks."""
    try:
        page.wait_for_function(condition, arg=arg, timeout=60_000)
    except Error:  # also where there is no player
        pytest.fail(f"never {condition}; the page says:\n{page.inner_text('body')}", pytrace=False)


def state(page: Page) -> dict:
    return page.evaluate("() => document.querySelector('.rbo-player').rboState")


def identity(page: Page) -> str:
    return page.locator(PLAYER).get_attribute("data-ready")


def colors_of(page: Page, name: str) -> set[str]:
    """The colours of a point method in the legend, on the map, in the curves and in the 3-D scene."""
    return set(
        page.evaluate(
            """(name) => {
              const player = document.querySelector('.rbo-player');
              const entries = [...player.querySelectorAll('.legend .entry')].map((e) => e.textContent);
              const k = entries.indexOf(name) - entries.indexOf('Gradient descent');
              const of = (view) => player.querySelectorAll(`.${view} path.mark`)[k];
              const fill = (e) => getComputedStyle(e).fill;
              const svg = [of('legend'), of('map'), of('losses')].map(fill);
              const two = (v) => Number(v).toString(16).padStart(2, '0');
              const hex = (color) => '#' + color.match(/\\d+/g).map(two).join('');
              const traces = player.querySelector('.scene .plot').data.slice(6 + 2 * k, 8 + 2 * k);
              const scene = [traces[0].line.color, traces[1].marker.color];
              return [...svg.map(hex), ...scene].map((c) => c.toUpperCase());
            }""",
            name,
        )
    )


def field(page: Page, name: str):
    return page.get_by_role("spinbutton", name=name, exact=True)


def another(page: Page, before: str) -> None:
    """Wait for another picture than `before`, and until it is whole."""
    changed = "(before) => document.querySelector('.rbo-player').dataset.ready !== before"
    shown(page, changed, before)
    whole(page)


def enter(page: Page, name: str, value: str) -> None:
    """Type a number into the sidebar and wait for the picture of it."""
    before = identity(page)
    field(page, name).fill(value)
    field(page, name).press("Enter")
    another(page, before)


def scrub(page: Page, index: int) -> float:
    """Drag the radius in the player; the radius that it then has."""
    slider = page.get_by_role("slider", name="Ball radius")
    slider.fill(str(index))
    slider.dispatch_event("change")
    page.wait_for_function("() => location.search.includes('radius=')")
    return state(page)["radius"]


def addressed(page: Page, expected: dict[str, str]) -> None:
    """Wait until the address says so; it follows the picture."""
    with suppress(TimeoutError):
        page.wait_for_url(lambda url: query(url) == expected, timeout=30_000)
    assert query(page.url) == expected


def test_the_first_picture_tells_the_first_story(own, address: str):
    page = own(address, scene=True)
    expect(page.get_by_text(re.compile("Gradient descent starts at a loss of"))).to_be_visible()
    expect(page.get_by_role("link", name="arXiv 2505.19527")).to_be_visible()
    assert state(page)["radius"] == pytest.approx(0.6)
    assert query(page.url) == {}
    before = state(page)["ballCenter"]
    page.get_by_role("slider", name="Step").fill("150")
    after = state(page)["ballCenter"]
    assert abs(before[0] - after[0]) > 0.5


def test_it_plays_by_itself(own, address: str):
    page = own(address, reduced_motion="no-preference")
    shown(page, "() => document.querySelector('.rbo-player').rboState.step > 5")


def test_another_lr_is_another_picture_in_the_address_and_in_a_fresh_browser(own, address: str):
    page = own(address + BRIEF)
    enter(page, "Learning rate η", "0.02")
    addressed(page, query(BRIEF) | {"lr": "0.02"})
    again = own(page.url, fresh=True)
    assert identity(again) == identity(page)
    expect(field(again, "Learning rate η")).to_have_value("0.02")


def test_a_link_with_every_setting_opens_the_same_picture(own, address: str):
    link = (
        "?landscape=gaussian_mse&seed=5&centres=300&sigma=0.2&x=1.5&y=-1&x2=1&y2=-1.5&radius=0.33&lr=0.02"
        "&steps=60&scale=0.2&contact=descent&inner_steps=20&inner_lr=0.01&methods=momentum%2Cadam&step=17"
        "&against=evaluations"
    )
    one, two = own(address + "/" + link, scene=True), own(address + "/" + link, fresh=True)
    assert identity(one) == identity(two)
    assert state(one)["radius"] == pytest.approx(0.33)
    assert state(one)["step"] == state(two)["step"] == 17
    expect(two.get_by_role("radio", name="gradient evaluations")).to_be_checked()
    assert query(one.url) == query(link)
    for name in ("Momentum", "Adam", "Ball from the second start", "Gradient descent from the second start"):
        expect(one.locator(f"{PLAYER} .legend").get_by_text(name, exact=True)).to_be_visible()
        assert colors_of(one, name) == {MARKS[name].light}


def test_an_emptied_field_shows_its_number_again(own, address: str):
    page = own(address)
    before = identity(page)
    field(page, "Radius ρ").fill("")
    field(page, "Radius ρ").press("Enter")
    expect(field(page, "Radius ρ")).to_have_value("0.6")
    page.wait_for_timeout(600)
    calm(page)
    assert identity(page) == before and query(page.url) == {}


@pytest.mark.parametrize("key", ["Enter", "Tab"])
def test_what_is_typed_and_is_no_number_costs_a_sentence_until_another_is_typed(own, address: str, key: str):
    page = own(address)
    before, rate = identity(page), field(page, "Learning rate η")
    usual, told = rate.input_value(), page.get_by_role("alert").filter(has_text="is no number")
    rate.press("ControlOrMeta+a")
    rate.press_sequentially("1e999")
    expect(told).to_have_count(0)  # the number may not be at its end
    rate.press(key)
    expect(told).to_have_text(re.compile("The last one stays"))
    expect(told).to_be_visible()
    expect(rate).to_have_value(usual)
    calm(page)
    assert identity(page) == before and query(page.url) == {}
    rate.press("ControlOrMeta+a")
    rate.press_sequentially("2")
    expect(told).to_have_count(0)


def test_a_whole_number_may_be_written_as_any_number(own, address: str):
    page = own(address + BRIEF)
    enter(page, "Steps", "1e2")
    addressed(page, {"steps": "100"})
    expect(field(page, "Steps")).to_have_value("100")


def test_fields_show_the_experiment_where_their_code_comes_late(flat: Browser, address: str):
    """The browser loads a widget's code by itself, and the page may have run again before it is there."""
    asked = {
        "x": "1",
        "lr": "0.02",
        "steps": "25",
        "methods": "adam",
        "contact": "footpoint",
        "sigma": "0.2",
    }
    page = flat.new_context(reduced_motion="reduce").new_page()
    late: list[Route] = []
    page.route(
        re.compile("/static/js/(NumberInput|Slider|Selectbox|Multiselect)"), lambda route: late.append(route)
    )
    page.goto(f"{address}/?landscape=gaussian_mse&{urlencode(asked)}")
    whole(page)
    assert len(late) == 4 and field(page, "x").count() == 0
    for route in late:
        route.continue_()
    for name, value in {"x": "1", "Learning rate η": "0.02", "Steps": "25"}.items():
        expect(field(page, name)).to_have_value(value)
    expect(page.get_by_role("combobox", name="How the ball finds its contact")).to_have_value("Nearest point")
    expect(page.get_by_text("Adam", exact=True).first).to_be_visible()
    page.get_by_text("Shape of the landscape").click()
    expect(page.get_by_role("slider", name="Sigma")).to_have_value("0.2")
    page.context.close()


def test_a_scrubbed_radius_survives_another_lr(own, address: str):
    page = own(address + BRIEF)
    radius = scrub(page, 8)
    page.wait_for_timeout(600)
    enter(page, "Learning rate η", "0.025")
    assert state(page)["radius"] == pytest.approx(radius, rel=1e-3)
    expect(field(page, "Radius ρ")).to_have_value(f"{radius:.4g}")
    assert float(query(page.url)["radius"]) == pytest.approx(radius, rel=1e-3)
    row = page.get_by_text(re.compile(f"ball with ρ = {radius:.4g}")).first
    expect(row).to_be_visible()


@pytest.mark.parametrize("embed", [{}, {"embed": "true"}])
def test_a_link_does_not_hide_a_scrubbed_radius(own, address: str, embed: dict[str, str]):
    page = own(f"{address}/?{urlencode({'landscape': 'plane'} | embed)}")
    steps = page.evaluate("() => window.history.length")
    radius = scrub(page, 8)
    page.wait_for_timeout(600)
    enter(page, "Learning rate η", "0.025")
    assert state(page)["radius"] == pytest.approx(radius, rel=1e-3)
    addressed(page, {"landscape": "plane", "lr": "0.025", "radius": f"{radius:.4g}"} | embed)
    assert page.evaluate("() => window.history.length") == steps


@pytest.mark.parametrize(
    ("other", "title"),
    [("Train", "What radius, rate and start decide"), ("Ironing", "What a ball of this radius sees")],
)
def test_nor_does_the_way_back_to_a_link(own, address: str, other: str, title: str):
    page = own(f"{address}/?landscape=plane&x=1")
    page.get_by_role("link", name=other).click()
    expect(page.get_by_role("heading", name=title)).to_be_visible(timeout=60_000)
    page.go_back()
    page.wait_for_url("**x=1")
    whole(page)
    radius = scrub(page, 8)
    page.wait_for_timeout(600)
    enter(page, "Learning rate η", "0.025")
    addressed(page, {"landscape": "plane", "x": "1", "lr": "0.025", "radius": f"{radius:.4g}"})


def test_the_page_tells_of_the_scrubbed_radius_when_asked(own, address: str):
    page = own(address + BRIEF)
    radius = scrub(page, 8)
    page.locator(f"{PLAYER} button.ask").click()
    expect(field(page, "Radius ρ")).to_have_value(f"{radius:.4g}", timeout=60_000)
    expect(page.get_by_text(re.compile(f"ball with ρ = {radius:.4g} goes from a loss of"))).to_be_visible()
    expect(page.locator(f"{PLAYER} button.ask")).to_be_hidden()
    assert state(page)["radius"] == pytest.approx(radius)


def test_a_typed_radius_wins_over_an_earlier_scrub(own, address: str):
    page = own(address + BRIEF)
    scrub(page, 8)
    page.wait_for_timeout(600)
    enter(page, "Radius ρ", "0.47")
    assert state(page)["radius"] == pytest.approx(0.47)
    addressed(page, query(BRIEF) | {"radius": "0.47"})
    enter(page, "Steps", "50")
    assert state(page)["radius"] == pytest.approx(0.47)


def test_a_click_on_the_map_is_the_start(own, address: str):
    page = own(address + BRIEF)
    before = identity(page)
    page.locator(f"{PLAYER} .map .relief").scroll_into_view_if_needed()
    box = page.locator(f"{PLAYER} .map .relief").bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    another(page, before)
    assert float(field(page, "x").input_value()) == pytest.approx(1.5, abs=0.03)
    assert float(field(page, "y").input_value()) == pytest.approx(1.5, abs=0.03)
    assert float(query(page.url)["x"]) == pytest.approx(1.5, abs=0.03)
    assert len(query(page.url)["x"]) <= len("1.234")


def test_a_story_is_one_click_and_drops_the_frame(own, address: str):
    page = own(address + "/?lr=0.02&step=40")
    before = identity(page)
    page.get_by_text("Too big for the valley", exact=True).click()
    another(page, before)
    expect(page.get_by_text(re.compile("comes to lie on both walls"))).to_be_visible()
    addressed(page, {"landscape": "parabolic_trough", "slope": "0", "y": "0"})
    assert state(page)["radius"] == pytest.approx(1.0)


@pytest.mark.parametrize("touch", [False, True])
def test_on_a_phone_a_press_tells_the_story_that_is_pressed(own, address: str, touch: bool):
    """The row of stories scrolls; the focus has left it, and the story pressed last is out of sight."""
    page = own(address, viewport={"width": 390, "height": 844}, is_mobile=touch, has_touch=touch)

    def press(title: str) -> None:
        story = page.get_by_role("radio", name=title)
        story.evaluate("(e) => e.scrollIntoView({ block: 'nearest', inline: 'center' })")
        box = story.bounding_box()
        at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.touchscreen.tap(*at) if touch else page.mouse.click(*at)

    before = identity(page)
    press("Stuck in a wrinkle")
    press("Too big for the valley")
    another(page, before)
    page.get_by_role("slider", name="Step").focus()
    before = identity(page)
    press("The authors' solver sinks in")
    another(page, before)
    addressed(page, {"contact": "descent"})


def test_one_story_after_another(own, address: str):
    page = own(address)
    for title in ("Two starts, one end", "The loss scale changes everything", "Stuck in a wrinkle"):
        before = identity(page)
        page.get_by_text(title, exact=True).click()
        another(page, before)
    addressed(page, {})


def test_a_broken_link_costs_sentences_and_nothing_else(own, address: str):
    wrong = (
        "radius=nan",
        "lr=1e99",
        "x=-9",
        "seed=abc",
        "contact=glue",
        "what=<b>",
        "step=-1",
        "against=time",
    )
    page = own(f"{address}/?{'&'.join(wrong)}&methods=sgd")
    notes = page.locator("[data-testid=stAlert]")
    for name in (*wrong, "sgd"):
        expect(notes).to_contain_text(name)
    body = page.locator("body").inner_text()
    assert "Traceback" not in body and ".py" not in body
    addressed(page, {"x": "-3", "lr": "1000"})


def test_a_wrong_frame_goes_also_where_the_code_of_the_bar_comes_late(flat: Browser, address: str):
    """The browser then sees the last run alone, which says no more of the link."""
    page = flat.new_context(reduced_motion="reduce").new_page()
    late: list[Route] = []
    page.route(re.compile("/static/js/BidiComponent"), lambda route: late.append(route))
    page.goto(f"{address}/?step=-1&steps=40")
    expect(page.get_by_text(re.compile("from a loss of"))).to_be_visible(timeout=60_000)
    page.wait_for_timeout(4000)
    assert late and query(page.url)["step"] == "-1"
    for route in late:
        route.continue_()
    addressed(page, {"steps": "40"})
    page.context.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off(own, address: str, width: int, scheme: str):
    scene = scheme == "light"  # what is drawn in it has the same size in the dark
    page = own(address, scene=scene, viewport={"width": width, "height": 844}, color_scheme=scheme)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    inside = page.locator("[data-testid=stMainBlockContainer]").evaluate(
        "(block) => [...block.querySelectorAll('.rbo-player, .runs, button, p')]"
        ".filter((e) => !e.closest('.stButtonGroup [role], .st-key-pages'))"  # on a phone these rows scroll
        ".every((e) => e.getBoundingClientRect().right <= window.innerWidth + 1)"
    )
    assert inside
    assert page.locator(PLAYER).evaluate("(e) => e.classList.contains('dark')") == (scheme == "dark")
    page.locator(".stButtonGroup [role=radio]").last.click()
    expect(page.get_by_text(re.compile("Count the loss in other units"))).to_be_visible(timeout=60_000)


def test_the_first_screen_of_a_phone_shows_the_ball(own, address: str):
    page = own(address, scene=True, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    scene = page.locator(f"{PLAYER} .scene .stage").bounding_box()
    controls = page.locator(f"{PLAYER} .controls").bounding_box()
    assert controls["y"] - scene["y"] > 0.6 * scene["height"]  # the controls stand before the rest
    assert controls["y"] + controls["height"] <= 844
