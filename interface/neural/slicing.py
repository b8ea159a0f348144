"""Study -> course of the training -> slice and spline. All sessions share them; each is bounded in number.

A course is looked up by its training: what one reader has trained, no other trains again, and two who train
at once share nothing but the processor. Some trainings are shipped.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st
import torch.nn.functional as F

from interface.neural import shipped, uploads
from interface.neural.study import Study
from landscapes import Landscape
from landscapes.neural import (
    Directions,
    HessianDirections,
    PathDirections,
    RandomDirections,
    Slice,
    ThreePoints,
    Trained,
    Training,
    loss_slice,
)
from landscapes.neural.course import Course, given
from landscapes.neural.sampled import departure, sampled

COURSES, CUTS = 48, 24  # a cut keeps its own course
PATHS = 1 << 28  # bytes of recorded weights of all courses, and of all cuts; the latest is kept anyway


@dataclass(frozen=True)
class Slicing:
    """What a slice depends on.

    Args:
        training, stopped: which weights.
        plane, plane_seed, span, side: as in `Study`.
        weights: the digest of weights from a file, instead of trained ones, or ''.
        corners: of the plane 'three': the steps whose weights span it; else empty.
    """

    training: Training
    stopped: int | None
    plane: str
    plane_seed: int
    span: float
    side: int
    weights: str = ""
    corners: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Cut:
    """A slice and its spline.

    Attributes:
        course: of the training, or of weights from a file.
        trained: the network and its path, as far as the slice wants it.
        exact: the loss on the plane.
        spline: what balls and points run on, and what is drawn.
        departure: how far the two are apart at most where it was tried, as a share of the range.
    """

    course: Course
    trained: Trained
    exact: Slice
    spline: Landscape
    departure: float


def slicing(study: Study) -> Slicing:
    """What the slice of a study depends on; a seed counts only where directions are drawn."""
    seed = study.plane_seed if study.plane in ("random", "hessian") else 0
    corners = study.corners if study.plane == "three" else ()
    how = seed, study.span, study.side, study.weights, corners
    return Slicing(study.training(), study.stopped, study.plane, *how)


@st.cache_resource(show_spinner=False)
def _courses() -> tuple[threading.Lock, OrderedDict[tuple[Training, str], Course]]:
    return threading.Lock(), OrderedDict()


def course(training: Training, weights: str = "") -> Course:
    """The course of a training, begun if it is new, or of weights from a file; those asked for least lately
    are given up.

    Raises:
        ValueError: the file is no longer kept, or is of another network.
    """
    lock, known = _courses()
    key = training, weights
    with lock:
        if key in known:
            known.move_to_end(key)
            return known[key]
    new = _begun(training, weights)  # may load data
    with lock:
        found = known.setdefault(key, new)
        give_up(known, COURSES, lambda kept: sum(record.weights.nbytes for record in kept.records))
    return found


def give_up(known: OrderedDict[Any, Any], most: int, size: Callable[[Any], int]) -> None:
    """Let go of those asked for least lately, until there are few enough and their paths fit."""
    sizes = [size(kept) for kept in known.values()]
    while len(sizes) > most or (len(sizes) > 1 and sum(sizes) > PATHS):
        known.popitem(last=False)
        del sizes[0]


def _begun(training: Training, weights: str) -> Course:
    if weights:
        return given(training, uploads.kept(weights), "its weights came in a file")
    return shipped.course(training)


def has_cut(key: Slicing) -> bool:
    """Whether a slice costs no time."""
    return key in _cuts()[1].copy()


@st.cache_resource(show_spinner=False)
def _cuts() -> tuple[threading.Lock, OrderedDict[Slicing, Cut], dict[Slicing, threading.Lock]]:
    return threading.Lock(), OrderedDict(), {}


def cut(key: Slicing) -> Cut:
    """The slice; where two ask for the same one, one computes it."""
    lock, known, under_way = _cuts()
    with lock:
        if key in known:
            known.move_to_end(key)
            return known[key]
        mine = under_way.setdefault(key, threading.Lock())
    with mine:
        with lock:
            if key in known:
                return known[key]
        try:
            made = _cut(key)
        finally:
            with lock:
                under_way.pop(key, None)
        with lock:
            known[key] = made
            give_up(known, CUTS, lambda kept: kept.trained.path.nbytes)
    return made


def _cut(key: Slicing) -> Cut:
    follow = course(key.training, key.weights)
    while not follow.reaches(key.stopped):
        follow.advance()
    trained = follow.trained(key.stopped)
    batch = trained.dataset.inputs, trained.dataset.targets
    plane = directions(key, trained).plane(trained.model, F.cross_entropy, batch)
    exact = loss_slice(trained.model, F.cross_entropy, batch, plane, domain=spread(plane.domain, key.span))
    first = plane.coordinates(trained.path[0])
    spline = sampled(exact, key.side, tuple(first.tolist()))
    return Cut(follow, trained, exact, spline, departure(spline, exact))


def directions(key: Slicing, trained: Trained) -> Directions:
    """The part that makes the plane."""
    if key.plane == "random":
        return RandomDirections(key.plane_seed)
    if key.plane == "hessian":
        return HessianDirections(key.plane_seed)
    path = trained.path
    if len(path) < 3:
        raise ValueError(f"this plane needs a training of three records, and {trained.outcome}")
    if key.plane == "path":
        return PathDirections(path)
    return through(trained, key.corners)


def through(trained: Trained, corners: tuple[int, ...]) -> ThreePoints:
    """The plane through the weights at three steps, or at the records next to them."""
    rows = [int((trained.recorded - step).abs().argmin()) for step in corners]
    steps = trained.recorded[rows].tolist()
    if len(set(steps)) < 3:
        raise ValueError(f"three different weights span a plane, these are of the steps {list_of(steps)}")
    first, middle, last = trained.path[rows]
    title = f"three weight vectors, of the steps {list_of(steps)}"
    return ThreePoints(last, first, middle, orthonormalised=True, title=title)


def list_of(steps: list[int]) -> str:
    """Steps as a sentence lists them.

    >>> list_of([0, 200, 400])
    '0, 200 and 400'
    """
    return f"{', '.join(map(str, steps[:-1]))} and {steps[-1]}"


def spread(domain: tuple[tuple[float, float], ...], span: float) -> tuple[tuple[float, float], ...]:
    """A domain grown or shrunk about its middle."""
    return tuple(
        ((low + high) / 2 - span * (high - low) / 2, (low + high) / 2 + span * (high - low) / 2)
        for low, high in domain
    )
