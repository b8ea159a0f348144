"""Radius × learning rate (Figure 5 of arXiv 2505.19527), on a landscape and on a network.

A row of the result is one run: radius, rate, its loss where it ends, whether it diverged, and on a network
its accuracy on test images. Radius 0 is gradient descent, the row that the ball is compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

import landscapes
from rbo.contact import Rigid
from rbo.experiments.maps import DIVERGED
from rbo.experiments.networks import build
from rbo.experiments.tasks import load
from rbo.experiments.training import RECIPE, Run, train
from rbo.points import descend
from rbo.rolling import roll

Row = dict[str, Any]
COLUMNS = ("radius", "lr", "loss", "accuracy", "diverged")
RADII = (1 / 200, 1 / 4)  # of a domain's width
ROWS = 4  # radii in a strip: a search looks as far as the largest ball of its batch
POINT = 0.0  # the radius of gradient descent
DECADES = 2  # of rates on either side of a landscape's own
NETWORK_RADII, NETWORK_RATES = (0.03, 30.0), (0.003, 30.0)


def spaced(low: float, high: float, count: int) -> tuple[float, ...]:
    """So many numbers of three digits, by equal factors.

    >>> spaced(0.01, 1.0, 3)
    (0.01, 0.1, 1.0)
    """
    return tuple(float(f"{value:.3g}") for value in np.geomspace(low, high, count))


@dataclass(frozen=True)
class Strip:
    """A few radii of the map of a landscape at every rate, in one batch, double precision.

    From the landscape's own start with its own loss scale. The radius POINT, alone, is gradient descent.
    """

    landscape: str
    cells: int
    steps: int
    radii: tuple[float, ...]

    @property
    def key(self) -> str:
        """A name for files, the same for the same strip."""
        return f"{self.landscape}-{self.cells}-{self.steps}-{self.radii[0]:g}-{RECIPE}"


def landscape_runs(name: str, cells: int, steps: int | None = None) -> list[Strip]:
    """The strips of the map of a landscape, gradient descent first.

    Raises:
        ValueError: for a landscape that is not known.
    """
    surface = landscapes.get(name)
    width = max(high - low for low, high in surface.domain)
    radii = spaced(*(share * width for share in RADII), cells)
    strips = [(POINT,), *(radii[k : k + ROWS] for k in range(0, cells, ROWS))]
    return [Strip(name, cells, surface.steps if steps is None else steps, some) for some in strips]


def roll_strip(strip: Strip, folder: str | None = None) -> dict[str, Any]:
    """{"rows": [...]}, radii after rates; it is too short to keep a checkpoint in the folder."""
    torch.set_num_threads(1)  # strips go in parallel
    surface = landscapes.get(strip.landscape)
    lrs = spaced(surface.lr / 10**DECADES, surface.lr * 10**DECADES, strip.cells)
    rates, start = torch.tensor(lrs, dtype=torch.float64), torch.tensor(surface.start, dtype=torch.float64)
    if strip.radii == (POINT,):
        path = descend(surface, start, rates[None], strip.steps, domain=surface.domain)
    else:
        radii, contact = torch.tensor(strip.radii, dtype=torch.float64), Rigid(surface.domain)
        path = roll(surface, start, radii[:, None], rates[None], strip.steps, contact, surface.loss_scale)
    losses, lost = path.losses[-1].tolist(), np.isin(path.outcome.astype(str), DIVERGED).tolist()
    cells = [(i, j) for i in range(len(strip.radii)) for j in range(len(lrs))]
    return {"rows": [row(strip.radii[i], lrs[j], losses[i][j], lost[i][j]) for i, j in cells]}


def on_landscape(results: Sequence[dict[str, Any]]) -> list[Row]:
    """The rows of results."""
    return [one for found in results for one in found["rows"]]


def row(radius: float, lr: float, loss: float, diverged: bool, accuracy: float | None = None) -> Row:
    """A run; one that diverged has no loss."""
    return {
        "radius": radius,
        "lr": lr,
        "loss": None if diverged else loss,
        "accuracy": accuracy,
        "diverged": int(diverged),
    }


def network_runs(data: str, model: str, cells: int, epochs: int, seed: int = 0) -> list[Run]:
    """The runs of the map of a network: SGD at every rate, then the ball of the table with every radius."""
    rates = spaced(*NETWORK_RATES, cells)
    point = [Run(data, model, "sgd", lr, seed, epochs, 0) for lr in rates]
    radii = spaced(*NETWORK_RADII, cells)
    return point + [
        Run(data, model, "rbo", lr, seed, epochs, 0, radius=radius) for radius in radii for lr in rates
    ]


def on_network(results: Sequence[dict[str, Any]]) -> list[Row]:
    """The rows of results: the mean loss of the last epoch, and the accuracy after it."""
    return [
        row(
            found["run"]["radius"] or 0.0,
            found["run"]["lr"],
            found["curve"][-1]["loss"],
            found["diverged"],
            found["curve"][-1]["test"],
        )
        for found in results
    ]


def several(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The results of runs, one after the other: a part of a map."""
    return [train(run) for run in runs]


def first_loss(data: str, model: str, seed: int = 0) -> float:
    """The loss of a network that has learned nothing, on all its training images."""
    inputs, targets = load(data).train
    network = build(model, tuple(inputs.shape[1:]), load(data).classes, seed)
    with torch.inference_mode():
        return float(cross_entropy(network(inputs), targets))


def told(rows: Sequence[Row]) -> str:
    """The best run of gradient descent and of the ball, and how many diverged."""
    said = []
    for name, own in (
        ("gradient descent", [r for r in rows if r["radius"] == 0]),
        ("ball", [r for r in rows if r["radius"] > 0]),
    ):
        ended = [r for r in own if not r["diverged"]]
        said.append(f"{name}: {len(own) - len(ended)} of {len(own)} runs diverged")
        if ended:
            best = min(ended, key=lambda r: r["loss"])
            score = "" if best["accuracy"] is None else f", accuracy {best['accuracy']:.2f} %"
            place = f"radius {best['radius']:g}, rate {best['lr']:g}"
            said[-1] += f"; lowest loss {best['loss']:.4g} at {place}{score}"
    return "\n".join(said)
