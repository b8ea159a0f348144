"""The reader's own function: on three pages, in links, against `rbo`; and what is none costs a sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import rbo
from interface import address, compute, own
from interface.experiment import Experiment, sides, usual
from interface.ironing import view
from interface.ironing.surfaces import iron
from interface.training import view as training
from tests.test_train_page import finished

ROOT = Path(__file__).parents[1]
BOWL = "x^2 + y^2"
QUICK = {"landscape": own.NAME, "steps": "8"}
FIELD = f"{own.NAME}/formula"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two radii are family enough."""

    def two(experiment: Experiment) -> tuple[float, ...]:
        radius = float(experiment.surface().radius)
        return (radius / 2, radius)

    monkeypatch.setattr(compute, "family_radii", two)


def opened(page: str = "app.py", **query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at = at if page == "app.py" else at.switch_page(page)
    for name, text in (QUICK | query).items():
        at.query_params[name] = text
    return at.run()


def session(at: AppTest, key: str = "playground"):
    assert not at.exception
    return at.session_state[key]


def said(at: AppTest) -> str:
    return "\n".join(element.value for kind in (at.warning, at.error) for element in kind)


def of(formula: str, **settings: object) -> Experiment:
    return usual(own.NAME, {"formula": formula}, **settings)


# --- as a landscape


def test_start_radius_rate_and_scale_are_the_function_s_own():
    experiment, landscape = of("50*x^2 + 3*y^2"), own.build(formula="50*x^2 + 3*y^2")
    assert experiment.start == landscape.start and experiment.radius == landscape.radius
    assert experiment.lr == landscape.lr and experiment.scale == landscape.loss_scale != 1.0
    assert own.build(formula="50*x^2 + 3*y^2") is landscape, "it is parsed once"


@pytest.mark.parametrize("formula", ["1e9*x^2", "1e-12*y", "0", "x*y", "1/x", "log(x)", "tan(5*x)"])
@pytest.mark.parametrize("width", [0.01, 2000.0])
def test_any_function_has_settings_that_a_page_takes(formula: str, width: float):
    half = width / 2
    parameters = {"formula": formula, "x_from": -half, "x_to": half, "y_from": -half, "y_to": half}
    for made in (usual, view.usual, training.usual):
        experiment = made(own.NAME, parameters)
        assert all(
            side.holds(value)
            for side, value in zip(sides(experiment.surface()), experiment.start, strict=True)
        )


@pytest.mark.parametrize("formula", ["exp(x^8)", "exp(x^2*y^2)", "1e20*x^8", "exp(9*x)*exp(9*y)*1e9"])
def test_a_start_is_where_a_ball_can_be_placed(formula: str):
    """Such functions reach heights at which doubles do not tell a ball's centre from its contact."""
    experiment = of(formula, steps=3)
    assert abs(experiment.surface()(torch.tensor(experiment.start, dtype=torch.float64))) <= 1e12
    balls = compute.balls(experiment, whole=False)
    assert np.isfinite(balls.centers).all() and np.isfinite(balls.rotations).all()


def test_where_no_ball_can_be_placed_a_sentence_says_so():
    experiment = of("exp(x^8)", start=(-2.9, 0.0), steps=3)
    with pytest.raises(ValueError, match="too high or too steep around the start to place a ball there"):
        compute.balls(experiment, whole=False)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"formula": "sine(x)"}, "column 1: the name 'sine' is unknown"),
        ({"formula": "x+" * 101 + "x"}, "column 201: the formula has 203 characters"),
        (
            {"formula": "x", "x_from": 3.0, "x_to": 3.0},
            "x must run from a lower to a higher number, got 3 to 3",
        ),
        (
            {"formula": "x", "y_from": 2.0, "y_to": -2.0},
            "y must run from a lower to a higher number, got 2 to -2",
        ),
        ({"formula": "x", "y_from": 0.0, "y_to": 0.001}, "y must run over at least 0.01, got 0 to 0.001"),
        (
            {"formula": "x", "x_to": 900.0},
            "one side of the domain may be at most 20 times the other, got 903 and 6",
        ),
        ({"formula": "x", "x_to": 5000.0}, "formula: x_to must be a number from -1000 to 1000"),
        ({"formula": 3}, "formula: formula must be a text, got 3"),
    ],
)
def test_what_is_no_function_costs_a_sentence(values: dict, sentence: str):
    with pytest.raises(ValueError) as caught:
        own.build(**values)
    assert str(caught.value).startswith(sentence)


# --- in links


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([BOWL, own.FIRST, "sum(k, 1, 4, cos(2^k*x))/2 + y^2", "abs(x) · y − 1", "2 + x"]),
    st.tuples(*[st.floats(-9.0, -0.5), st.floats(0.5, 9.0)] * 2),
)
def test_a_link_brings_a_function_and_its_domain_back(formula: str, domain: tuple[float, ...]):
    names = [parameter.name for parameter in own.PARAMETERS]
    parameters = dict(zip(names, (formula, *domain), strict=True))
    for room, made in ((address, usual), (view, view.usual), (training, training.usual)):
        experiment = made(own.NAME, parameters)
        assert room.read(room.write(experiment)) == (experiment, ())


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_in_a_link_is_a_function_or_a_sentence(text: str):
    experiment, notes = address.read({"landscape": own.NAME, "formula": text})
    if dict(experiment.parameters)["formula"] != text:
        assert (
            len(notes) == 1
            and "column " in notes[0]
            and "\n" not in notes[0]
            and "<" not in notes[0].replace("\\<", "").split("cannot be drawn")[1]
        )


# --- on the pages


def test_the_playground_draws_it_and_rolls_what_rbo_rolls():
    at = opened(formula=BOWL)
    good, f = session(at).good, own.build(formula=BOWL)
    e = good.experiment
    assert dict(e.parameters)["formula"] == BOWL and not said(at) and good.film.title == BOWL
    path = rbo.roll(
        f, torch.tensor(f.start, dtype=torch.float64), radius=e.radius, lr=e.lr, steps=8,
        contact=rbo.Rigid(f.domain), loss_scale=e.scale,
    )  # fmt: skip
    row = int(np.flatnonzero(good.film.radii == e.radius)[0])
    np.testing.assert_allclose(good.film.contacts[row, :, :2], path.contacts.numpy(), atol=1e-6)
    x, y = np.meshgrid(good.film.x, good.film.y)
    np.testing.assert_allclose(good.film.heights, e.scale * (x**2 + y**2), atol=1e-9)


def test_it_is_chosen_like_any_other_landscape():
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params["steps"] = "8"
    at.run()
    assert own.SPECIFICATION.title in at.selectbox(key="landscape").options
    at.selectbox(key="landscape").set_value(own.NAME).run()
    assert session(at).experiment == of(own.FIRST) and at.text_input(key=FIELD).value == own.FIRST


def test_a_mistake_keeps_the_picture_and_what_was_typed():
    at = opened(formula=BOWL)
    before = session(at).good
    at.text_input(key=FIELD).set_value("x^2 + sine(y)").run()
    assert session(at).good.experiment == before.experiment == session(at).experiment
    assert at.text_input(key=FIELD).value == "x^2 + sine(y)"
    assert (
        said(at) == "column 7\\: the name 'sine' is unknown; did you mean sin. The last good picture stays."
    )
    at.text_input(key=FIELD).set_value("x^2 + sin(y)").run()
    assert not said(at) and session(at).good.film.title == "x^2 + sin(y)"
    assert session(at).experiment == of("x^2 + sin(y)")


def test_a_domain_is_typed_end_by_end():
    at = opened(formula=BOWL)
    at.number_input(key=f"{own.NAME}/x_from").set_value(4.0).run()
    assert "x must run from a lower to a higher number, got 4 to 3" in said(at)
    assert session(at).experiment.surface().domain[0] == (-3.0, 3.0)
    at.number_input(key=f"{own.NAME}/x_to").set_value(9.0).run()
    assert not said(at) and session(at).experiment.surface().domain[0] == (4.0, 9.0)
    start = session(at).experiment.start
    assert at.number_input(key=f"{own.NAME} {session(at).experiment.surface().domain}/x").value == start[0]


@pytest.mark.parametrize(
    "text", ["<img src=x onerror=alert(1)>", "[a](javascript:b)", "$x$ `y` *z*", "__import__('os')"]
)
def test_markup_in_a_formula_is_text(text: str):
    at = opened(formula=text)
    assert len(at.warning) == 1
    outside = "".join(at.warning[0].value.split("`")[::2])  # what is not set as code
    assert "<" not in outside.replace("\\<", "") and "](" not in outside and "$x$" not in outside
    at.text_input(key=FIELD).set_value(text).run()
    assert at.text_input(key=FIELD).value == text and len(at.error) == 1
    assert "<img" not in at.error[0].value and "column " in at.error[0].value


def test_a_function_that_is_nowhere_finite_is_refused():
    with pytest.raises(ValueError, match="column 1: this function has no finite value and slope anywhere"):
        own.build(formula="sqrt(-1 - x^2)")


def test_a_function_with_holes_is_drawn_on_the_playground_and_ironing_says_why_not():
    at = opened(formula="log(x) + y^2")
    film = session(at).good.film
    assert not said(at)
    np.testing.assert_array_equal(np.isfinite(film.heights), np.broadcast_to(film.x > 0, film.heights.shape))
    at = opened("pages/ironing.py", formula="log(x) + y^2")
    assert "not finite everywhere on the picture" in said(at) and not at.exception


def test_a_function_of_x_alone_is_a_curve_and_another_one_a_section():
    alone = view.usual(own.NAME, {"formula": "x^2 + sin(9*x)", "y_from": 1.0, "y_to": 4.0})
    assert alone.section is None and view.section_limit(alone) is None and alone.ground().dim == 1
    x = torch.linspace(-3, 3, 7, dtype=torch.float64)[:, None]
    torch.testing.assert_close(alone.ground()(x), x[:, 0] ** 2 + torch.sin(9 * x[:, 0]))
    both = view.usual(own.NAME, {"formula": "x^2*y"})
    assert both.section == 0.0
    torch.testing.assert_close(replace(both, section=2.0).ground()(x), 2 * x[:, 0] ** 2)


def test_ironing_shows_it_on_a_curve_and_its_centre_curve_is_that_of_a_parabola():
    at = opened("pages/ironing.py", formula="0.5*x^2", radius="0.5")
    good = session(at, "ironing page").good
    assert not said(at) and good.record.title == "0.5*x^2"
    layers = iron(replace(view.usual(own.NAME, {"formula": "0.5*x^2"}), scale=1.0), (0.5,))
    k = int(np.abs(layers.axes[0]).argmin())
    assert layers.centers[0][k] == pytest.approx(0.5, abs=1e-6), "a ball smaller than 1/a touches the bottom"


def test_ironing_shows_it_as_a_surface():
    at = opened("pages/ironing.py", formula=BOWL, dim="2")
    assert not said(at) and session(at, "ironing page").good.record.title == BOWL


def test_the_train_page_takes_it_and_its_map_is_of_it():
    at = finished(opened("pages/train.py", formula=BOWL))
    page = session(at, "train page")
    assert not said(at) and page.experiment.surface().title == BOWL
    found, f, e = page.good.found, own.build(formula=BOWL), page.experiment
    assert found.done.all()
    start = torch.tensor(e.start, dtype=torch.float64)
    point = rbo.descend(f, start, lr=float(found.rates[2]), steps=e.steps, domain=f.domain)
    assert found.points[2] == pytest.approx(float(point.losses[-1]), rel=1e-9)
