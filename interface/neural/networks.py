"""The network under the ball: what it predicts at some frames of a run.

On the slice the weights under a ball are θ₀ + a d₁ + b d₂ at its contact (a, b); of the training they are its
own, as they were.
"""

from __future__ import annotations

import copy

import numpy as np
import streamlit as st
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.func import functional_call

from figures.decision import Boundary, Confusion
from interface import compute
from interface.neural.run import Run
from landscapes.neural import Dataset, flat, unflat

FRAMES = 25
SIDE = 45  # of the grid on which a network is drawn
ROOM = 0.15  # around the points, as a share of their extent


@st.cache_data(max_entries=48, show_spinner=False)
def followed(run: Run, under: str) -> Boundary | Confusion:
    """What the network under a walker predicts, at up to 25 frames."""
    here = run.cut()
    frames, weights = _weights(run, under)
    data, model = here.trained.dataset, copy.deepcopy(here.trained.model)
    planar = len(data.sample) == 1
    x, y = _axes(data) if planar else (np.empty(0), np.empty(0))
    grid = torch.cartesian_prod(torch.from_numpy(y).float(), torch.from_numpy(x).float()).flip(1)
    maps, losses, right, held = [], [], [], []
    for row in weights:
        named = unflat(row, here.exact.plane.origin)
        with torch.no_grad():
            out, judged = (functional_call(model, named, (d,)) for d in (data.inputs, data.held_inputs))
            losses.append(float(F.cross_entropy(out, data.targets)))
            right.append(_share(out, data.targets))
            held.append(_share(judged, data.held_targets))
            if planar:
                maps.append(functional_call(model, named, (grid,)).softmax(-1)[:, 1].view(len(y), len(x)))
            else:
                maps.append(_counts(judged.argmax(-1), data.held_targets, data.classes))
    common = {
        "steps": frames,
        "losses": np.array(losses),
        "accuracies": np.array(right),
        "held": np.array(held),
    }
    shown = torch.stack(maps).numpy()
    if not planar:
        return Confusion(counts=shown, **common)
    return Boundary(
        x=x,
        y=y,
        probabilities=shown,
        points=data.inputs.numpy(),
        labels=data.targets.numpy(),
        wrong=(data.targets != data.clean).numpy(),
        **common,
    )


def _weights(run: Run, under: str) -> tuple[np.ndarray, Tensor]:
    """Steps (K,) and flat weights (K, P)."""
    here = run.cut()
    if under == "training":
        rows = key_frames(len(here.trained.path) - 1)
        return here.trained.recorded.numpy()[rows], here.trained.path[rows]
    if under == "ball":
        ball = compute.balls(run, whole=False)
        path, end = ball.contacts[0], int(ball.ends[0])
    else:
        descent = compute.points(run)[0]
        path, end = descent.contacts, descent.end
    rows = key_frames(end)
    places = torch.from_numpy(path[rows, :2].copy())
    return rows, torch.stack([flat(here.exact.plane.at(place)) for place in places])


def key_frames(end: int) -> np.ndarray:
    """Up to 25 steps from 0 to `end`, evenly spaced.

    >>> key_frames(3).tolist(), len(key_frames(250))
    ([0, 1, 2, 3], 25)
    """
    return np.unique(np.linspace(0, end, FRAMES).round().astype(int))


def _axes(data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    low, high = data.inputs.amin(0), data.inputs.amax(0)
    room = ROOM * (high - low)
    return tuple(
        np.linspace(a, b, SIDE) for a, b in zip((low - room).tolist(), (high + room).tolist(), strict=True)
    )


def _share(outputs: Tensor, targets: Tensor) -> float:
    return float((outputs.argmax(-1) == targets).float().mean())


def _counts(predicted: Tensor, targets: Tensor, classes: int) -> Tensor:
    """How often class i (row) was taken for class j (column)."""
    return torch.bincount(targets * classes + predicted, minlength=classes**2).view(classes, classes)
