"""What the stories claim of several seeds: networks trained, cut and measured as the page does it.

    python -m interface.neural.seeds        train and measure them all, some minutes; writes both files

Each row of seeds.csv is a study that the page can open, and what is measured of it. The heights are those of
the page, with the loss scale that makes each picture equally high for its width; the ball has a tenth of that
width. A clean slice is the loss with the true labels, on the same plane; its valley is its lowest point in
the picture. The weights of the first seed are in seeds.npz: rounding, which differs between processors, grows
while a network learns.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st
import torch
import torch.nn.functional as F

import rbo
from interface import compute
from interface.neural.run import Run, usual
from interface.neural.slicing import Cut, cut, slicing
from interface.neural.study import Study
from landscapes.neural import Slice, loss_slice
from landscapes.neural.sampled import sampled

FILE = Path(__file__).parent / "seeds.csv"
WEIGHTS = FILE.with_suffix(".npz")
NOISY = Study(
    samples=150,
    depth=3,
    width=32,
    optimiser="adam",
    rate=0.01,
    train_steps=1500,
    plane="random",
    corrupted=0.4,
)
DEEP = Study(
    data="digits",
    samples=100,
    corrupted=0.0,
    model="plain",
    blocks=4,
    optimiser="adam",  # SGD at a rate that trains the one as fast throws the other off now and then
    rate=0.003,
    batch=100,
    train_steps=150,
    plane="random",
    span=0.5,
    side=21,
)
PLAIN = {"corrupted": NOISY, "model": DEEP}  # what is varied, of which network
VALUES = {"corrupted": (0.0, 0.2, 0.4), "model": ("residual", "plain")}
SEEDS = {"corrupted": 20, "model": 12}
KEPT = 16


@dataclass(frozen=True)
class Measured:
    """What is measured of one network.

    Attributes:
        loss, held: its loss on what it learned, and the share of the samples held out that are right.
        minima: local minima of its slice.
        curvature: rms of the principal curvatures of the slice as it is drawn.
        unreachable: the share of it that a ball of a tenth of its width cannot touch.
        ball_away, descent_away: from the clean valley to where the ball and gradient descent end, in widths.
        ball_clean, descent_clean: the clean loss there.
    """

    loss: float
    held: float
    minima: int
    curvature: float
    unreachable: float
    ball_away: float
    descent_away: float
    ball_clean: float
    descent_clean: float


def studies(varied: str) -> Iterator[Study]:
    """The networks of one comparison, which differ in `varied` and in their seed."""
    for seed in range(SEEDS[varied]):
        for value in VALUES[varied]:
            yield replace(PLAIN[varied], seed=seed, plane_seed=seed, **{varied: value})


@st.cache_data(max_entries=KEPT, show_spinner=False)
def measure(study: Study) -> Measured:
    """Train the network of a study, cut and measure it."""
    run = usual(slicing(study))
    here, drawn = run.cut(), compute.grid(run)
    heights, width = run.scale * drawn.losses, drawn.x[-1] - drawn.x[0]
    spacing = width / (len(drawn.x) - 1)
    clean, bottom, places = clean_slice(here), valley(study), ends(run)
    return Measured(
        loss=float(here.trained.losses[-1]),
        held=float(here.trained.held_accuracies[-1]),
        minima=rbo.local_minima(heights),
        curvature=rbo.rms_curvature(heights, spacing),
        unreachable=rbo.unreachable_share(heights, spacing, run.radius),
        **{f"{name}_away": float(np.hypot(*(end - bottom)) / width) for name, end in places.items()},
        **{f"{name}_clean": float(clean(torch.tensor(end))) for name, end in places.items()},
    )


def clean_slice(here: Cut) -> Slice:
    """The loss with the true labels, on the same plane."""
    data, exact = here.trained.dataset, here.exact
    if torch.equal(data.clean, data.targets):
        return exact
    batch = data.inputs, data.clean
    return loss_slice(here.trained.model, F.cross_entropy, batch, exact.plane, domain=exact.domain)


@st.cache_data(max_entries=KEPT, show_spinner=False)
def valley(study: Study) -> np.ndarray:
    """The lowest point (2,) of the clean slice, among those at which a picture is drawn."""
    run = usual(slicing(study))
    here, drawn = run.cut(), compute.grid(run)
    clean = clean_slice(here)
    surface = here.spline if clean is here.exact else sampled(clean, study.side)
    heights = surface.grid([torch.tensor(axis) for axis in (drawn.x, drawn.y)])
    row, column = divmod(int(heights.argmin()), len(drawn.y))
    return np.array([drawn.x[row], drawn.y[column]])


def ends(run: Run) -> dict[str, np.ndarray]:
    """Where the ball, by its contact, and gradient descent end: (2,) each."""
    ball, descent = compute.balls(run, whole=False), compute.points(run)[0]
    return {"ball": ball.contacts[0, ball.ends[0], :2], "descent": descent.contacts[descent.end, :2]}


def write() -> None:
    """Measure all networks and write them, a row each as it comes; then the weights of the first seed."""
    names = [field.name for field in fields(Measured)]
    with FILE.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(["varied", "value", "seed", *names])
        for varied in SEEDS:
            for study in studies(varied):
                found = measure(study)
                numbers = [f"{getattr(found, name):.6g}" for name in names]
                rows.writerow([varied, getattr(study, varied), study.seed, *numbers])
                out.flush()
    np.savez_compressed(WEIGHTS, **first_weights())


def first_weights() -> dict[str, np.ndarray]:
    """All parameters and statistics of the networks of seed 0, by `varied/value/name`."""
    return {
        f"{varied}/{getattr(study, varied)}/{name}": tensor.numpy()
        for varied in SEEDS
        for study in studies(varied)
        if study.seed == 0
        for name, tensor in cut(slicing(study)).trained.model.state_dict().items()
    }


def kept(varied: str, value: object) -> dict[str, torch.Tensor]:
    """The state dict of a network of seed 0, as it was when it was measured."""
    start = f"{varied}/{value}/"
    with np.load(WEIGHTS) as file:
        return {
            name.removeprefix(start): torch.from_numpy(file[name]) for name in file if name.startswith(start)
        }


@lru_cache(maxsize=1)
def known() -> dict[Study, Measured]:
    """What the file says of each network."""
    with FILE.open(newline="", encoding="utf-8") as rows:
        told = {(row["varied"], row["value"], int(row["seed"])): row for row in csv.DictReader(rows)}
    return {
        study: _measured(told[varied, str(getattr(study, varied)), study.seed])
        for varied in SEEDS
        for study in studies(varied)
    }


def _measured(row: dict[str, str]) -> Measured:
    numbers = {field.name: float(row[field.name]) for field in fields(Measured)}
    return Measured(**numbers | {"minima": int(numbers["minima"])})


if __name__ == "__main__":
    write()
