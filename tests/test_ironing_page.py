"""The ironing page without a browser: links, settings, tables, what fails, and what is computed when."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import rbo
from interface import address, attempt, compute
from interface.experiment import knobs, names, radius_limit, sides
from interface.ironing import surfaces
from interface.ironing.measures import MEASURES
from interface.ironing.picture import WORK, compose, departure, spectra, table
from interface.ironing.view import View, frames, read, section_limit, usual, write
from tests.test_state import GARBAGE, SLOW, value_of

APP = Path(__file__).parents[1] / "app.py"
SCRIPT = "pages/ironing.py"


@pytest.fixture
def whole() -> None:
    """Asks for the whole family."""


@pytest.fixture(autouse=True)
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two radii are family enough, unless a test is about the family."""
    if "whole" in request.fixturenames:
        yield
        return

    def two(view: View) -> tuple[float, ...]:
        return (float(f"{radius_limit(view.surface()).high / 20:.3g}"), float(view.surface().radius))

    monkeypatch.setattr(compute, "family_radii", two)
    forget()
    yield
    forget()


def forget() -> None:
    surfaces.forget()


def opened(**query: str) -> AppTest:
    """The page behind a deep link, in a session that has seen no other page."""
    at = AppTest.from_file(str(APP), default_timeout=60).switch_page(SCRIPT)
    for name, text in query.items():
        at.query_params[name] = text
    return at.run()


def words(at: AppTest) -> str:
    kinds = (at.markdown, at.caption, at.warning, at.error, at.title, at.subheader)
    return "\n".join(element.value for kind in kinds for element in kind)


def shown(at: AppTest) -> View:
    return at.session_state["ironing page"].experiment


def healthy(at: AppTest) -> None:
    assert not at.exception
    assert "Traceback" not in words(at) and str(APP.parent) not in words(at)


def test_the_page_runs_and_says_what_it_is_about(whole):
    at = opened()
    healthy(at)
    assert "centre surface" in words(at) and "ironed surface" in words(at)
    assert not at.warning and not at.error and "playground" not in at.session_state
    good = at.session_state["ironing page"].good
    assert good.record.radii.size >= 24 and good.lone is None and good.text in words(at)


@pytest.mark.parametrize("dim", ["1", "2"])
@pytest.mark.parametrize("name", names())
def test_every_landscape_is_shown(name: str, dim: str):
    at = opened(landscape=name, dim=dim)
    healthy(at)
    assert shown(at) == usual(name, dim=int(dim)) and not at.error and not at.warning
    assert at.session_state["ironing page"].good.text in words(at)


@pytest.mark.parametrize(
    "query",
    [
        {"radius": "nan"},
        {"dim": "3"},
        {"paths": "maybe"},
        {"landscape": "moon"},
        {"section": "1"},
        {"landscape": "himmelblau", "section": "99"},
        {"contact": "descent"},
        {"methods": "adam"},
        {"seed": "x"},
        {"position": "99"},
        {"dim": "2", "across": "99"},
    ],
)
def test_a_bad_link_costs_one_sentence(query: dict[str, str]):
    at = opened(**query)
    healthy(at)
    assert len(at.warning) == 1 and "The link says" in at.warning[0].value and not at.error
    assert at.warning[0].value.count("\n") == 0


def test_settings_change_the_view_and_nothing_else():
    at = opened()
    before = shown(at)
    at.slider(key="wrinkled_bowl/octaves").set_value(3).run()
    at.number_input(key="wrinkled_bowl/radius").set_value(0.4).run()
    at.button_group(key="wrinkled_bowl/dim").set_value(2).run()
    healthy(at)
    expected = tuple(sorted((dict(before.parameters) | {"octaves": 3}).items()))
    assert shown(at) == replace(before, parameters=expected, radius=0.4, dim=2)


def test_curve_or_surface_stays_with_another_landscape():
    at = opened(dim="2")
    at.selectbox(key="landscape").set_value("rosenbrock").run()
    healthy(at)
    assert shown(at) == usual("rosenbrock", dim=2)
    at.button_group(key="rosenbrock/dim").set_value(1).run()
    at.number_input(key="rosenbrock/section").set_value(0.5).run()
    healthy(at)
    assert shown(at) == usual("rosenbrock", section=0.5)
    assert at.session_state["ironing page"].good.title == "Rosenbrock's banana at y = 0.5"


def test_the_paths_are_those_of_the_playground():
    at = opened(landscape="saddle", dim="2", steps="12")
    at.toggle(key="saddle/paths").set_value(True).run()
    at.number_input(key="saddle/x").set_value(1.25).run()
    healthy(at)
    film, view = at.session_state["ironing page"].good.record.film, shown(at)
    there, _ = compute.film(replace(view, radius=float(film.radii[0])))
    assert view.paths and view.start[0] == 1.25
    np.testing.assert_array_equal(film.centers, there.centers)
    assert [path.name for path in film.points] == ["Gradient descent"]
    assert "runs down the centre surface" in words(at)


def test_the_centre_of_the_ball_runs_on_the_centre_surface():
    view = usual("wrinkled_bowl", dim=2, paths=True)
    layers = surfaces.alone(surfaces.ironing(view), view.radius)
    ball, _ = compute.film(view, whole=False)
    assert departure(ball.centers[0], layers, 0) < 0.02
    assert departure(ball.centers[0] + [0, 0, 0.06], layers, 0) > 0.09


def test_a_radius_that_was_scrubbed_in_the_browser_is_adopted_at_the_next_run():
    at = opened()
    at.query_params["radius"] = "0.231"
    at.slider(key="wrinkled_bowl/octaves").set_value(1).run()
    assert shown(at).radius == 0.231
    assert at.number_input(key="wrinkled_bowl/radius").value == 0.231


def test_the_two_pages_keep_their_own_state():
    at = opened(radius="0.3")
    at.query_params.clear()  # as a link between the pages does
    at.switch_page("app.py").run()
    healthy(at)
    assert at.session_state["playground"].experiment.radius == 0.6
    at.switch_page(SCRIPT).run()
    healthy(at)
    assert shown(at).radius == 0.3


def test_reset():
    at = opened(landscape="wedge", radius="0.3", dim="2")
    next(button for button in at.button if "Reset" in button.label).click().run()
    assert shown(at) == usual(names()[0])


def raising(*_: object, **__: object) -> None:
    raise RuntimeError("/home/somebody/secret.py is broken")


def test_a_run_that_fails_keeps_the_last_good_picture(monkeypatch):
    at = opened(landscape="wedge")
    kept = at.session_state["ironing page"].good
    monkeypatch.setattr(rbo, "iron", raising)
    at.number_input(key="wedge/scale").set_value(1.7).run()
    healthy(at)
    assert len(at.error) == 1 and "secret" not in words(at)
    assert "This run failed with RuntimeError. The last good picture is kept: Wedge." in at.error[0].value
    assert at.session_state["ironing page"].good is kept and kept.text in words(at)
    monkeypatch.undo()
    at.number_input(key="wedge/scale").set_value(1.8).run()
    assert not at.error and at.session_state["ironing page"].good.experiment.scale == 1.8


def test_radii_that_fail_leave_the_one_that_was_asked_for(monkeypatch):
    monkeypatch.setattr(surfaces, "family", raising)
    at = opened(landscape="wedge", scale="1.234")
    healthy(at)
    assert at.session_state["ironing page"].good.record.radii.tolist() == [0.5]
    assert "The picture shows the one radius that was asked for." in at.error[0].value


def told(name: str, **settings: object) -> str:
    return compose(usual(name, **settings), whole=False).text


def test_what_is_told_fits_the_numbers():
    assert "the curve still has 1 local minimum, and" in told("wedge")
    assert "the curve has 6 local minima instead of 29," in told("wrinkled_bowl")
    assert "the curve has no local minimum instead of 27, and" in told("tilted_wrinkles", radius=3.0)
    assert "reaches none of the grid points of this curve" in told("wrinkled_bowl", radius=6.0)
    assert "reaches only 0.94 % of the grid points of this curve" in told("wrinkled_bowl", radius=2.0)
    assert "reaches every grid point of this curve" in told("rosenbrock", radius=0.3)


@pytest.mark.parametrize("name", ["rosenbrock", "sinusoid", "wrinkled_bowl"])
def test_where_the_ball_reaches_the_ironed_curve_is_the_curve(name: str):
    """So a ball that reaches every point leaves every measure as it is."""
    record = compose(usual(name, radius=0.2), whole=False).record
    reached = record.reachable[0]
    assert reached.any()
    np.testing.assert_array_equal(record.ironed[0][reached], record.heights[reached])


def test_a_grid_too_coarse_says_so_on_the_page():
    assert "too fine for a grid" in words(opened(landscape="whitley", dim="2", radius="0.01"))
    assert "smaller than two cells" in words(opened(radius="0.01"))


# --- what is computed when


def counted(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    calls, iron = [], rbo.iron

    def counting(heights: np.ndarray, spacing: tuple, radius: float) -> rbo.surfaces.Surfaces:
        calls.append(radius)
        return iron(heights, spacing, radius)

    monkeypatch.setattr(rbo, "iron", counting)
    return calls


def test_the_radius_that_is_asked_for_comes_first_and_all_are_computed_once(monkeypatch, whole):
    view = usual("saddle", dim=2, scale=0.77)
    calls = counted(monkeypatch)
    assert not WORK.ready(view)
    picture = compose(view, whole=False)
    assert calls == [view.radius] and picture.record.radii.tolist() == [view.radius]
    WORK.prepare(view)
    assert WORK.ready(view) and len(calls) == 26
    assert compose(view, whole=True).lone is None
    outside = compose(replace(view, radius=0.123), whole=True)
    compose(replace(view, radius=0.123, paths=False), whole=True)
    assert calls[26:] == [0.123]
    assert outside.lone.radii.tolist() == [0.123] and len(outside.record.radii) == 25
    assert outside.measures.radii[outside.index] == 0.123 and len(outside.measures.radii) == 26


# --- links


@st.composite
def views(draw: st.DrawFn) -> View:
    name = draw(st.sampled_from(names()))
    plain = usual(name, {knob.name: draw(value_of(knob)) for knob in knobs(name)})
    surface, limit = plain.surface(), section_limit(plain)
    radius = radius_limit(surface)
    return replace(
        plain,
        start=draw(st.tuples(*(st.floats(side.low, side.high) for side in sides(surface)))),
        radius=draw(st.floats(radius.low, radius.high)),
        scale=draw(st.floats(1e-3, 100)),
        steps=draw(st.integers(1, 1000)),
        dim=draw(st.sampled_from([1, 2])),
        paths=draw(st.booleans()),
        section=None if limit is None else draw(st.floats(limit.low, limit.high)),
    )


@SLOW
@given(views())
def test_a_link_brings_every_view_back(view: View):
    assert read(write(view)) == (view, ())


@pytest.mark.parametrize("name", names())
def test_what_is_usual_is_left_out(name: str):
    assert write(usual(name)) == ({} if name == names()[0] else {"landscape": name})
    assert not {knob.name for knob in knobs(name)} & {"dim", "paths", "section", *address.FRAMES}


@SLOW
@given(GARBAGE | st.dictionaries(st.sampled_from(["dim", "paths", "section"]), st.text(max_size=9)))
def test_garbage_is_a_view_and_at_most_a_sentence_each(query: dict[str, str]):
    view, notes = read(query)
    frame, more = address.frame_of(query, frames(view))
    assert set(frame) <= set(address.FRAMES) and len(notes) + len(more) <= len(query)
    assert read(write(view)) == (view, ())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dim": 3}, "dim must be 1 or 2, got 3"),
        ({"paths": 1}, "paths must be True or False, got 1"),
        ({"section": 1.0}, r"wrinkled_bowl is a curve by itself, got section 1\.0"),
        ({"contact": "descent"}, "contact must be rigid on this page, got descent"),
        ({"radius": 0.0}, r"radius must be a number from 0\.003 to 6, got 0\.0"),
    ],
)
def test_a_view_is_checked_with_one_sentence(settings: dict, message: str):
    with pytest.raises(ValueError, match="^" + message) as caught:
        replace(usual("wrinkled_bowl"), **settings)
    assert attempt.ours(caught.value)


# --- tables


def test_the_tables_hold_the_measures_of_every_radius(whole):
    picture = compose(usual("sinusoid"), whole=True)
    rows = list(csv.DictReader(table(picture.measures)))
    assert [*rows[0]] == ["radius", *(measure.column for measure in MEASURES), "unreachable_share"]
    assert len(rows) == 26 and float(rows[0]["radius"]) == 0
    record, step = picture.record, picture.record.x[1] - picture.record.x[0]
    for row, heights in zip(rows, [record.heights, *record.ironed], strict=True):
        assert float(row["total_variation"]) == pytest.approx(np.abs(np.diff(heights)).sum())
        slope = np.diff(heights) / step
        assert float(row["rms_slope"]) == pytest.approx(np.sqrt((slope**2).mean()))
    shares = [float(row["unreachable_share"]) for row in rows[1:]]
    np.testing.assert_allclose(shares, 1 - record.reachable.mean(1))


def test_the_spectra_add_up_to_the_variance():
    picture = compose(usual("sinusoid"), whole=True)
    energies: dict[str, float] = {}
    for row in csv.DictReader(spectra(picture.measures)):
        energies[row["radius"]] = energies.get(row["radius"], 0.0) + float(row["energy"])
    expected = [heights.var() for heights in (picture.record.heights, *picture.record.ironed)]
    np.testing.assert_allclose(list(energies.values()), expected)
