"""The page 'Train' without a browser: links, jobs, what is shown, what fails, what the sentences claim."""

from __future__ import annotations

import csv
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import rbo
from interface import address, attempt
from interface.experiment import knobs, names, radius_limit, sides
from interface.training import basins, command, jobs, network_rates, networks, rates, sweeps, wording
from interface.training.jobs import Job, Part
from interface.training.view import CELLS, EXTRA, SHOWS, STARTS, View, playground, read, usual, write
from rbo.experiments import table1, training
from rbo.experiments.methods import METHODS
from rbo.experiments.networks import NETWORKS
from rbo.experiments.sweep import sweep
from tests.test_state import GARBAGE, SLOW, value_of

APP = Path(__file__).parents[1] / "app.py"
SCRIPT = "pages/train.py"
QUICK = {"landscape": "saddle", "steps": "5"}


def opened(**query: str) -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=60).switch_page(SCRIPT)
    for name, text in query.items():
        at.query_params[name] = text
    return at.run()


def words(at: AppTest) -> str:
    kinds = (at.markdown, at.caption, at.warning, at.error, at.title, at.subheader)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\u00a0", " ")


def shown(at: AppTest) -> View:
    return at.session_state["train page"].experiment


def healthy(at: AppTest) -> None:
    assert not at.exception
    assert "Traceback" not in words(at) and str(APP.parent) not in words(at)


def button(at: AppTest, label: str):
    return next((one for one in at.button if one.label.startswith(label)), None)


def until(condition: Callable[[], object], seconds: float = 90) -> None:
    for _ in range(int(20 * seconds)):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it did not come about in time")


def finished(at: AppTest) -> AppTest:
    until(lambda: not button(at.run(), "Stop"))
    return at


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(command, "RESULTS", tmp_path)
    return tmp_path


# --- the page


def test_the_map_comes_by_itself_and_a_cell_of_it_is_a_link_to_the_playground():
    at = finished(opened(**QUICK))
    healthy(at)
    assert "Of 144 balls" in words(at) and not at.warning and not at.error
    found = at.session_state["train page"].good.found
    radius, rate = float(found.radii[3]), float(found.rates[7])
    at.selectbox(key="saddle/cell radius").set_value(radius).run()
    at.selectbox(key="saddle/cell lr").set_value(rate).run()
    healthy(at)
    assert (shown(at).radius, shown(at).lr) == (radius, rate)
    assert rates.outcome(found, 3, 7).replace("\u00a0", " ") in words(at)
    link = next(one.proto for one in at.get("page_link") if "Watch" in one.proto.label)
    query = dict(pair.split("=") for pair in link.query_string.split("&"))
    experiment, notes = address.read(query)
    assert not notes and (experiment.radius, experiment.lr) == (radius, rate)
    assert (experiment.landscape, experiment.steps) == ("saddle", 5)


def test_starts_are_shown_beside_gradient_descent_and_ends_are_counted_on_a_button():
    at = finished(opened(show="starts", **QUICK))
    healthy(at)
    assert "Gradient descent: 225 starts lead to" in words(at) and "Ball, ρ = " in words(at)
    button(at, "Count").click().run()
    finished(at)
    healthy(at)
    assert len(at.table) == 1 and len(at.table[0].value) == 1 + sweeps.COUNTED
    assert "From 225 starts, gradient descent has" in words(at)


def test_the_map_of_a_network_is_its_trainings_and_shows_the_one_of_its_cell(monkeypatch):
    monkeypatch.setattr(network_rates, "CELLS", 3)
    at = finished(opened(show="network_rates", epochs="1"))
    healthy(at)
    work = network_rates.jobs_of(shown(at))
    assert "Of 9 balls" in words(at) and work.done
    at.selectbox(key=f"{names()[0]}/cell net_radius").set_value(30.0).run()
    at.selectbox(key=f"{names()[0]}/cell net_lr").set_value(0.3).run()
    healthy(at)
    assert "The training of this cell: ρ = 30, η = 0.3" in words(at)
    run = training.Run("digits", "mlp", "rbo", 0.3, 0, 1, 0, radius=30.0)
    alone, cell = training.train(run), work.results[30.0][1]
    assert cell["run"] == alone["run"] and cell["curve"][0]["loss"] == alone["curve"][0]["loss"]
    found = network_rates.rate_map(shown(at), work.results)
    assert found.diverged[0, 2] == work.results[0.03][2]["diverged"]
    assert found.points[1] == work.results[0.0][1]["curve"][0]["loss"]
    rows = list(csv.DictReader(network_rates.table(work.results)))
    assert len(rows) == 12 and float(rows[1]["accuracy"]) > 20 > float(rows[2]["accuracy"])


def test_a_finer_map_waits_for_its_button():
    at = opened(cells="24", **QUICK)
    healthy(at)
    assert button(at, "Compute this map") and not button(at, "Stop")


def test_the_choice_of_the_sweep_and_its_size_change_the_view_and_nothing_else():
    at = opened(**QUICK)
    before = shown(at)
    at.button_group(key="saddle/show").set_value("starts").run()
    at.button_group(key="saddle/starts").set_value(31).run()
    healthy(at)
    assert shown(at) == replace(before, show="starts", starts=31)
    at.selectbox(key="landscape").set_value("wedge").run()
    assert shown(at) == usual("wedge", show="starts", starts=31)


@pytest.mark.parametrize(
    "query",
    [{"show": "moon"}, {"cells": "13"}, {"epochs": "99"}, {"optimizers": "sgd,<b>"}, {"contact": "descent"}],
)
def test_a_bad_link_costs_one_sentence(query: dict[str, str]):
    at = opened(**({"show": "networks"} | query))
    healthy(at)
    assert len(at.warning) == 1 and "The link says" in at.warning[0].value


def failing(*_: object) -> None:
    raise RuntimeError("/home/somebody/secret.py is broken")


def test_a_sweep_that_fails_costs_a_sentence_and_can_go_on(monkeypatch):
    query = QUICK | {"scale": "1.31"}
    monkeypatch.setattr(sweeps.maps, "ends", failing)
    at = finished(opened(**query))
    healthy(at)
    assert "The map failed with RuntimeError" in at.error[0].value and "secret" not in words(at)
    assert button(at, "Compute this map")


def test_without_its_scheduler_a_sweep_says_which_setting_names_it(monkeypatch):
    monkeypatch.setenv(jobs.SCHEDULER, "tcp://127.0.0.1:1")
    at = finished(opened(**QUICK, scale="1.37"))
    healthy(at)
    assert "cluster on which this app computes does not answer" in at.error[0].value
    assert "127.0.0.1" not in at.error[0].value
    assert jobs.SCHEDULER in at.error[0].value


def test_without_its_scheduler_the_table_says_so_too(monkeypatch, tmp_path):
    monkeypatch.setenv(jobs.SCHEDULER, "tcp://127.0.0.1:1")
    monkeypatch.setattr(command, "RESULTS", tmp_path)
    begun = command.Command(usual("wrinkled_bowl"), 0)
    begun._process.wait(timeout=60)
    until(lambda: begun.failed)
    assert begun.failed == jobs.NO_CLUSTER


# --- jobs


def squares(gate: threading.Event, count: int) -> Job:
    """Squares, of which all but the first wait for a gate."""

    def square(k: int) -> int:
        if k:
            gate.wait(10)
        return k * k

    return Job(tuple(Part(k, square, (k,)) for k in range(count)))


def test_a_job_that_is_stopped_keeps_what_is_done_and_goes_on():
    gate = threading.Event()
    job = squares(gate, 4)
    job.start()
    until(lambda: job.results)
    assert job.running and "1 of 4 parts" in job.look()
    job.stop()
    assert job.halted and not job.running
    time.sleep(2 * jobs.LOOK)  # by then it waits for the one that is under way
    gate.set()
    until(lambda: not job._thread.is_alive())
    assert job.results == {0: 0, 1: 1} and not job.done
    job.start()
    until(lambda: job.done)
    assert job.results == {k: k * k for k in range(4)} and not job.halted


def test_a_job_that_no_page_looks_at_stops(monkeypatch):
    monkeypatch.setattr(jobs, "UNSEEN", 0.0)
    gate = threading.Event()
    job = squares(gate, 50)
    job.start()
    until(lambda: not job.running)
    gate.set()
    assert not job.done and not job.halted


def test_pages_that_ask_for_the_same_share_a_job_and_the_oldest_are_forgotten(monkeypatch):
    monkeypatch.setattr(jobs, "KEPT", 2)
    make = lambda: squares(threading.Event(), 1).parts  # noqa: E731
    first = jobs.job("a", make)
    assert jobs.job("a", make) is first
    jobs.job("b", make), jobs.job("c", make)
    assert jobs.job("a", make) is not first


def done(job: Job) -> Job:
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda part: (part.name, part.call(*part.arguments)), job.parts)
        job.results.update(dict(found))
    return job


def test_a_cell_of_the_map_is_the_run_of_the_playground():
    view = usual("wedge", steps=20)
    found = sweeps.rate_map(view, done(sweeps.rates_job(view)).results)
    surface, start = view.surface(), torch.tensor(view.start, dtype=torch.float64)
    for row, column in ((0, 3), (6, 6), (11, 0)):
        query = playground(view, float(found.radii[row]), float(found.rates[column]))
        same, notes = address.read(query)
        assert not notes
        path = rbo.roll(
            surface, start, same.radius, same.lr, same.steps, rbo.Rigid(surface.domain), same.scale
        )
        assert found.losses[row, column] == pytest.approx(float(path.losses[-1]), abs=1e-6)
    path = rbo.descend(surface, start, float(found.rates[4]), 20, domain=surface.domain)
    assert found.points[4] == pytest.approx(float(path.losses[-1]))
    rows = list(csv.DictReader(rates.table(found)))
    assert len(rows) == 13 * 12 and sum(row["diverged"] == "1" for row in rows) == (
        found.diverged.sum() + found.points_diverged.sum()
    )


def test_the_map_does_not_depend_on_its_cell_nor_the_starts_on_the_start():
    view = usual("saddle")
    other = replace(view, radius=0.123, lr=0.0123, show="starts")
    assert sweeps.rates_job(view) is sweeps.rates_job(other)
    assert sweeps.starts_job(view) is sweeps.starts_job(replace(view, start=(0.1, 0.2)))
    assert sweeps.starts_job(view) is not sweeps.starts_job(other)
    assert sweeps.rates_job(view) is not sweeps.rates_job(replace(view, scale=2.0))


def test_a_start_of_the_picture_is_the_run_from_that_start():
    view = usual("wedge", steps=30)
    results = done(sweeps.starts_job(view)).results
    assert len(results) == 4 and sweeps.ball_ends(view, {0: results[0], 1: results[1]}) is None
    ball = sweeps.ball_ends(view, results)
    surface = view.surface()
    start = torch.tensor([ball.x[4], ball.y[9]], dtype=torch.float64)
    contact = rbo.Rigid(surface.domain)
    path = rbo.roll(surface, start, view.radius, view.lr, 30, contact, view.scale)
    np.testing.assert_allclose(ball.ends[9, 4], path.contacts[-1], atol=1e-6)
    point = sweeps.point_ends(view)
    path = rbo.descend(surface, start, view.lr, 30, domain=surface.domain)
    np.testing.assert_allclose(point.ends[9, 4], path.contacts[-1], atol=1e-12)
    rows = list(csv.DictReader(basins.table([point, ball])))
    assert len(rows) == 2 * STARTS[0] ** 2 and {row["method"] for row in rows} == {point.name, ball.name}


# --- the table


def point(epoch: int, cost: int, score: float) -> dict[str, float]:
    spent = {"epoch": epoch, "gradients": epoch * 16 * cost, "seconds": 0.01 * epoch * cost}
    return {**spent, "loss": 1.0, "valid": score, "test": score}


def invented(view: View, scores: dict[str, float], spread: float) -> list[dict]:
    """Results of runs in which a method ends at its score, seeds lying around it."""
    found = []
    for run in command.runs(view):
        method = METHODS[run.method]
        epochs = run.budget // (16 * method.cost)
        score = scores[run.method] + spread * (run.seed - (view.seeds - 1) / 2)
        curve = [point(k + 1, method.cost, score) for k in range(epochs)]
        found.append({"run": vars(run), "curve": curve, "diverged": False})
    return found


@pytest.mark.parametrize(
    ("gap", "seeds", "expected"),
    [
        (5.0, 3, "RBO is ahead by 5.00 points, more than the spread of 3 seeds."),
        (-5.0, 3, "RBO is behind by 5.00 points, more than the spread of 3 seeds."),
        (-5.0, 2, "and two seeds hardly tell the spread"),
        (0.5, 3, "within the spread of the seeds"),
        (5.0, 1, "one seed does not tell"),
    ],
)
def test_the_verdict_says_no_more_than_the_seeds(gap: float, seeds: int, expected: str):
    view = usual("saddle", optimizers=("sgd", "sam", "rbo"), seeds=seeds, epochs=1)
    results = invented(view, {"sgd": 80.0, "sam": 90.0, "rbo": 90.0 + gap}, 1.0)
    rows = table1.table(results)
    said = wording.verdict(rows, "gradients")
    assert expected in said and "SAM, 90.00" in said
    assert networks.compare(rows).methods == ("SGD", "SAM", "RBO")
    curves = networks.lines(results, rows, "gradients")
    assert [curve.name for curve in curves] == ["SGD", "SAM", "RBO"]
    assert curves[2].means[-1] == pytest.approx(90 + gap)
    assert [row["method"] for row in csv.DictReader(networks.written(rows))] == [r["method"] for r in rows]


def test_the_order_is_told_beside_the_papers():
    view = usual("saddle", optimizers=("sgd", "entropy", "sam", "rbo"), seeds=1, epochs=1)
    scores = {"sgd": 91.0, "entropy": 95.0, "sam": 97.0, "rbo": 98.0}
    assert ": as on the paper's" in wording.order(table1.table(invented(view, scores, 0)))
    assert ": not as on the paper's" in wording.order(table1.table(invented(view, scores | {"rbo": 90}, 0)))
    assert wording.order(table1.table(invented(view, scores, 0))[:1]) == ""


def test_the_table_is_a_command_that_is_begun_stopped_and_gone_on_with(folder, monkeypatch):
    one = command.words
    monkeypatch.setattr(command, "words", lambda view: [*one(view), "--workers", "1"])
    at = opened(show="networks", optimizers="sgd,rbo", seeds="1", epochs="1")
    healthy(at)
    button(at, f"Start {len(command.runs(shown(at)))} runs").click().run()
    assert button(at, "Stop")
    until(lambda: command.done(shown(at)))
    command.current(shown(at)).stop()
    at.run()
    kept = command.done(shown(at))
    assert f"So far {len(kept)} runs" in words(at)
    button(at, "Go on").click().run()
    assert button(at, "Stop")
    button(at, "Stop").click().run()
    with ThreadPoolExecutor(1) as pool:  # what the command does
        sweep(command.runs(shown(at)), folder / "table1-digits" / "runs", pool, report=False)
    at.run()
    healthy(at)
    assert not button(at, "Stop") and not button(at, "Go on")
    assert [found for found in command.done(shown(at)) if found in kept] == kept
    assert "one seed does not tell" in words(at) and len(at.table) == 2
    assert "python -m rbo.experiments table1 --data digits --models mlp --methods sgd rbo" in words(at)


def test_before_a_reader_begins_the_recorded_table_is_shown():
    at = opened(show="networks", optimizers="sgd,rbo", model="vgg9")
    healthy(at)
    assert "What a run before this one gave" in words(at) and button(at, "Start")
    rows = networks.recorded(shown(at))
    assert [row["method"] for row in rows] == ["SGD", "RBO"] * 3
    assert wording.verdict(rows, "gradients").replace("\u00a0", " ") in words(at)
    assert networks.recorded(replace(shown(at), optimizers=("sam",)))[0]["method"] == "SAM"


def test_a_command_that_fails_says_its_last_words(monkeypatch):
    wrong = ["-m", "rbo.experiments", "table1", "--epochs", "0"]
    monkeypatch.setattr(command, "words", lambda view: wrong)
    at = opened(show="networks", optimizers="sgd", seeds="1", epochs="2")
    button(at, "Start").click().run()
    finished(at)
    assert "--epochs must be >= 1, got 0" in at.error[0].value


# --- links


@st.composite
def views(draw: st.DrawFn) -> View:
    name = draw(st.sampled_from(names()))
    plain = usual(name, {knob.name: draw(value_of(knob)) for knob in knobs(name)})
    surface = plain.surface()
    radius = radius_limit(surface)
    chosen = draw(st.sets(st.sampled_from(list(METHODS)), min_size=1))
    return replace(
        plain,
        start=draw(st.tuples(*(st.floats(side.low, side.high) for side in sides(surface)))),
        radius=draw(st.floats(radius.low, radius.high)),
        lr=draw(st.floats(1e-6, 10)),
        steps=draw(st.integers(1, 1000)),
        show=draw(st.sampled_from(SHOWS)),
        cells=draw(st.sampled_from(CELLS)),
        starts=draw(st.sampled_from(STARTS)),
        model=draw(st.sampled_from(list(NETWORKS))),
        epochs=draw(st.integers(1, 10)),
        seeds=draw(st.integers(1, 5)),
        optimizers=tuple(method for method in METHODS if method in chosen),
        equal=draw(st.sampled_from(table1.EQUALS)),
        net_radius=draw(st.floats(1e-3, 1e3)),
        net_lr=draw(st.floats(1e-4, 1e3)),
    )


@SLOW
@given(views())
def test_a_link_brings_every_view_back(view: View):
    assert read(write(view)) == (view, ())


@pytest.mark.parametrize("name", names())
def test_what_is_usual_is_left_out_and_no_knob_has_a_name_of_the_page(name: str):
    assert write(usual(name)) == ({} if name == names()[0] else {"landscape": name})
    assert not {knob.name for knob in knobs(name)} & set(EXTRA)


@SLOW
@given(GARBAGE | st.dictionaries(st.sampled_from(EXTRA), st.text(max_size=9)))
def test_garbage_is_a_view_and_at_most_a_sentence_each(query: dict[str, str]):
    view, notes = read(query)
    assert len(notes) <= len(query) and read(write(view)) == (view, ())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"show": "moon"}, "show must be one of rates, starts, network_rates, networks, got 'moon'"),
        ({"cells": 13}, "cells must be one of 12, 24, 32, got 13"),
        ({"seeds": 0}, "seeds must be a whole number from 1 to 5, got 0"),
        ({"optimizers": ()}, "optimizers must be some of sgd"),
        ({"contact": "descent"}, "contact must be rigid on this page, got descent"),
    ],
)
def test_a_view_is_checked_with_one_sentence(settings: dict, message: str):
    with pytest.raises(ValueError, match="^" + message) as caught:
        replace(usual("wrinkled_bowl"), **settings)
    assert attempt.ours(caught.value)


def test_steps_of_an_epoch_are_those_of_the_invented_runs():
    assert training.steps_per_epoch(command.DATA, 64) == 16
