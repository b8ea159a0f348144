"""Out of the plane: the ball and the point methods in the full weight space, seen from the plane.

From the point under the start they may go anywhere. Drawn on the plane, such a path is a shadow: at θ the
loss is f(θ), but under its shadow Pθ the picture shows f(Pθ). Both are kept for every step, and the share of
the way from the start that lies in the plane,

    |P(θ_t − θ_0)|² / |θ_t − θ_0|².

The ball is the authors' (`rbo.Descent`), which needs no search: there is none in so many dimensions.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

import rbo
from interface.experiment import METHODS, Point
from interface.neural.run import Run
from interface.neural.slicing import Slicing, cut
from interface.neural.study import Study
from interface.pool import Lane, Task
from interface.shared import Shared
from landscapes.neural import Plane, Slice, flat, loss_slice, unflat

BALL, DESCENT = "Ball in all weights", "Gradient descent in all weights"
TRAINING = "Training"
KEPT = 32


@dataclass(frozen=True)
class Leaving:
    """What the runs in the full weight space depend on.

    Args:
        slicing, start: where they start.
        steps, lr: of all.
        radius, inner_steps, inner_lr: ρ, N and γ of the ball, λ = 1.
        methods: beside gradient descent.
    """

    slicing: Slicing
    start: Point
    steps: int
    lr: float
    radius: float
    inner_steps: int
    inner_lr: float
    methods: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Shadow:
    """A path in the full weight space as the plane shows it.

    Attributes:
        name: whose.
        places: (T+1, 2) its projection.
        steps: (T+1,) of the method.
        losses: (T+1,) f at the weights.
        plane: (T+1,) f at the projection.
        inside: (T+1,) the share of the way from the start that lies in the plane; nan where there is no way
            yet.
        whole: the same of all steps together, squares added.
        end: last step at which it moved.
        outcome: a sentence.
        evaluations: (T+1,) gradients so far.
    """

    name: str
    places: np.ndarray
    steps: np.ndarray
    losses: np.ndarray
    plane: np.ndarray
    inside: np.ndarray
    whole: float
    end: int
    outcome: str
    evaluations: np.ndarray


def leaving(study: Study, run: Run) -> Leaving:
    """What the runs of a study depend on."""
    return Leaving(
        slicing=run.slicing,
        start=run.start,
        steps=run.steps,
        lr=study.free_lr,
        radius=study.free_radius,
        inner_steps=study.inner_steps,
        inner_lr=study.inner_lr,
        methods=study.methods,
    )


def shadow(name: str, exact: Slice, path: Tensor, losses: Tensor, **words: object) -> Shadow:
    """A path (T+1, P) of flat weights with its losses (T+1,), seen from a plane."""
    places = exact.plane.coordinates(path)
    basis = torch.stack([flat(exact.plane.first), flat(exact.plane.second)], -1).double()
    moved = places - places[0]
    within = (moved @ (basis.T @ basis) * moved).sum(-1)
    total = (path - path[0]).double().square().sum(-1)
    share = torch.where(total > 0, within / total, torch.nan)  # none of it at the start
    whole = float(within.sum() / total.sum()) if total.sum() > 0 else 1.0
    return Shadow(
        name=name,
        places=places.numpy(),
        losses=losses.double().numpy(),
        plane=exact(places).detach().numpy(),
        inside=share.clamp(0, 1).numpy(),
        whole=whole,
        **words,
    )


@st.cache_data(max_entries=KEPT, show_spinner=False)
def training(key: Slicing) -> Shadow:
    """The training path."""
    trained = cut(key).trained
    steps = trained.recorded.numpy()
    return shadow(
        TRAINING,
        cut(key).exact,
        trained.path,
        trained.losses,
        steps=steps,
        end=len(steps) - 1,
        outcome=trained.outcome[0].upper() + trained.outcome[1:] + ".",
        evaluations=steps,
    )


def shadows(key: Leaving) -> tuple[Shadow, ...]:
    """Ball, gradient descent and further methods."""
    return _shadows().get(Task(walked, _walk(key), Lane.NEXT, key))


def has_shadows(key: Leaving) -> bool:
    """Whether they cost no time."""
    return _shadows().has(key)


@st.cache_resource(show_spinner=False)
def _shadows() -> Shared:
    return Shared(KEPT)


@dataclass(frozen=True, eq=False)
class Walk:
    """What a process needs for the runs of `key`: the network, its data, and the plane that they leave."""

    key: Leaving
    model: nn.Module
    inputs: Tensor
    targets: Tensor
    plane: Plane


def _walk(key: Leaving) -> Walk:
    here = cut(key.slicing)
    data = here.trained.dataset
    return Walk(key, here.trained.model, data.inputs, data.targets, here.exact.plane)


def walked(walk: Walk) -> tuple[Shadow, ...]:
    """What a process computes: the runs, and how the plane shows them."""
    key = walk.key
    exact = loss_slice(walk.model, F.cross_entropy, (walk.inputs, walk.targets), walk.plane)
    loss = WholeLoss(walk)
    start = flat(exact.weights(torch.tensor(key.start))).detach()
    ball = rbo.roll(
        loss,
        start,
        radius=key.radius,
        lr=key.lr,
        steps=key.steps,
        contact=rbo.Descent(key.inner_steps, key.inner_lr),
    )
    found = [_seen(BALL, exact, ball)]
    for name in ("", *key.methods):
        title, part = METHODS.get(name, (DESCENT, rbo.GradientDescent()))
        path = rbo.descend(loss, start, lr=key.lr, steps=key.steps, method=part)
        found.append(_seen(f"{title} in all weights" if name else title, exact, path))
    return tuple(found)


def _seen(name: str, exact: Slice, path: rbo.Path) -> Shadow:
    steps = np.arange(len(path.losses))
    return shadow(
        name,
        exact,
        path.contacts,
        path.losses,
        steps=steps,
        end=int(path.ends),
        outcome=path.advice,
        evaluations=path.evaluations_of.numpy(),
    )


class WholeLoss:
    """The loss of a slice at any weights (*B, P) -> (*B,), the network and its data as in the slice."""

    def __init__(self, walk: Walk):
        self.model = copy.deepcopy(walk.model)  # functional_call swaps weights: no two threads share it
        self.inputs, self.targets, self.like = walk.inputs, walk.targets, walk.plane.origin

    def __call__(self, theta: Tensor) -> Tensor:
        rows = [self._one(row) for row in theta.reshape(-1, theta.shape[-1])]
        return torch.stack(rows).reshape(theta.shape[:-1])

    def _one(self, row: Tensor) -> Tensor:
        outputs = functional_call(self.model, unflat(row, self.like), (self.inputs,))
        return F.cross_entropy(outputs, self.targets)
