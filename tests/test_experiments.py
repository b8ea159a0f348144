"""Experiments: the same run gives the same result, whatever stops it and wherever it is done."""

import contextlib
import csv
import dataclasses
import hashlib
import io
import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import torch

import landscapes
import rbo
from landscapes import neural
from rbo.experiments import cifar100, forgetting, methods, networks, rates, table1, tasks, training
from rbo.experiments.__main__ import main
from rbo.experiments.methods import METHODS
from rbo.experiments.sweep import UNREACHED, sweep
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
    rates = METHODS[method].rates
    result = train(dataclasses.replace(SMALL, method=method, lr=rates[len(rates) // 2]))
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
    assert [f.name for f in tmp_path.iterdir()] == [f"{run.key}.json"]


def test_a_run_whose_result_is_there_is_not_done_again(tmp_path, monkeypatch):
    """As after the loss of a worker that had kept its result and not yet said so."""
    done = train(SMALL, str(tmp_path))
    monkeypatch.setattr(training.Progress, "epoch", lambda self: pytest.fail("done twice"))
    assert train(SMALL, str(tmp_path)) == done


def test_a_run_with_a_radius_is_that_of_a_ball_of_that_radius(monkeypatch):
    run = dataclasses.replace(SMALL, radius=4.0)
    assert run.key != SMALL.key
    found = train(run)
    monkeypatch.setitem(methods.BALL, "radius", 4.0)
    assert found["curve"][-1]["loss"] == train(SMALL)["curve"][-1]["loss"]
    with pytest.raises(ValueError, match="radius is a setting of rbo alone"):
        dataclasses.replace(SMALL, method="sgd", radius=2.0)


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
        sweep(runs, folder, pool, counted, report=False)
    done = {f.stem for f in folder.glob("*.json")}
    assert {runs[0].key, runs[1].key} <= done and runs[2].key not in done
    (tmp_path / "marks" / "go on").touch()
    with ThreadPoolExecutor(1) as pool:
        results = sweep(runs, folder, pool, counted, report=False)
        assert sweep(runs, folder, pool, counted, report=False) == results
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


@pytest.fixture
def here(monkeypatch):
    """A thread instead of processes, which take long to start."""
    pool = lambda scheduler, workers: contextlib.nullcontext(ThreadPoolExecutor(1))  # noqa: E731
    monkeypatch.setattr(rbo.experiments.__main__, "executor", pool)


@pytest.mark.timeout(400)
def test_a_command_that_is_killed_leaves_nobody_behind_and_goes_on_where_it_was(tmp_path, capsys, here):
    command = [*COMMAND, "--seeds", "3", "--workers", "2", "--out", str(tmp_path)]
    folder = tmp_path / "table1-digits" / "runs"
    first = subprocess.Popen(
        [sys.executable, "-m", "rbo.experiments", *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        waited = time.monotonic()
        while len(list(folder.glob("*.json"))) < 3:
            assert time.monotonic() - waited < 150 and first.poll() is None
            time.sleep(0.01)
        workers = psutil.Process(first.pid).children(recursive=True)
        assert len(workers) >= 2
    finally:
        first.kill()
        first.wait()
    assert psutil.wait_procs(workers, timeout=30)[1] == []
    kept = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in folder.glob("*.json")}
    assert main(command) == 0
    again = capsys.readouterr().err
    total = len(table1.runs("digits", ["mlp"], ["sgd", "rbo"], 3, 1))
    assert 3 <= len(kept) < total == len(list(folder.glob("*.json")))
    assert kept == {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in kept}
    assert f"{len(kept)} of {total} runs are there already" in again
    assert sum(line.endswith(" s left") for line in again.splitlines()) == total - len(kept)


def test_the_map_of_a_landscape_has_the_runs_of_roll_and_of_gradient_descent(tmp_path, capsys, here):
    assert (
        main(["rates", "--landscape", "wedge", "--cells", "3", "--steps", "20", "--out", str(tmp_path)]) == 0
    )
    folder = tmp_path / "rates-wedge"
    rows = list(csv.DictReader((folder / "rates.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 12 and [row["radius"] for row in rows[:3]] == ["0.0"] * 3
    wedge = landscapes.get("wedge")
    start = torch.tensor(wedge.start, dtype=torch.float64)
    for row in rows:
        radius, lr = float(row["radius"]), float(row["lr"])
        contact, scale = rbo.Rigid(wedge.domain), wedge.loss_scale
        path = (
            rbo.roll(wedge, start, radius, lr, 20, contact, scale)
            if radius
            else rbo.descend(wedge, start, lr, 20, domain=wedge.domain)
        )
        lost = path.outcome in (rbo.Outcome.LEFT, rbo.Outcome.NOT_FINITE)
        assert row["diverged"] == str(int(lost))
        assert row["loss"] == "" if lost else float(row["loss"]) == pytest.approx(float(path.losses[-1]))
    drawn = (folder / "rates.svg").read_text(encoding="utf-8")
    assert drawn.count('class="diverged"') == sum(row["diverged"] == "1" for row in rows) > 0
    assert "of 9 runs diverged" in capsys.readouterr().out


def test_the_map_of_a_network_is_resumable_and_has_plain_sgd_in_it(tmp_path, here):
    words = ["rates", "--data", "digits", "--cells", "2", "--epochs", "1"]
    assert main([*words, "--out", str(tmp_path)]) == 0
    folder = tmp_path / "rates-digits-mlp"
    rows = list(csv.DictReader((folder / "rates.csv").read_text(encoding="utf-8").splitlines()))
    assert [float(row["radius"]) for row in rows] == [0, 0, 0.03, 0.03, 30, 30]
    runs = rates.network_runs("digits", "mlp", 2, 1)
    assert {f.stem for f in (folder / "runs").glob("*.json")} == {run.key for run in runs}
    assert float(rows[4]["loss"]) == train(runs[4])["curve"][-1]["loss"]
    assert float(rows[0]["accuracy"]) == train(runs[0])["curve"][-1]["test"]


def test_the_ends_are_counted_for_gradient_descent_and_each_radius(tmp_path, here):
    words = ["basins", "--landscape", "wrinkled_bowl", "--starts", "4", "--radii", "2"]
    assert main([*words, "--out", str(tmp_path)]) == 0
    text = (tmp_path / "basins-wrinkled_bowl" / "basins.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["starts"] for row in rows] == ["16"] * 3 and rows[0]["radius"] == "0.0"
    assert int(rows[2]["distinct_ends"]) < int(rows[0]["distinct_ends"]) <= 16
    drawn = (tmp_path / "basins-wrinkled_bowl" / "basins.svg").read_text(encoding="utf-8")
    assert f">gradient descent: {rows[0]['distinct_ends']}</text>" in drawn


@pytest.mark.parametrize(
    ("words", "module", "work"),
    [
        (("rates", "--cells", "5"), rates, "roll_strip"),
        (("basins", "--starts", "2", "--radii", "2"), forgetting, "ends"),
    ],
)
def test_a_sweep_of_a_landscape_goes_on_where_it_was_stopped(
    words, module, work, tmp_path, here, monkeypatch
):
    command = [*words, "--landscape", "wedge", "--steps", "5"]
    assert main([*command, "--out", str(tmp_path / "whole")]) == 0
    whole, seen = getattr(module, work), []

    def dying(part, folder):
        seen.append(part.key)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return whole(part, folder)

    monkeypatch.setattr(module, work, dying)
    with pytest.raises(KeyboardInterrupt):
        main([*command, "--out", str(tmp_path)])
    runs = tmp_path / f"{words[0]}-wedge" / "runs"
    assert {file.stem for file in runs.glob("*.json")} == set(seen[:2])
    assert main([*command, "--out", str(tmp_path)]) == 0
    assert seen[3:] == seen[2:3]
    for name in (f"{words[0]}.csv", f"{words[0]}.svg"):
        file = Path(f"{words[0]}-wedge") / name
        assert (tmp_path / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()


def archive(folder, records):
    """CIFAR-100's archive with random records instead of its own, and what is in it."""
    made, generator = {}, torch.Generator().manual_seed(0)
    file = folder / "source" / "cifar-100-binary.tar.gz"
    file.parent.mkdir()
    with tarfile.open(file, "w:gz") as out:
        for part, count in records.items():
            made[part] = torch.randint(0, 100, (count, 3074), generator=generator, dtype=torch.uint8)
            entry = tarfile.TarInfo(f"cifar-100-binary/{part}.bin")
            entry.size = made[part].numel()
            out.addfile(entry, io.BytesIO(made[part].numpy().tobytes()))
    return file, made


def test_cifar100_is_fetched_once_and_read_as_its_author_wrote_it(tmp_path, monkeypatch):
    file, made = archive(tmp_path, {"train": 12, "test": 4})
    monkeypatch.setattr(cifar100, "URL", file.as_uri())
    with pytest.raises(ValueError, match="cifar100 was downloaded with a wrong checksum: try again"):
        cifar100.load(tmp_path / "kept", "train", 8)
    assert list((tmp_path / "kept").iterdir()) == []
    monkeypatch.setattr(cifar100, "MD5", hashlib.md5(file.read_bytes()).hexdigest())
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "kept"))
    monkeypatch.setattr(tasks, "MOST", 8)
    task = tasks.load.__wrapped__("cifar100")
    file.unlink()
    again, classes = cifar100.load(tmp_path / "kept", "test", 4)
    assert task.classes == 100 and [len(part[1]) for part in (task.train, task.valid, task.test)] == [6, 2, 2]
    assert torch.equal(classes, made["test"][:, 1].long())
    assert torch.equal((again * 255).round().flatten(1), made["test"][:, 2:].float())
    assert torch.equal(torch.cat([task.train[1], task.valid[1]]), made["train"][:8, 1].long())
    assert task.train[0].shape == (6, 3, 32, 32) and abs(float(task.train[0].mean())) < 1e-5
    assert networks.build("resnet8", (3, 32, 32), task.classes, 0)(task.test[0]).shape == (2, 100)


def test_cifar100_that_cannot_be_fetched_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(cifar100, "URL", (tmp_path / "nowhere.tar.gz").as_uri())
    with pytest.raises(ValueError, match=r"cifar100 is not on this computer and cannot be .*--data digits"):
        cifar100.load(tmp_path / "kept", "train", 8)


def test_data_that_cannot_be_fetched_say_so(monkeypatch):
    def offline(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(neural.images, "fetch_openml", offline)
    with pytest.raises(ValueError, match=r"mnist is not on this computer and cannot be .*--data"):
        tasks.load("mnist")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--seeds", "0"], "--seeds must be >= 1, got 0"), (["--epochs", "0"], "--epochs must be >= 1, got 0")],
)
def test_bad_input_says_what_to_do(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=f"^{message}$"):
        main([*COMMAND, "--out", str(tmp_path), *arguments])


def test_a_command_that_cannot_go_on_ends_with_its_sentence(tmp_path):
    command = [sys.executable, "-m", "rbo.experiments", *COMMAND, "--out", str(tmp_path)]
    command += ["--scheduler", "tcp://127.0.0.1:9"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == UNREACHED
    message = r"^error: .*127.0.0.1:9 cannot be reached .*: start one with 'dask sch"
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


@pytest.mark.timeout(400)
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
            assert time.monotonic() - waited < 150 and sweeping.poll() is None
            time.sleep(0.02)
        started[1].send_signal(signal.SIGKILL)
        there = len(list(folder.glob("*.json")))
        assert sweeping.wait(200) == 0
    finally:
        for process in reversed(started):
            process.kill()
            process.communicate()
    runs = table1.runs("digits", ["mlp"], ["sgd", "rbo"], 4, 1)
    assert there < len(runs) == len(list(folder.glob("*.json")))
    for run in runs[::3]:
        saved = json.loads((folder / f"{run.key}.json").read_text(encoding="utf-8"))
        assert timeless(saved) == timeless(json.loads(json.dumps(train(run))))
