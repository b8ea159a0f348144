"""The page of real losses without a browser: links, training and stopping, what is projected, what fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import rbo
from figures.decision import Boundary, Confusion
from interface import compute
from interface.experiment import LIMITS as LIMITS_OF_RUNS
from interface.experiment import METHODS
from interface.neural import learning, leaving, networks, shipped, slicing
from interface.neural.leaving import BALL, DESCENT, TRAINING
from interface.neural.picture import WORK, compose
from interface.neural.run import run
from interface.neural.study import FOUND, LIMITS, WORDS, Study, changed, read, write
from interface.wording import number
from landscapes.neural import Data, ResidualCNN, Training, fit, flat, images, unflat
from landscapes.neural.course import Course
from landscapes.neural.data import PLANAR
from tests.test_state import SLOW

APP = Path(__file__).parents[1] / "app.py"
SCRIPT = "pages/real_losses.py"
QUICK = {
    "samples": "60",
    "width": "5",
    "depth": "1",
    "train_steps": "40",
    "side": "17",
    "steps": "12",
    "inner_steps": "3",
}
TEXTS = st.one_of(
    st.text(max_size=8), st.sampled_from(["", "nan", "inf", "-1", "1e9", "yes", "cnn", "digits"])
)
SMALL = Study(samples=60, width=5, depth=1, train_steps=40, side=17, steps=12, inner_steps=3)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two radii are family enough."""
    monkeypatch.setattr(compute, "family_radii", lambda run: (run.radii().high / 8, run.plain().radius))
    compute.forget()
    yield
    compute.forget()


def opened(**query: str) -> AppTest:
    """The page behind a deep link, in a session that has seen no other page."""
    at = AppTest.from_file(str(APP), default_timeout=60).switch_page(SCRIPT)
    for name, text in (QUICK | query).items():
        at.query_params[name] = text
    return at.run()


def words(at: AppTest) -> str:
    kinds = (at.markdown, at.caption, at.warning, at.error, at.title, at.subheader)
    return "\n".join(element.value for kind in kinds for element in kind)


def session(at: AppTest):
    return at.session_state["real losses"]


def healthy(at: AppTest) -> None:
    assert not at.exception
    assert "Traceback" not in words(at) and str(APP.parent) not in words(at)


@st.composite
def studies(draw: st.DrawFn) -> Study:
    def value(limit):
        return draw((st.integers if limit.whole else st.floats)(limit.low, limit.high))

    found = {name: draw(st.sampled_from(choices)) for name, choices in WORDS.items()}
    if found["data"] in PLANAR:
        found["model"] = "mlp"
    found |= {name: value(limit) for name, limit in LIMITS.items()}
    found |= {name: None if draw(st.booleans()) else value(limit) for name, limit in FOUND.items()}
    methods = tuple(name for name in METHODS if draw(st.booleans()))
    return Study(**found, free=draw(st.booleans()), methods=methods)


@SLOW
@given(studies())
def test_a_link_brings_every_study_back(study: Study):
    assert read(write(study)) == (study, ())


@SLOW
@given(st.dictionaries(st.sampled_from([f.name for f in fields(Study)]), TEXTS, max_size=4))
def test_garbage_in_a_link_costs_sentences_only(query: dict[str, str]):
    study, notes = read(query)
    assert isinstance(study, Study) and all("link" in note for note in notes)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"corrupted": 1.0}, "corrupted must be a number from 0 to 0.8, got 1.0"),
        ({"model": "cnn"}, "a CNN takes images"),
        ({"data": "moon"}, "data must be one of"),
        ({"methods": ("adam", "momentum")}, "methods must be among"),
        ({"radius": float("nan")}, "radius must be"),
    ],
)
def test_a_study_says_what_it_may_not_be(settings: dict, says: str):
    with pytest.raises(ValueError, match=says):
        Study(**settings)


def test_what_was_found_for_one_slice_is_not_kept_for_another():
    chosen = replace(SMALL, x=0.1, y=0.2, radius=0.3, lr=0.4, scale=2.0, stopped=20)
    assert changed(chosen, steps=30) == replace(chosen, steps=30)
    plane = changed(chosen, plane="random")
    assert (plane.x, plane.radius, plane.lr, plane.scale, plane.stopped) == (None, None, None, None, 20)
    assert changed(chosen, width=6).stopped is None
    images = changed(changed(chosen, data="digits"), model="cnn")
    assert images.rate < chosen.rate and changed(images, data="circles").model == "mlp"


def test_the_shipped_default_is_the_default_trained():
    """To rounding: steps on another processor add up in another order."""
    training = Study().training()
    kept, mine = shipped.course(training), fit(replace(training, steps=40, record=4))
    assert kept.finished and kept.complete
    theirs = kept.trained(40)
    assert torch.equal(theirs.recorded, mine.recorded)
    torch.testing.assert_close(theirs.path, mine.path, rtol=1e-3, atol=1e-3)
    last = kept.trained()
    with torch.no_grad():
        loss = F.cross_entropy(last.model(last.dataset.inputs), last.dataset.targets)
    assert float(loss) == pytest.approx(float(last.losses[-1]), rel=1e-5)


def test_a_shipped_training_comes_back_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """With the running statistics of each of its records."""
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "shipped")
    training = Training(Data("digits", samples=40), ResidualCNN(1, 2), steps=6, record=2)
    assert not shipped.course(training).records
    new = Course(training)
    while new.advance():
        pass
    shipped.write(training, new.records)
    back = shipped.course(training)
    assert back.complete and back.finished and not shipped.course(replace(training, seed=1)).records
    for ours, theirs in zip(back.records, new.records, strict=True):
        assert vars(ours).keys() == vars(theirs).keys()
        torch.testing.assert_close(vars(ours), vars(theirs), rtol=0, atol=0)
    x = new.dataset.inputs
    assert torch.equal(back.trained(4).model(x), new.trained(4).model(x))


def test_the_page_opens_with_the_shipped_default(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Course, "advance", lambda self: pytest.fail("something was trained"))
    at = AppTest.from_file(str(APP), default_timeout=60).switch_page(SCRIPT).run()
    healthy(at)
    assert not at.error and not at.warning
    assert session(at).good.text in words(at) and session(at).good.brief in words(at)
    assert f"{len(session(at).good.film.radii)}" == "2"


@pytest.mark.parametrize("plane", WORDS["plane"])
def test_every_plane_is_shown(plane: str):
    at = opened(plane=plane)
    healthy(at)
    assert not at.error and session(at).good.experiment.plane == plane


@pytest.mark.parametrize("model", ["cnn", "residual", "plain"])
def test_digits_and_their_networks_are_shown(model: str):
    at = opened(data="digits", model=model, channels="2", train_steps="10", rate="0.01")
    healthy(at)
    assert not at.error and session(at).good.experiment.model == model


@pytest.mark.parametrize("data", ["circles", "spirals"])
def test_further_points_are_shown(data: str):
    at = opened(data=data)
    healthy(at)
    assert not at.error


def test_without_a_connection_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch):
    def offline(name: str):
        raise images.Unavailable(f"{name} is not on this computer and cannot be downloaded (URLError)")

    at = opened()
    monkeypatch.setattr(images, "load", offline)
    at.selectbox(key="study/data").set_value("mnist").run()
    healthy(at)
    assert len(at.error) == 1 and "cannot be downloaded" in at.error[0].value
    assert "last good picture is kept" in at.error[0].value and session(at).good.experiment == SMALL


def test_a_training_that_diverges_costs_a_sentence():
    at = opened()
    good = session(at).good
    at.number_input(key="study/rate").set_value(10.0)
    at.selectbox(key="study/activation").set_value("relu").run()
    healthy(at)
    at.number_input(key="study/depth").set_value(8).run()
    healthy(at)
    assert session(at).good is not None and good is not None


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_a_loss_on_which_no_ball_can_roll_costs_a_sentence_and_nothing_is_lost(optimiser: str):
    """A training that diverged leaves a plane on which the loss reaches 1e20."""
    at = opened()
    good = session(at).good
    wild = {"rate": 10.0, "optimiser": optimiser, "train_steps": 200}
    session(at).experiment = changed(SMALL, activation="relu", depth=8, width=64, **wild)
    at.run()
    healthy(at)
    assert len(at.error) == 1 and "more than a ball can roll on" in at.error[0].value
    assert session(at).good is good


def test_the_usual_run_is_one_that_the_page_allows(monkeypatch: pytest.MonkeyPatch):
    cut = slicing.cut(slicing.slicing(SMALL))
    steep = replace(cut, spline=replace(cut.spline, lr=1e-12, loss_scale=1e-9))
    monkeypatch.setattr("interface.neural.run.cut", lambda key: steep)
    found, notes = run(SMALL)
    assert found.lr == LIMITS_OF_RUNS["lr"].low and found.scale == LIMITS_OF_RUNS["scale"].low and notes == ()


def test_too_short_a_training_has_no_path_to_span_a_plane():
    at = opened(stopped="0")
    healthy(at)
    assert len(at.error) == 1 and "needs a training of three records" in at.error[0].value


def test_nothing_is_trained_twice(monkeypatch: pytest.MonkeyPatch):
    opened()
    monkeypatch.setattr(Course, "advance", lambda self: pytest.fail("something was trained"))
    at = opened(plane="random")
    healthy(at)
    at = opened(stopped="20")
    healthy(at)
    assert "stopped at step 20" in words(at)


def test_stopping_keeps_the_records_and_training_goes_on(monkeypatch: pytest.MonkeyPatch):
    at = opened(stopped="20")
    assert session(at).good.run.cut().trained.recorded[-1] == 20
    next(button for button in at.button if button.label == "Train on").click().run()
    healthy(at)
    assert session(at).experiment.stopped is None
    assert session(at).good.run.cut().trained.finished


@pytest.mark.parametrize(("reached", "stopped"), [(16, 16), (0, 2)])
def test_the_stop_button_makes_do_with_what_there_is(
    reached: int, stopped: int, monkeypatch: pytest.MonkeyPatch
):
    """And with what spans a plane, where it is pressed before there is that."""
    study = replace(SMALL, seed=70 + reached)
    course = slicing.course(study.training())
    while not course.reaches(reached):
        course.advance()
    at = opened()
    session(at).experiment = study
    with monkeypatch.context() as patch:
        patch.setattr(learning.state, "here", lambda: session(at))
        learning.stop(course)
    assert session(at).experiment.stopped == stopped
    at.run()
    healthy(at)
    assert not at.error and f"stopped at step {stopped} of 40" in words(at)


def test_a_slice_that_is_kept_needs_no_training_again(monkeypatch: pytest.MonkeyPatch):
    """However many others have trained since, the page shows it with its training."""
    at = opened(seed="91")
    slicing._courses()[1].clear()

    def again(course: Course):
        raise AssertionError("it is trained again")

    monkeypatch.setattr(Course, "advance", again)
    monkeypatch.setattr(learning.apart, "advance", again)
    at.run()
    healthy(at)
    assert not at.error and "all 40 steps were done" in words(at).lower()


def test_courses_and_slices_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(slicing, "COURSES", 2)
    monkeypatch.setattr(slicing, "CUTS", 2)
    for seed in range(4):
        slicing.cut(slicing.slicing(replace(SMALL, seed=seed, train_steps=10)))
    assert len(slicing._courses()[1]) <= 2 and len(slicing._cuts()[1]) <= 2


def test_the_recorded_paths_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch):
    studies = [replace(SMALL, seed=seed, train_steps=10) for seed in range(5)]
    size = slicing.cut(slicing.slicing(studies[0])).trained.path.nbytes
    for room, left in ((2.5 * size, 2), (0, 1)):
        monkeypatch.setattr(slicing, "PATHS", room)
        for study in studies:
            slicing.cut(slicing.slicing(study))
        assert len(slicing._cuts()[1]) == left
        assert len(slicing._courses()[1]) <= left + 1  # the last one had no records yet when it was asked for


@pytest.mark.parametrize(("steps", "records"), [(10, 11), (99, 100), (150, 76), (199, 101), (2000, 101)])
def test_a_training_has_no_more_records_than_its_picture_needs(steps: int, records: int):
    training = replace(SMALL, train_steps=steps).training()
    assert 1 + -(-steps // training.record) == records


def test_the_ball_on_the_slice_is_the_one_of_rbo():
    film = compose(SMALL, whole=False).film
    found, _ = run(SMALL)
    surface = found.surface()
    start = torch.tensor(found.start, dtype=torch.float64)
    path = rbo.roll(surface, start, found.radius, found.lr, found.steps, loss_scale=found.scale)
    np.testing.assert_allclose(film.contacts[0, :, :2], path.contacts.numpy(), atol=1e-9)
    descent = rbo.descend(surface, start, found.lr, found.steps, domain=surface.domain)
    np.testing.assert_allclose(film.points[0].losses, descent.losses.numpy(), atol=1e-9)


def test_the_training_path_is_drawn_where_the_plane_is_and_keeps_its_own_losses():
    picture = compose(SMALL, whole=False)
    cut = picture.run.cut()
    path = next(p for p in picture.film.points if p.name == f"{TRAINING}, projected")
    exact = cut.exact(torch.from_numpy(path.contacts[:, :2].copy())).numpy()
    np.testing.assert_allclose(path.contacts[:, 2], picture.film.loss_scale * exact, rtol=1e-6)
    assert path.losses[0] == pytest.approx(float(cut.trained.losses[0]))
    assert path.losses[-1] == pytest.approx(float(cut.trained.losses[-1]))
    told = next(r for r in picture.report.points if r.name == path.name)
    assert told.end == told.evaluations == SMALL.train_steps != path.end
    assert f"The {SMALL.train_steps} steps of the training are spread over the {SMALL.steps} of the film" in (
        picture.brief
    )


@pytest.mark.parametrize("told", [False, True])
def test_where_the_spline_is_not_the_loss_at_an_end_the_loss_is_told(told: bool):
    """By the network with the weights of that place, and nothing of the slice."""
    wild = replace(SMALL, plane="random", activation="relu", depth=3, width=16, steps=100, span=4.0)
    picture = compose(wild if told else SMALL, whole=False)
    cut, film = picture.run.cut(), picture.film
    data, losses = cut.trained.dataset, []
    for path in (film.contacts[0], film.points[0].contacts):
        weights = cut.exact.plane.at(torch.from_numpy(path[-1, :2].copy()))
        outputs = torch.func.functional_call(cut.trained.model, weights, (data.inputs,))
        losses.append(number(float(F.cross_entropy(outputs, data.targets))))
    drawn = [number(run.loss) for run in (picture.report.ball, picture.report.descent)]
    assert (drawn != losses) == told
    said = f"they end it is {' and '.join(drawn)}, the network's own loss {' and '.join(losses)}."
    assert (said in picture.brief) == told


def test_a_path_in_the_plane_has_no_gap_and_is_held_whole():
    """And one at a right angle to it is not held at all."""
    exact = run(SMALL)[0].cut().exact
    first, second, home = (flat(w) for w in (exact.plane.first, exact.plane.second, exact.plane.origin))
    along = home + torch.linspace(0, 1, 6)[:, None] * (first - 0.3 * second)
    like = exact.plane.origin
    losses = exact(exact.plane.coordinates(along)).float()
    words = {"steps": np.arange(6), "end": 5, "outcome": "", "evaluations": np.arange(6)}
    inside = leaving.shadow("inside", exact, along, losses, **words)
    assert inside.whole == pytest.approx(1, abs=1e-5) and inside.inside[1:].min() > 1 - 1e-4
    assert np.isnan(inside.inside[0])  # no way yet, and no share of it
    np.testing.assert_allclose(inside.losses, inside.plane, rtol=1e-5)
    normal = torch.randn(len(home), generator=torch.Generator().manual_seed(3))
    for direction in (first, second):
        normal = normal - (normal @ direction) / (direction @ direction) * direction
    out = leaving.shadow("outside", exact, home + torch.linspace(0, 1, 6)[:, None] * normal, losses, **words)
    assert out.whole < 1e-6 and np.abs(out.places - out.places[0]).max() < 1e-4
    assert set(unflat(home, like)) == set(like)


def test_the_runs_in_all_weights_are_those_of_rbo_and_of_torch():
    study = replace(SMALL, free=True, free_lr=0.05, methods=("adam",))
    found, _ = run(study)
    key = leaving.leaving(study, found)
    shadows = leaving.shadows(key)
    assert [s.name for s in shadows] == [BALL, DESCENT, "Adam in all weights"]
    assert leaving.shadows(key) is shadows
    cut = found.cut()
    like, data = cut.exact.plane.origin, cut.trained.dataset
    model = slicing.course(study.training()).trained().model
    start = cut.exact.weights(torch.tensor(found.start))
    for optimiser, seen in (
        (lambda p: torch.optim.SGD(p, lr=0.05), shadows[1]),
        (lambda p: torch.optim.Adam(p, lr=0.05), shadows[2]),
        (lambda p: rbo.RollingBall(p, 0.05, 1.0, study.inner_steps, study.inner_lr), shadows[0]),
    ):
        model.load_state_dict(start)
        steps = optimiser(model.parameters())

        def closure(steps=steps):
            steps.zero_grad()
            loss = F.cross_entropy(model(data.inputs), data.targets)
            loss.backward()
            return loss

        losses = [steps.step(closure).item() for _ in range(found.steps)]
        np.testing.assert_allclose(seen.losses[:-1], losses, rtol=2e-4)
        places = cut.exact.plane.coordinates(flat(dict(model.named_parameters())).detach())
        np.testing.assert_allclose(seen.places[-1], places.numpy(), atol=1e-3)
    assert set(like) == set(start)


def test_they_are_asked_for_on_the_page():
    at = opened(free="yes")
    healthy(at)
    names = [path.name for path in session(at).good.film.points]
    assert names[2:] == [f"{BALL}, projected", f"{DESCENT}, projected"]
    assert "the largest gap" in words(at) and "the plane holds" in words(at)


@pytest.mark.parametrize("under", WORDS["under"])
def test_the_network_under_a_walker_is_the_one_at_its_place(under: str):
    found, _ = run(SMALL)
    shown = networks.followed(found, under)
    assert isinstance(shown, Boundary)
    cut, last = found.cut(), int(shown.steps[-1])
    if under == "training":
        weights = unflat(cut.trained.path[-1], cut.exact.plane.origin)
    else:
        film = compose(SMALL, whole=False).film
        path = film.contacts[0] if under == "ball" else film.points[0].contacts
        weights = cut.exact.weights(torch.from_numpy(path[last, :2].copy()))
    outputs = torch.func.functional_call(cut.trained.model, weights, (cut.trained.dataset.inputs,))
    loss = float(F.cross_entropy(outputs, cut.trained.dataset.targets))
    assert shown.losses[-1] == pytest.approx(loss, rel=1e-4)
    corner = torch.tensor([[shown.x[3], shown.y[40]]]).float()
    out = torch.func.functional_call(cut.trained.model, weights, (corner,)).softmax(-1)[0, 1]
    assert shown.probabilities[-1, 40, 3] == pytest.approx(float(out), abs=1e-4)


def test_a_confusion_matrix_counts_all_that_is_held_out():
    study = replace(SMALL, data="digits", train_steps=20)
    shown = networks.followed(run(study)[0], "descent")
    assert isinstance(shown, Confusion)
    held = run(study)[0].cut().trained.dataset.held_targets
    np.testing.assert_array_equal(
        shown.counts.sum(-1), np.tile(torch.bincount(held, minlength=10), (len(shown.steps), 1))
    )
    right = np.trace(shown.counts, axis1=1, axis2=2) / len(held)
    np.testing.assert_allclose(right, shown.held, atol=1e-6)


def test_a_setting_that_the_slice_does_not_allow_costs_a_sentence():
    at = opened(x="77", radius="999")
    healthy(at)
    assert len(at.warning) == 1 and at.warning[0].value.count("is used instead") == 2
    found = session(at).good.run
    assert found.radius == found.radii().high and found.start[0] == found.surface().domain[0][1]


def test_a_setting_that_no_slice_allows_costs_one_sentence():
    at = opened(radius="-1", x="1e9")
    healthy(at)
    notes = " ".join(it.value for it in at.warning)
    assert notes.count("is used instead") == 2 and notes.count("the usual one is used instead") == 2
    assert session(at).experiment == SMALL


def test_settings_change_the_study_and_nothing_else():
    at = opened()
    key = session(at).good.run.landscape
    at.number_input(key=f"{key}/lr").set_value(0.02).run()
    healthy(at)
    assert session(at).experiment == replace(SMALL, lr=0.02)
    at.selectbox(key="study/plane").set_value("random").run()
    healthy(at)
    assert session(at).experiment == replace(SMALL, plane="random")
    assert WORK.ready(session(at).experiment)


def test_three_weight_vectors_are_those_of_the_steps_that_are_asked_for():
    study = replace(SMALL, plane="three", first=8, middle=20, last=39)  # 39 lies next to a record
    cut = run(study)[0].cut()
    rows = [int((cut.trained.recorded - step).abs().argmin()) for step in (8, 20, 39)]
    assert cut.trained.recorded[rows[:2]].tolist() == [8, 20]
    places = cut.exact.plane.coordinates(cut.trained.path[rows])
    np.testing.assert_allclose(cut.exact(places).detach(), cut.trained.losses[rows], rtol=1e-4)
    on_it = cut.exact.plane.at(places[1].float())
    torch.testing.assert_close(flat(on_it), cut.trained.path[rows[1]], rtol=1e-4, atol=1e-5)
    assert f"of the steps 8, 20 and {int(cut.trained.recorded[rows[2]])}" in cut.exact.title


def test_the_three_steps_are_chosen_on_the_page_and_equal_ones_cost_a_sentence():
    at = opened(plane="three")
    steps = [at.number_input(key=f"study/{name}").value for name in ("first", "middle", "last")]
    assert steps == [0, 20, 40] and "of the steps 0, 20 and 40" in words(at)
    at.number_input(key="study/middle").set_value(10).run()
    healthy(at)
    assert session(at).good.experiment == replace(SMALL, plane="three", middle=10)
    at.number_input(key="study/middle").set_value(0).run()
    healthy(at)
    assert len(at.error) == 1 and "these are of the steps 0, 0 and 40" in at.error[0].value
    assert "last good picture is kept" in at.error[0].value
    assert session(at).good.experiment.middle == 10
    at.number_input(key="study/width").set_value(6).run()
    assert session(at).experiment == replace(SMALL, plane="three", width=6) and not at.error


def test_a_link_with_a_step_beyond_the_training_takes_the_last_one():
    at = opened(plane="three", last="1500")
    healthy(at)
    assert not at.error and at.number_input(key="study/last").value == 40


def test_a_training_that_diverges_says_after_which_step_and_keeps_what_there_was(
    monkeypatch: pytest.MonkeyPatch,
):
    """The weights become infinite in the middle of it."""
    at = opened()
    step = torch.optim.SGD.step
    done = []

    def blown(optimiser, *args, **kwargs):
        done.append(1)
        step(optimiser, *args, **kwargs)
        if len(done) == 25:
            with torch.no_grad():
                optimiser.param_groups[0]["params"][0].fill_(torch.inf)

    monkeypatch.setattr(torch.optim.SGD, "step", blown)
    at.number_input(key="study/seed").set_value(31).run()
    healthy(at)
    last = int(session(at).good.run.cut().trained.recorded[-1])
    assert 20 <= last < 25 and f"no longer finite after step {last}: try a smaller lr" in words(at)


def test_data_of_one_class_cost_a_sentence(monkeypatch: pytest.MonkeyPatch):
    at = opened()
    load = Data.load

    def alone(data: Data):
        dataset = load(data)
        return replace(dataset, targets=torch.zeros_like(dataset.targets))

    monkeypatch.setattr(Data, "load", alone)
    at.number_input(key="study/seed").set_value(32).run()
    healthy(at)
    assert len(at.error) == 1 and "must have at least 2 classes, all labels are the same" in at.error[0].value
    assert "last good picture is kept" in at.error[0].value and session(at).good.experiment == SMALL


def test_a_network_that_returns_nan_costs_a_sentence(monkeypatch: pytest.MonkeyPatch):
    at = opened()
    forward = torch.nn.Linear.forward
    monkeypatch.setattr(torch.nn.Linear, "forward", lambda self, x: forward(self, x) * torch.nan)
    at.number_input(key="study/seed").set_value(33).run()
    healthy(at)
    assert len(at.error) == 1 and "finite before the first step, got nan" in at.error[0].value
    assert "last good picture is kept" in at.error[0].value and session(at).good.experiment == SMALL
