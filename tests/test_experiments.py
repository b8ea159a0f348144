"""Experiments: the same run gives the same result, whatever stops it and wherever it is done."""

import csv
import dataclasses
import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from rbo.experiments import networks, table1, tasks, training
from rbo.experiments.__main__ import main
from rbo.experiments.methods import METHODS
from rbo.experiments.sweep import sweep
from rbo.experiments.training import Run, train

ROOT = Path(__file__).parents[1]
SMALL = Run("digits", "mlp", "rbo", 1.0, seed=0, epochs=2, budget=0, batch=256)


def timeless(result):
    """A result without what no two runs share."""
    return {**result, "curve": [{k: v for k, v in p.items() if k != "seconds"} for p in result["curve"]]}


def test_the_images_of_a_task_are_never_the_same():
    task = tasks.load("digits")
    sizes = [len(part[0]) for part in (task.train, task.valid, task.test)]
    assert sum(sizes) == 1797
    together = torch.cat([part[0] for part in (task.train, task.valid, task.test)])
    assert len(together.flatten(1).unique(dim=0)) > 1790  # some digits are drawn alike
    assert abs(float(task.train[0].mean())) < 1e-5
    assert float(task.train[0].std()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("name", "weighted"), [("mlp", 3), ("resnet6", 6), ("resnet8", 8), ("vgg9", 9)])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32)])
def test_networks_have_the_layers_of_their_name(name, weighted, shape):
    state = torch.get_rng_state()
    model = networks.build(name, shape, 10, seed=3)
    assert torch.equal(state, torch.get_rng_state())
    layers = [m for m in model.modules() if isinstance(m, torch.nn.Linear | torch.nn.Conv2d)]
    assert len(layers) == weighted
    assert model(torch.zeros(2, *shape)).shape == (2, 10)
    again, other = networks.build(name, shape, 10, seed=3), networks.build(name, shape, 10, seed=4)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
    assert not torch.equal(next(model.parameters()), next(other.parameters()))


@pytest.mark.parametrize("method", METHODS)
def test_a_run_counts_the_gradients_it_asks_for(method):
    result = train(dataclasses.replace(SMALL, method=method, lr=METHODS[method].rates[0]))
    steps = 2 * training.steps_per_epoch("digits", 256)
    last = result["curve"][-1]
    assert last["epoch"] == 2
    if method == "rbo-stop":
        assert 2 * steps <= last["gradients"] <= METHODS[method].cost * steps
    else:
        assert last["gradients"] == METHODS[method].cost * steps
    assert last["valid"] > result["curve"][0]["valid"] or last["valid"] > 20


def test_a_run_lasts_until_it_has_done_its_epochs_and_its_budget():
    result = train(dataclasses.replace(SMALL, method="sgd", lr=0.1, epochs=2, budget=30))
    gradients = [p["gradients"] for p in result["curve"]]
    assert gradients[-2] < 30 <= gradients[-1]


def test_a_run_that_diverges_says_so():
    result = train(dataclasses.replace(SMALL, lr=1e12))
    assert result["diverged"]
    assert len(result["curve"]) <= 2


@pytest.mark.parametrize("method", ["rbo-shrink", "entropy", "momentum"])
def test_a_run_killed_in_the_middle_ends_as_if_it_had_not_been(method, tmp_path, monkeypatch):
    run = dataclasses.replace(SMALL, method=method, lr=METHODS[method].rates[0], epochs=4)
    whole = train(run)
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", 0.0)
    epoch = training.Progress.epoch

    def dying(self):
        if len(self.curve) == 2:
            raise KeyboardInterrupt
        epoch(self)

    monkeypatch.setattr(training.Progress, "epoch", dying)
    with pytest.raises(KeyboardInterrupt):
        train(run, str(tmp_path))
    files = [f.name for f in tmp_path.iterdir()]
    assert files == [f"{run.key}.pt"]
    monkeypatch.setattr(training.Progress, "epoch", epoch)
    assert timeless(train(run, str(tmp_path))) == timeless(whole)
    assert not list(tmp_path.iterdir())


def counted(run, folder):
    """A run that takes no time and leaves a mark for each time it is done."""
    marks = Path(folder).parent / "marks"
    marks.mkdir(exist_ok=True)
    (marks / f"{run.key}-{time.monotonic_ns()}").touch()
    if run.seed == 2 and not (marks / "go on").exists():
        raise RuntimeError("killed")
    return {"run": dataclasses.asdict(run)}


def test_a_sweep_goes_on_where_it_was_stopped_and_does_nothing_twice(tmp_path):
    runs = [dataclasses.replace(SMALL, seed=seed) for seed in range(4)]
    folder = tmp_path / "runs"
    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="killed"):
        sweep(runs, folder, pool, counted, report=None)
    done = {f.stem for f in folder.glob("*.json")}
    assert {runs[0].key, runs[1].key} <= done and runs[2].key not in done
    (tmp_path / "marks" / "go on").touch()
    with ThreadPoolExecutor(1) as pool:
        results = sweep(runs, folder, pool, counted, report=None)
        assert sweep(runs, folder, pool, counted, report=None) == results
    assert [r["run"]["seed"] for r in results] == [0, 1, 2, 3]
    for run in runs:
        marks = len(list((tmp_path / "marks").glob(f"{run.key}-*")))
        assert marks <= (1 if run.key in done else 2)


def result(method, lr, seed, curve, diverged=False):
    """A result made by hand: (gradients, seconds, valid, test) of each epoch."""
    run = dataclasses.asdict(Run("digits", "mlp", method, lr, seed, epochs=2, budget=40))
    names = ("gradients", "seconds", "valid", "test")
    points = [{"epoch": i + 1, **dict(zip(names, p, strict=True))} for i, p in enumerate(curve)]
    return {"run": run, "curve": points, "diverged": diverged}


def test_the_table_compares_at_equal_cost_and_chooses_by_other_images():
    results = [
        result("sgd", 0.1, 0, [(10, 1.0, 50, 40), (20, 2.0, 60, 50), (30, 3.0, 70, 60), (40, 4.0, 80, 70)]),
        result("sgd", 0.1, 1, [(10, 1.0, 52, 44), (20, 2.0, 62, 54), (30, 3.0, 72, 64), (40, 4.0, 82, 74)]),
        result("sgd", 0.5, 0, [(10, 1.0, 10, 90), (20, 2.0, 10, 99)], diverged=True),
        result("sgd", 0.5, 1, [(10, 1.0, 10, 90), (20, 2.0, 10, 99)], diverged=True),
        result("rbo", 1.0, 0, [(20, 1.5, 30, 35), (40, 3.0, 90, 85)]),
        result("rbo", 1.0, 1, [(20, 1.5, 30, 35), (40, 3.0, 90, 87)]),
    ]
    rows = {(row["method"], row["equal"]): row for row in table1.table(results)}
    sgd = {equal: rows["SGD", equal] for equal in table1.EQUALS}
    assert {row["lr"] for row in sgd.values()} == {0.1}
    assert [sgd[e]["accuracy_mean"] for e in table1.EQUALS] == [52.0, 72.0, 62.0]
    assert sgd["epochs"]["accuracy_sd"] == pytest.approx(math.sqrt(8), abs=0.01)
    assert rows["RBO", "seconds"]["at"] == 3.0
    assert [rows["RBO", e]["accuracy_mean"] for e in table1.EQUALS] == [86.0, 86.0, 86.0]
    assert "72.00 ± 2.83" in table1.printed(list(rows.values()))


COMMAND = ("table1", "--methods", "sgd", "rbo", "--epochs", "1")


def test_the_command_writes_a_table_and_a_chart(tmp_path, capsys):
    assert main([*COMMAND, "--seeds", "1", "--workers", "1", "--out", str(tmp_path)]) == 0
    folder = tmp_path / "table1-digits"
    rows = list(csv.DictReader((folder / "table1.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 2 * 3
    assert all(float(row["accuracy_mean"]) > 50 for row in rows)
    assert (folder / "mlp.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "equal gradients" in capsys.readouterr().out
    run = table1.runs("digits", ["mlp"], ["rbo"], 1, 1)[0]
    saved = json.loads((folder / "runs" / f"{run.key}.json").read_text(encoding="utf-8"))
    assert timeless(saved) == timeless(train(run))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seeds", "0"], "--seeds must be >= 1, got 0"),
        (["--scheduler", "tcp://127.0.0.1:9"], "127.0.0.1:9 cannot be reached .*: start one with 'dask sch"),
    ],
)
def test_bad_input_says_what_to_do(arguments, message, tmp_path):
    command = [sys.executable, "-m", "rbo.experiments", *COMMAND, "--out", str(tmp_path), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert re.search(message, done.stderr), done.stderr


def dask(*arguments):
    """A scheduler or a worker, as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_cluster_that_loses_a_worker_gives_the_same_results(tmp_path):
    """A scheduler and two workers; one is killed as soon as there is a first result."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    port = address.rpartition(":")[2]
    worker = ("dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
    started = [dask("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")]
    started += [dask(*worker), dask(*worker)]
    command = [sys.executable, "-m", "rbo.experiments", *COMMAND, "--seeds", "4", "--out", str(tmp_path)]
    try:
        sweeping = subprocess.Popen([*command, "--scheduler", address], cwd=ROOT, stderr=subprocess.PIPE)
        started.append(sweeping)
        folder, waited = tmp_path / "table1-digits" / "runs", time.monotonic()
        while not list(folder.glob("*.json")):
            assert time.monotonic() - waited < 60 and sweeping.poll() is None
            time.sleep(0.02)
        started[1].send_signal(signal.SIGKILL)
        there = len(list(folder.glob("*.json")))
        assert sweeping.wait(90) == 0
    finally:
        for process in reversed(started):
            process.kill()
            process.communicate()
    assert there < 24 == len(list(folder.glob("*.json")))
    runs = table1.runs("digits", ["mlp"], ["sgd", "rbo"], 4, 1)
    for run in runs[::5]:
        saved = json.loads((folder / f"{run.key}.json").read_text(encoding="utf-8"))
        assert timeless(saved) == timeless(json.loads(json.dumps(train(run))))
