"""The page without a browser: stories, bad links, runs that fail, and what is shown against `rbo` itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import rbo
from figures.player import COMING, FAILED
from interface import compute, picture, state
from interface.experiment import Experiment, names, usual
from interface.fault import ours
from interface.report import report
from interface.results import MISSED, footnote, row, sentence
from interface.stories import STORIES

APP = Path(__file__).parents[1] / "app.py"
QUICK = {"steps": "12"}


def opened(**query: str) -> AppTest:
    """The page behind a link."""
    at = AppTest.from_file(str(APP), default_timeout=60)
    for name, text in (QUICK | query).items():
        at.query_params[name] = text
    return at.run()


def words(at: AppTest) -> str:
    """Everything that the page says."""
    kinds = (at.markdown, at.caption, at.warning, at.error, at.title, at.subheader)
    return "\n".join(element.value for kind in kinds for element in kind)


def shown(at: AppTest) -> Experiment:
    return at.session_state["playground"].experiment


def healthy(at: AppTest) -> None:
    assert not at.exception
    assert "Traceback" not in words(at) and str(APP.parent) not in words(at)


def test_the_page_runs_and_says_what_it_is_about():
    at = opened()
    healthy(at)
    assert "Rolling Ball Optimizer" in words(at) and "arxiv.org/abs/2505.19527" in words(at)
    assert not at.warning and not at.error
    assert at.session_state["playground"].good.film.radii.size >= 24


def test_the_default_story_holds_on_the_page():
    at = AppTest.from_file(str(APP), default_timeout=60).run()
    good = at.session_state["playground"].good
    assert STORIES["wrinkle"].claim(good.report, None)
    assert good.text in words(at)


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_one_click(name: str):
    at = opened()
    at.button_group(key="story").set_value(name).run()
    healthy(at)
    assert shown(at) == STORIES[name].experiment
    assert at.session_state["playground"].token
    story, good = STORIES[name], at.session_state["playground"].good
    other = report(story.other, *compute.film(story.other, whole=False)) if story.other else None
    assert story.claim(good.report, other) and good.text == story.text(good.report, other)


@pytest.mark.parametrize("name", names())
def test_every_landscape_is_shown(name: str):
    at = opened(landscape=name, steps="3")
    healthy(at)
    assert shown(at).landscape == name and not at.error and not at.warning


@pytest.mark.parametrize("contact", ["footpoint", "descent"])
def test_every_contact_solver_is_shown(contact: str):
    at = opened(contact=contact)
    healthy(at)
    assert shown(at).contact == contact and not at.error


@pytest.mark.parametrize(
    "query", [{"radius": "nan"}, {"x": "99"}, {"lr": "-1"}, {"landscape": "moon"}, {"seed": "x"}, {"a": "b"}]
)
def test_a_bad_link_costs_one_sentence(query: dict[str, str]):
    at = opened(**query)
    healthy(at)
    assert len(at.warning) == 1 and "The link says" in at.warning[0].value and not at.error


def test_the_sentence_goes_with_the_next_change():
    at = opened(radius="nan")
    at.number_input(key="wrinkled_bowl/lr").set_value(0.02).run()
    assert not at.warning and shown(at).lr == 0.02


def test_settings_change_the_experiment_and_nothing_else():
    at = opened()
    before = shown(at)
    at.number_input(key="wrinkled_bowl/x").set_value(1.25).run()
    at.slider(key="wrinkled_bowl/octaves").set_value(3).run()
    at.multiselect(key="wrinkled_bowl/methods").set_value(["adam", "momentum"]).run()
    healthy(at)
    expected = dict(before.parameters) | {"octaves": 3}
    assert shown(at) == replace(
        before,
        start=(1.25, before.start[1]),
        parameters=tuple(sorted(expected.items())),
        methods=("momentum", "adam"),
    )
    assert [path.name for path in at.session_state["playground"].good.film.points] == [
        "Gradient descent",
        "Momentum",
        "Adam",
    ]


def test_another_landscape_brings_its_own_story():
    at = opened(methods="adam")
    at.selectbox(key="landscape").set_value("rosenbrock").run()
    healthy(at)
    assert shown(at) == usual("rosenbrock", methods=("adam",))


def test_a_radius_that_was_scrubbed_in_the_browser_is_adopted_at_the_next_run():
    at = opened()
    at.query_params["radius"] = "0.231"
    at.number_input(key="wrinkled_bowl/lr").set_value(0.02).run()
    assert shown(at).radius == 0.231 and shown(at).lr == 0.02
    assert at.number_input(key="wrinkled_bowl/radius").value == 0.231


def test_a_typed_radius_wins_and_an_address_that_lags_behind_does_not_undo_it(monkeypatch):
    at = opened(radius="0.3")
    at.number_input(key="wrinkled_bowl/radius").set_value(0.5).run()
    assert shown(at).radius == 0.5
    at.run()
    assert shown(at).radius == 0.5
    monkeypatch.setattr(state, "monotonic", lambda: time.monotonic() + 2 * state.IN_FLIGHT)
    at.run()
    assert shown(at).radius == 0.3  # by now it is no lag: the reader scrubbed back


def test_an_impossible_radius_in_the_address_is_not_adopted():
    at = opened()
    at.query_params["radius"] = "nan"
    at.run()
    assert shown(at).radius == 0.6 and not at.exception


def test_reset():
    at = opened(landscape="wedge", radius="0.3")
    next(button for button in at.button if "Reset" in button.label).click().run()
    assert shown(at) == usual(names()[0])


def test_a_radius_from_before_does_not_return_after_a_long_run(monkeypatch):
    clock, balls = [0.0], compute.balls

    def slowly(*args: object, **settings: object) -> compute.Balls:
        clock[0] += 2 * state.IN_FLIGHT
        return balls(*args, **settings)

    at = opened(landscape="wedge", radius="0.3", lr="0.011")
    monkeypatch.setattr(state, "monotonic", lambda: clock[0])
    monkeypatch.setattr(compute, "balls", slowly)
    next(button for button in at.button if "Reset" in button.label).click().run()
    assert shown(at) == usual(names()[0])


def test_a_second_start_is_shown_and_can_be_moved():
    at = opened()
    at.toggle(key="wrinkled_bowl/second").set_value(True).run()
    at.number_input(key="wrinkled_bowl/y2").set_value(-1.0).run()
    healthy(at)
    assert shown(at).second[1] == -1.0
    film = at.session_state["playground"].good.film
    assert [path.name for path in film.points][-2:] == [compute.SECOND_BALL, compute.SECOND_DESCENT]
    assert film.points[-1].contacts[0, :2] == pytest.approx(shown(at).second)


def test_a_diverging_lr_is_said_and_shown():
    at = opened(lr="1000")
    healthy(at)
    good = at.session_state["playground"].good
    assert "smaller lr" in good.report.ball.outcome and "smaller lr" in good.report.descent.outcome


def test_losses_are_told_with_what_became_of_the_runs():
    experiment = usual("wrinkled_bowl", steps=40)
    film, balls = compute.film(experiment, whole=False)
    told = report(experiment, film, balls)
    first, last = film.losses[0, 0], film.losses[0, -1]
    assert first > told.start_loss + 0.1
    assert f"from a loss of {first:.2f} to {last:.2f}, still moving at step 40;" in sentence(told)
    assert f"at a loss of {first:.2f}: the loss of a ball" in footnote(told)
    lost = replace(told.descent, outcome=rbo.Outcome.LEFT.advice, loss=24.2)
    assert "gradient descent left the domain at a loss of 24.2." in sentence(replace(told, points=(lost,)))
    broken = replace(told.ball, outcome=rbo.Outcome.NOT_FINITE.advice)
    assert "its next step was not finite;" in sentence(replace(told, ball=broken))
    risen = replace(told.descent, first=1.48, loss=1.81)
    assert "gradient descent rises from" in sentence(replace(told, points=(risen,)))


def test_a_ball_ends_where_its_centre_is():
    experiment = usual("wrinkled_bowl", steps=12, second=(-2.0, 1.0))
    film, balls = compute.film(experiment, whole=False)
    told = report(experiment, film, balls)
    x, y = (f"{value:.2f}".replace("-", "−") for value in film.centers[0, -1, :2])
    assert f"centre ({x}, {y})" in row(told.ball)
    assert "centre" in row(told.second_ball) and "centre" not in row(told.descent)


@pytest.mark.parametrize(
    ("clicked", "start"),
    [((2.080795114978729, -0.0001), (2.081, 0.0)), ((2.9999, -2.99996), (3.0, -3.0))],
)
def test_a_clicked_start_has_few_digits(monkeypatch, clicked: tuple, start: tuple):
    monkeypatch.setattr(state.st, "session_state", {state.KEY: state.Session(usual("wrinkled_bowl"))})
    state.click(clicked)
    experiment = state.st.session_state[state.KEY].experiment
    assert experiment.start == start and str(experiment.start) == str(start)


def refuse(error: Exception) -> Callable[..., None]:
    def raising(*_: object, **__: object) -> None:
        raise error

    return raising


def of_ours(*_: object, **__: object) -> None:
    rbo.GradientDescent()
    rbo.Momentum(2.0)


def of_numpy(*_: object, **__: object) -> None:
    np.concatenate([])


@pytest.mark.parametrize(
    ("failing", "sentence"),
    [
        (of_ours, "is not possible: `momentum must be in [0, 1), got 2.0`."),
        (of_numpy, "failed with ValueError."),
        (refuse(ValueError("secret")), "failed with ValueError."),
        (refuse(RuntimeError("/home/somebody/secret.py is broken")), "failed with RuntimeError."),
    ],
)
def test_a_run_that_fails_keeps_the_last_good_picture(
    monkeypatch, failing: Callable[..., None], sentence: str
):
    at = opened()
    kept = at.session_state["playground"].good
    monkeypatch.setattr(rbo, "roll", failing)
    at.number_input(key="wrinkled_bowl/lr").set_value(0.017).run()
    healthy(at)
    assert len(at.error) == 1 and sentence in at.error[0].value and "secret" not in words(at)
    assert at.session_state["playground"].good is kept and kept.text in words(at)
    monkeypatch.undo()
    at.number_input(key="wrinkled_bowl/lr").set_value(0.018).run()
    assert not at.error and at.session_state["playground"].good.experiment.lr == 0.018


def test_a_run_that_fails_at_once_leaves_the_page(monkeypatch):
    monkeypatch.setattr(rbo, "roll", refuse(ValueError("loss raised KeyError at the start: 'x'")))
    at = opened(lr="0.0123")
    healthy(at)
    assert len(at.error) == 1 and "Landscape" in words(at)


def test_radii_that_fail_leave_the_ball_that_was_asked_for(monkeypatch):
    roll = rbo.roll

    def alone(*args: object, **settings: object) -> rbo.Path:
        return roll(*args, **settings) if settings["radius"].numel() == 1 else of_numpy()

    told = []
    monkeypatch.setattr(rbo, "roll", alone)
    monkeypatch.setattr("figures.player.player", lambda film, **said: told.append(said["alone"]))
    at = opened(lr="0.0124")
    healthy(at)
    good = at.session_state["playground"].good
    assert good.film.radii.tolist() == [0.6] and good.text in words(at)
    assert len(at.error) == 1
    assert at.error[0].value.startswith(
        "The run of the other radii failed with ValueError. The picture shows"
    )
    assert told == [COMING, FAILED]
    monkeypatch.undo()
    at.run()
    assert not at.error and at.session_state["playground"].good.film.radii.size >= 24


def test_radii_that_come_after_the_picture_and_before_the_end_of_the_run_are_shown(monkeypatch):
    """An earlier run of the page had begun them."""
    known, asked = compute.has_family, []

    def late(experiment: Experiment) -> bool:
        asked.append(experiment)
        return len(asked) > 1 and known(experiment)

    opened(lr="0.0127")
    monkeypatch.setattr(compute, "has_family", late)
    at = opened(lr="0.0127")
    healthy(at)
    assert known(asked[0]) and at.session_state["playground"].good.film.radii.size >= 24


def test_a_picture_of_all_radii_that_fails_does_not_run_for_ever(monkeypatch):
    compose, runs = picture.compose, []

    def alone(experiment: Experiment, whole: bool) -> picture.Picture:
        runs.append(whole)
        if whole:
            raise KeyError("x")
        return compose(experiment, whole)

    monkeypatch.setattr(picture, "WORK", replace(picture.WORK, compose=alone))
    at = opened(lr="0.0128")
    healthy(at)
    assert runs == [False, True] and len(at.error) == 1
    assert at.session_state["playground"].good.film.radii.size == 1


def test_what_the_reader_did_comes_before_the_run_that_a_page_begins_itself(monkeypatch):
    """Streamlit would join the two, with the page and the address of the latter."""

    class Reader(BaseException): ...

    def interrupt() -> None:
        raise Reader

    monkeypatch.setattr(state, "interruptible", interrupt)
    monkeypatch.setattr(state.st, "rerun", lambda: pytest.fail("not yet"))
    with pytest.raises(Reader):
        state.run_again(state.Session(usual("plane")))


def raised(act: Callable[[], object]) -> Exception:
    with pytest.raises(ValueError) as caught:
        act()
    return caught.value


def test_only_checks_of_our_own_are_shown_in_their_words():
    bowl, nowhere = usual("wrinkled_bowl"), torch.full((2,), 9.0)
    assert ours(raised(lambda: replace(bowl, lr=-1.0)))
    assert ours(raised(lambda: rbo.roll(bowl.surface(), nowhere, radius=0.1, lr=0.1, steps=1)))
    assert not ours(raised(lambda: bowl.surface().grid([torch.tensor([[1.0], []])])))
    assert not ours(raised(of_numpy))
    loss = refuse(KeyError("secret"))
    assert not ours(raised(lambda: rbo.roll(loss, nowhere, radius=0.1, lr=0.1, steps=1)))


def test_a_cut_is_measured_where_it_is_finite():
    experiment = usual("plane", steps=3)
    film, balls = compute.film(experiment, whole=False)
    clearance = np.array([[np.nan, -0.1, 0.2, np.inf]]) * experiment.radius
    sunk = report(experiment, replace(film, clearance=clearance), balls)
    assert sunk.penetration == pytest.approx(0.1) and "was 10 %." in footnote(sunk)
    lost = report(experiment, replace(film, clearance=np.nan * clearance), balls)
    assert np.isnan(lost.penetration) and "was not finite." in footnote(lost)


def test_a_rigid_ball_that_cuts_in_is_excused_and_no_other():
    experiment = usual("plane", steps=3)
    told = report(experiment, *compute.film(experiment, whole=False))
    assert MISSED not in footnote(told)
    assert MISSED in footnote(replace(told, penetration=0.1))
    assert MISSED not in footnote(replace(told, penetration=0.1, contact="descent"))


def test_the_cost_of_each_ball_is_its_own():
    experiment = usual("wrinkled_bowl", steps=20)
    whole, _ = compute.film(experiment)
    assert len(set(whole.evaluations[:, -1])) > 1
    beside, alone = (report(experiment, *compute.film(experiment, whole=w)).ball for w in (True, False))
    assert beside.evaluations == pytest.approx(alone.evaluations, rel=0.01)
    assert f">{beside.evaluations}<" in row(beside)


def test_the_film_is_what_rbo_says():
    experiment = usual("himmelblau", steps=20, radius=0.77, methods=("adam",))
    film, _ = compute.film(experiment)
    surface = experiment.surface()
    start = torch.tensor(experiment.start, dtype=torch.float64)
    path = rbo.roll(
        surface,
        start,
        radius=torch.tensor(film.radii),
        lr=experiment.lr,
        steps=20,
        contact=rbo.Rigid(surface.domain),
        loss_scale=experiment.scale,
    )
    assert 0.77 in film.radii and len(film.radii) == 26
    np.testing.assert_allclose(film.centers, path.centers.transpose(0, 1), atol=1e-6)
    np.testing.assert_allclose(film.losses, path.losses.T, rtol=1e-4)
    np.testing.assert_allclose(film.contacts[..., 2], experiment.scale * film.losses)
    adam = rbo.descend(surface, start, experiment.lr, 20, method=rbo.Adam(), domain=surface.domain)
    np.testing.assert_array_equal(film.points[1].contacts[:, :2], adam.contacts)
    heights = surface(torch.tensor([[film.x[3], film.y[7]]])).item()
    assert film.heights[7, 3] == pytest.approx(experiment.scale * heights)


def test_a_grid_that_is_too_coarse_says_so():
    assert compute.grid(usual("whitley")).note
    assert not compute.grid(usual("plane")).note


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls, roll = [], rbo.roll

    def counting(*args: object, **settings: object) -> rbo.Path:
        calls.append(torch.as_tensor(settings["radius"]).numel())
        return roll(*args, **settings)

    monkeypatch.setattr(rbo, "roll", counting)
    return calls


def test_the_same_experiment_is_computed_once(monkeypatch):
    calls = counted(monkeypatch)
    experiment = usual("saddle", steps=7)
    picture.compose(experiment, whole=True)
    picture.compose(replace(experiment, methods=("adam",)), whole=True)
    assert calls == [25]
    picture.compose(replace(experiment, radius=0.123), whole=True)
    picture.compose(replace(experiment, radius=compute.family_radii(experiment)[4]), whole=True)
    assert calls == [25, 1]


def test_the_ball_that_is_asked_for_comes_first(monkeypatch):
    calls = counted(monkeypatch)
    opened(landscape="saddle", steps="8")
    assert calls == [1, 25]
