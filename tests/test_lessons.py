"""Each lesson: its prepared state does not answer it, its answer is right by other means, its texts are
true."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import rbo
from interface import compute
from interface.lessons import desk
from interface.lessons.course import COURSE, following
from interface.lessons.judging import answer, judge, stops
from interface.lessons.lesson import Trial
from interface.lessons.network import STUDY, prepare, weights
from interface.lessons.picture import tried
from interface.lessons.sitting import FIRST, Sitting, read, sit, write
from interface.neural.run import run

APP = Path(__file__).parents[1] / "app.py"
LIVE = [name for name, lesson in COURSE.items() if lesson.control.live]
SLIDERS = [name for name in COURSE if name not in LIVE]


@cache
def trials(name: str) -> tuple[Trial, ...]:
    """All values of a lesson's control."""
    values, trial = stops(sit(name))
    return tuple(trial(k) for k in range(len(values)))


def opening(name: str) -> Trial:
    return tried(COURSE[name], COURSE[name].prepared())


# --- what is right, by other means -----------------------------------------------------------------------


def by_plain_descent() -> float:
    """Gradient descent as a loop, on slopes from autograd."""
    lesson = COURSE["gradient"]
    low = []
    for amplitude in lesson.control.options:
        experiment = lesson.at(amplitude)
        surface, theta = experiment.surface(), torch.tensor(experiment.start, dtype=torch.float64)
        for _ in range(experiment.steps):
            theta = theta.detach().requires_grad_()
            (slope,) = torch.autograd.grad(surface(theta), theta)
            theta = theta.detach() - experiment.lr * slope
        low.append(amplitude if float(surface(theta)) < 0.1 else -1)
    return max(low)


def by_single_runs() -> float:
    """Each ball by itself, from `rbo`."""
    experiment = COURSE["radius"].prepare()
    surface = experiment.surface()
    start = torch.tensor(experiment.start, dtype=torch.float64)
    contact = rbo.Rigid(surface.domain)
    for radius in sorted(compute.family_radii(experiment))[-9:]:
        path = rbo.roll(
            surface, start, radius=radius, lr=experiment.lr, steps=experiment.steps, contact=contact
        )
        if float(path.losses[-1]) < 0.1:
            return radius
    raise AssertionError("none of them gets there")


def by_curvature() -> float:
    """ρ ≤ 1/a."""
    return max(radius for radius in compute.family_radii(COURSE["bottom"].prepare()) if radius <= 1 / 2)


def by_first_contact() -> float:
    """Contact θ and gradient descent are farthest apart at the start x: θ − x = ρλg(θ)/√(1 + |λg(θ)|²)."""
    experiment = COURSE["limit"].prepare()
    start = torch.tensor([experiment.start], dtype=torch.float64)
    near = []
    for radius in compute.family_radii(experiment):
        theta = start
        for _ in range(200):  # a contraction: these balls fit everywhere on the way
            slope = experiment.scale * experiment.surface().gradient(theta)
            theta = start + radius * slope / (1 + slope.square().sum()).sqrt()
        near += [radius] if float((theta - start).norm()) <= 0.2 else []
    return max(near)


def by_the_dip() -> float:
    """λ ≤ 1/(ρκ), κ the largest curvature at the bottom of the dip, found by Newton's method."""
    experiment = COURSE["losing"].prepare()
    theta = torch.tensor([opening("losing").report.descent.place], dtype=torch.float64)
    for _ in range(5):
        _, slope, bent = experiment.surface().jet(theta)
        theta = theta - torch.linalg.solve(bent[0], slope[0])[None]
    kappa = float(torch.linalg.eigvalsh(experiment.surface().jet(theta)[2][0])[-1])
    assert kappa == pytest.approx(12, abs=0.5) and 2 + 1 / 0.3**2 < 13.15  # as the formula's text says
    assert 1 / (experiment.radius * kappa) == pytest.approx(0.1, abs=0.01)
    return max(
        scale for scale in COURSE["losing"].control.options if scale <= 1 / (experiment.radius * kappa)
    )


def by_the_dense_hessian() -> float:
    """ρ ≤ 1/(λκ), κ the largest eigenvalue of the whole Hessian at the trained weights."""
    trained = prepare().cut().trained
    model = trained.model
    names = [name for name, _ in model.named_parameters()]
    shapes = [value.shape for value in model.parameters()]
    flat = torch.cat([value.detach().double().flatten() for value in model.parameters()])

    def loss(vector: torch.Tensor) -> torch.Tensor:
        parts = vector.split([shape.numel() for shape in shapes])
        named = {n: part.view(s) for n, part, s in zip(names, parts, shapes, strict=True)}
        outputs = torch.func.functional_call(model, named, (trained.dataset.inputs.double(),))
        return torch.nn.functional.cross_entropy(outputs, trained.dataset.targets)

    kappa = float(torch.linalg.eigvalsh(torch.autograd.functional.hessian(loss, flat))[-1])
    assert len(flat) == weights()
    found = run(STUDY)[0]
    assert found.cut().exact.plane.eigenvalues[0] == pytest.approx(kappa, rel=1e-3)
    return max(r for r in compute.family_radii(found) if r <= 1 / (found.scale * kappa))


RIGHT = {
    "gradient": by_plain_descent,
    "radius": by_single_runs,
    "bottom": by_curvature,
    "limit": by_first_contact,
    "losing": by_the_dip,
    "network": by_the_dense_hessian,
}


@pytest.mark.parametrize("name", COURSE)
def test_the_answer_is_right_by_other_means(name: str):
    assert answer(name) == RIGHT[name]()


@pytest.mark.parametrize("name", COURSE)
def test_one_value_alone_is_right_and_the_prepared_one_is_not(name: str):
    values = [trial.value for trial in trials(name)]
    right = [value for value in values if judge(sit(name, value)).right]
    assert right == [answer(name)]
    assert COURSE[name].prepared() in values and COURSE[name].prepared() != right[0]


@pytest.mark.parametrize("name", COURSE)
def test_there_is_one_end_and_it_is_inside(name: str):
    """So 'go on' leads to it, and bisection finds it."""
    lesson = COURSE[name]
    does = [lesson.holds(trial) for trial in trials(name)]
    assert does == sorted(does, reverse=lesson.largest) and {True, False} == set(does)


@pytest.mark.parametrize("name", COURSE)
def test_a_wrong_answer_is_told_why_with_its_own_numbers(name: str):
    lesson, values = COURSE[name], [trial.value for trial in trials(name)]
    k = values.index(answer(name))
    before, beyond = (k - 1, k + 1) if lesson.largest else (k + 1, k - 1)
    easy, hard = judge(sit(name, values[before])), judge(sit(name, values[beyond]))
    assert not easy.right and f"{values[k]:g} does it, too" in easy.text
    assert not hard.right and f"{values[beyond]:g}" in hard.text and hard.text.startswith("Not this one")
    why = judge(sit(name, values[k])).text
    assert why.startswith("Right.") and f"{values[k]:g}" in why and f"{values[beyond]:g}" in why
    assert "not finite" not in why + easy.text + hard.text


@pytest.mark.parametrize("name", ["radius", "bottom"])
def test_a_radius_between_those_of_the_film_is_judged_for_itself(name: str):
    """A link may have any radius: it is right where it is the end, with its neighbours in the film."""
    lesson, right = COURSE[name], answer(name)
    between = 0.57 if name == "radius" else 0.49
    does = lesson.holds(tried(lesson, between))
    assert judge(sit(name, between)).right == does
    assert judge(sit(name, right)).right


# --- what the texts say ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COURSE)
def test_a_minute_of_text_a_formula_and_sources(name: str):
    lesson = COURSE[name]
    text = lesson.text(opening(name))
    assert 90 <= len(text.split()) <= 150
    assert len(re.findall(r"\d+\.?\d*", text)) >= 2 and "not finite" not in text
    assert lesson.question.endswith("?") and lesson.formula[0].count("{") == lesson.formula[0].count("}")
    assert any("arxiv.org/abs/2505.19527" in source for source in lesson.sources) and len(lesson.sources) >= 2


def test_the_gradient_lesson_says_what_is():
    r = opening("gradient").report
    assert r.descent.ended(rbo.Outcome.RESTS) and r.from_start < 0.5 and r.ball.loss < 0.1
    random = torch.Generator().manual_seed(0)
    points = 6 * torch.rand(2000, 2, dtype=torch.float64, generator=random) - 3
    valley = torch.tensor((0.5, -0.4), dtype=torch.float64)
    slopes = COURSE["gradient"].prepare().surface().gradient(points)
    assert ((slopes * (points - valley)).sum(-1) < 0).double().mean() > 0.1  # 'in places it points back'
    beyond = COURSE["gradient"].control.options[COURSE["gradient"].control.options.index(0.009) + 1]
    assert beyond / tried(COURSE["gradient"], beyond).report.start_loss < 0.01  # 'nobody would notice them'


def test_the_radius_lesson_says_what_is():
    losses = [trial.report.ball.loss for trial in trials("radius")]
    assert any(later > sooner for sooner, later in pairwise(losses))  # 'a higher one'
    values = [trial.value for trial in trials("radius")]
    smaller = trials("radius")[values.index(answer("radius")) - 1].report
    assert smaller.ball.ended(rbo.Outcome.RESTS) and smaller.descent.ended(rbo.Outcome.RESTS)  # 'held'


def test_the_bottom_lesson_says_what_is():
    for trial in trials("bottom"):
        a, r = 2.0, trial.report
        gap = (a * trial.value - 1) ** 2 / (2 * a) if trial.value > 1 / a else 0.0
        assert r.gap == pytest.approx(gap, abs=1e-4) and r.contacts == (2 if gap else 1)
        assert abs(r.ball.place[0]) == pytest.approx(math.sqrt(max(0, trial.value**2 - 1 / a**2)), abs=1e-3)


def test_the_limit_lesson_says_what_is():
    r = opening("limit").report
    assert math.dist(r.ball.place, r.descent.place) < 1e-3
    assert r.ball.ended(rbo.Outcome.RESTS) and r.descent.ended(rbo.Outcome.RESTS)  # 'both rest'
    ratios = [t.report.from_descent / t.value for t in trials("limit") if t.value <= 1]
    assert max(ratios) < 1 and all(a <= b for a, b in pairwise(ratios))  # shrinks at least with the ball
    assert ratios[0] < 1.1 * 0.5486  # λ|∇f|/√(1 + λ²|∇f|²) at the start
    film, _ = compute.film(COURSE["limit"].at(1.0), whole=False)
    away = np.linalg.norm((film.contacts[0] - film.points[0].contacts)[:, :2], axis=-1)
    assert away.argmax() == 0  # 'touches ... away from it'


def test_the_losing_lesson_says_what_is():
    r = opening("losing").report
    assert r.descent.loss < r.ball.loss and r.ball.evaluations > 5 * r.descent.evaluations
    assert len({trial.report.descent.loss for trial in trials("losing")}) == 1  # 'knows no λ'
    shown = COURSE["losing"].prepare()
    start = torch.tensor(shown.start, dtype=torch.float64)
    alone = rbo.roll(  # 'fits into the bowl': but for the dip it would reach the middle
        lambda p: p.square().sum(-1),
        start,
        shown.radius,
        shown.lr,
        shown.steps,
        rbo.Rigid(shown.surface().domain),
        shown.scale,
    )
    assert float(alone.losses[-1]) < 1e-3 < 0.05 < r.ball.loss


def test_the_network_lesson_says_what_is():
    r = opening("network").report
    assert r.contacts == 2 and r.descent.loss < r.ball.loss
    heights = compute.grid(prepare().plain()).losses
    assert rbo.local_minima(heights) == 1  # 'none to iron out'


# --- links, and the page ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COURSE)
def test_a_link_says_lesson_and_value(name: str):
    for place in (None, answer(name)):
        sitting = sit(name, place)
        assert read(write(sitting)) == (sitting, ())
    assert write(sit(FIRST)) == {}


GARBAGE = [
    ("lesson=<b>", sit(FIRST)),
    ("amplitude=nan", sit(FIRST)),
    ("amplitude=9", sit(FIRST, 0.03)),
    ("amplitude=0.0112", sit(FIRST, 0.012)),
    ("lesson=bottom&radius=-1", sit("bottom", 0.0015)),
    ("lesson=bottom&amplitude=0.01", sit("bottom")),
    ("lesson=losing&radius=0.3", sit("losing")),
]


@pytest.mark.parametrize(("query", "sitting"), GARBAGE, ids=[query for query, _ in GARBAGE])
def test_a_wrong_link_costs_a_sentence(query: str, sitting: Sitting):
    found, notes = read(dict(parse_qsl(query)))
    assert found == sitting and len(notes) == 1


def test_a_sitting_has_only_what_its_lesson_offers():
    for wrong in ({"name": "x"}, {"value": 0.5}, {"radius": math.nan}):
        with pytest.raises(
            ValueError, match=next(iter(wrong)).replace("name", "lesson").replace("value", "one of")
        ):
            Sitting(**({"name": "bottom", "radius": 1.0} | wrong))
    assert following(FIRST) == "radius" and following("network") is None


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three radii are family enough for the page."""
    monkeypatch.setattr(compute, "family_radii", lambda experiment: (0.3, 0.45, 0.534))
    yield


def opened(**query: str) -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=60).switch_page("pages/lessons.py")
    for name, text in query.items():
        at.query_params[name] = text
    return at.run()


def pressed(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label.startswith(label)).click().run()


def at_lesson(at: AppTest) -> Sitting:
    return at.session_state["lessons"].experiment


def test_an_answer_is_checked_and_the_next_lesson_begins(few: None):
    at = pressed(opened(lesson="bottom"), "Check")
    assert not at.exception and not at.success and "1 lies on 2 contacts" in at.info[0].value
    assert desk.SOLVED not in at.session_state and not at.expander[0].proto.expanded
    at.query_params["radius"] = "0.45"  # scrubbed in the player, which tells the address
    at = pressed(at, "Check")
    assert at.success[0].value == judge(sit("bottom", 0.45)).text and not at.info
    assert at.session_state[desk.SOLVED] == ("bottom", 1) and at.expander[0].proto.expanded
    assert at.latex and any("Only a ball of at most" in text.value for text in at.markdown)
    at = pressed(at, "Next")
    assert at_lesson(at) == sit("limit") and not at.success and not at.exception


def test_who_is_shown_the_answer_has_not_answered(few: None):
    at = pressed(opened(lesson="bottom"), "Show me")
    assert at_lesson(at) == sit("bottom", 0.45) and at.success
    assert desk.SOLVED not in at.session_state


def test_a_slider_answers_and_what_fails_costs_a_sentence(monkeypatch: pytest.MonkeyPatch):
    at = opened(lesson="losing")
    at.select_slider[0].set_value(0.08).run()
    assert at_lesson(at) == sit("losing", 0.08) and at.session_state["lessons"].good.film.radii.size == 1
    at = pressed(at, "Check")
    assert at.success and at.session_state[desk.SOLVED] == ("losing", 1)
    monkeypatch.setattr(desk, "judge", lambda _: 1 / 0)
    at = pressed(at, "Check")
    assert not at.exception and "This check failed with ZeroDivisionError" in at.error[0].value
