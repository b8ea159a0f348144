"""How fast a slice of a network's loss is, against a plain loop and three libraries, in the same run.

    python -m benchmarks.slices

51 × 51 points, two threads, three networks. The libraries run in an environment of their own (`KEPT`, made
on the first run) under the same torch: `slice_rivals.py` there gets the same network, data and directions.
Each does what its documentation names for a plane:

    loss_landscapes.random_plane                           weights moved in place, one forward a point
    loss_landscape_3d.LossLandscapeCalculator.calculate    a state dict loaded at each point
    nngeom.lossland.plane_slice_2d                         a flat NumPy vector written back at each point

`loss_landscapes` draws its own directions; the others are given ours, and must find our heights. Each sees
all samples in one batch, as ours does, and keeps no gradient. Our time is that of `slice.grid(51)`, and for
information also with the making of the slice.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

from benchmarks.clock import fastest
from benchmarks.table import Row, printed
from landscapes import neural

SIDE = 51
THREADS = 2
ROUNDS = 3  # the fastest of them, turn by turn
RIVALS = {"loss-landscapes": "3.0.6", "loss-landscape-3d": "0.1.3", "nngeom": "0.2.0"}
ROOT = Path(__file__).parents[1]
KEPT = Path.home() / ".cache" / "rolling-ball" / "slices"  # outside the checkout: its files are not ours
TRAININGS = {  # name: training, how often faster than a loop
    "MLP on moons": (neural.Training(neural.Data("moons"), neural.MLP(2, 32)), 3.0),
    "MLP on digits": (neural.Training(neural.Data("digits", samples=1437), neural.MLP(2, 32)), 3.0),
    "CNN on digits": (neural.Training(neural.Data("digits", samples=600), neural.CNN(8), steps=100), 1.0),
}


def rows() -> list[Row]:
    """Everything this benchmark measures."""
    threads = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        python = environment()
        return [
            row
            for name, (training, least) in TRAININGS.items()
            for row in compared(name, training, least, python)
        ]
    finally:
        torch.set_num_threads(threads)


def compared(name: str, training: neural.Training, least: float, python: Path) -> list[Row]:
    """Ours against the loop and the libraries on one network."""
    done = neural.fit(training)
    batch = (done.dataset.inputs, done.dataset.targets)
    part = neural.RandomDirections()
    f = neural.loss_slice(done.model, F.cross_entropy, batch, part)
    case = case_file(name, training, done, f)
    axis = f.axes(SIDE)[0]
    ours, whole, loop, others = [], [], [], []
    for _ in range(ROUNDS):
        ours.append(fastest(lambda: f.grid(SIDE)))
        whole.append(fastest(lambda: neural.loss_slice(done.model, F.cross_entropy, batch, part).grid(SIDE)))
        loop.append(fastest(lambda: looped(done.model, batch, f.plane, axis)))
        others.append(rivals(python, case))
    few = f.axes(9)[0]
    expected = looped(done.model, batch, f.plane, few)
    error = ((f.grid([few, few]) - expected) / expected).abs().max()
    best = min(ours)
    found = [
        Row(f"{name}: slice.grid({SIDE}), {f.way}", 1e3 * best, "ms"),
        Row(f"{name}: the same with making the slice", 1e3 * min(whole), "ms"),
        Row(f"{name}: largest relative difference from the loop", float(error), "", at_most=1e-5),
        Row(f"{name}: plain loop of functional_call", 1e3 * min(loop), "ms"),
        Row(f"{name}: faster than the plain loop", min(loop) / best, "×", at_least=least),
    ]
    for rival in RIVALS:
        theirs = min(round_[rival] for round_ in others)
        found.append(Row(f"{name}: {rival} {RIVALS[rival]}", 1e3 * theirs, "ms"))
        found.append(Row(f"{name}: faster than {rival}", theirs / best, "×", at_least=1.0))
    return found


@torch.no_grad()
def looped(
    model: nn.Module, batch: tuple[torch.Tensor, torch.Tensor], plane: neural.Plane, axis: torch.Tensor
) -> torch.Tensor:
    """The plain loop: weights, functional_call, loss."""
    losses = torch.empty(len(axis), len(axis))
    for i, a in enumerate(axis):
        for j, b in enumerate(axis):
            weights = {k: w + a * plane.first[k] + b * plane.second[k] for k, w in plane.origin.items()}
            losses[i, j] = F.cross_entropy(functional_call(model, weights, (batch[0],)), batch[1])
    return losses


def case_file(name: str, training: neural.Training, done: neural.Trained, f: neural.Slice) -> Path:
    """Layers, weights, data and directions, as a file that needs none of our modules."""
    kinds = {
        nn.Linear: ("in_features", "out_features"),
        nn.Conv2d: ("in_channels", "out_channels", "kernel_size", "padding"),
        nn.MaxPool2d: ("kernel_size",),
    }
    layers = [
        (type(layer).__name__, {key: getattr(layer, key) for key in kinds.get(type(layer), ())})
        for layer in done.model
    ]
    KEPT.mkdir(parents=True, exist_ok=True)
    file = KEPT / f"{name.replace(' ', '_')}.pt"
    content = {
        "layers": layers,
        "state": done.model.state_dict(),
        "inputs": done.dataset.inputs,
        "targets": done.dataset.targets,
        "first": f.plane.first,
        "second": f.plane.second,
        "heights": f.grid(SIDE),
        "side": SIDE,
        "threads": THREADS,
    }
    torch.save(content, file)
    return file


def rivals(python: Path, case: Path) -> dict[str, float]:
    """Seconds of each library on a case."""
    run = subprocess.run(
        [python, "-m", "benchmarks.slice_rivals", case],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    return json.loads(run.stdout.splitlines()[-1])


def environment() -> Path:
    """The Python of an environment with the libraries and our torch; made where it is missing."""
    folder = KEPT / "venv"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = folder / "complete"
    if not stamp.exists():
        venv.create(folder, clear=True, with_pip=True)
        pins = [f"{package}=={version}" for package, version in RIVALS.items()]
        subprocess.run(
            [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                f"torch=={torch.__version__.partition('+')[0]}",
                *pins,
            ],
            check=True,
        )
        stamp.touch()
    return python


if __name__ == "__main__":
    print(printed("Slices of neural networks", rows()))
