"""What every contact solver offers to the rolling loop, which knows none of them by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from rbo.graph import Graph
from rbo.heightfield import Sides


@dataclass(frozen=True)
class BallState:
    """n balls at one step, in the units of λf."""

    contact: Tensor  # (n, d)
    center: Tensor  # (n, d+1)
    height: Tensor  # (n,) λf at the contact
    touching: Tensor  # (n,) number of contacts
    doubt: Tensor | None = None  # (n, kinds) bool: what in the search behind this state could not be certified
    memory: Any = None  # what the solver wants to see again at the next step


@dataclass(frozen=True)
class Step:
    """A proposed next state and what the step says about the end of a run, each (n,) or (n, d)."""

    state: BallState
    motion: Tensor  # (n, d) the way moved, for the test of rest
    inside: Tensor  # (n,) bool: still within the domain


class PreparedSolver(Protocol):
    """A solver bound to a graph and to the largest radius it will see."""

    def place(self, start: Tensor, radius: Tensor) -> BallState:
        """Put n balls of radius (n,) at start (n, d)."""

    def step(self, state: BallState, lr: Tensor, radius: Tensor) -> Step:
        """One step with rate lr (n,), in units of λf, to a ball of radius (n,)."""

    def harder(self, doubt: Tensor) -> PreparedSolver | None:
        """The same solver with a search that settles the doubt (n, kinds) of these balls, or None where it can do no more."""

    def eased(self) -> PreparedSolver:
        """The solver for the steps after a doubt was settled: what is rarely needed is given up again."""


class ContactSolver(Protocol):
    """Settings of a contact solver, validated once."""

    def prepare(self, graph: Graph, start: Tensor, largest_radius: float) -> PreparedSolver:
        """Bind to a graph; start (n, d) gives dtype and device."""


def check_domain(domain: Any) -> Sides:
    """A domain as d pairs (low, high), d = 1 or 2.

    Raises:
        ValueError: if it is anything else.
    """
    try:
        sides = tuple((float(low), float(high)) for low, high in domain)
    except (TypeError, ValueError):
        raise ValueError(f"domain must be pairs (low, high), one a dimension, got {domain!r}") from None
    if len(sides) not in (1, 2):
        raise ValueError(f"domain must have 1 or 2 dimensions, got {len(sides)}")
    for low, high in sides:
        if not (low < high and abs(low) + abs(high) < float("inf")):
            raise ValueError(f"domain needs finite low < high on every side, got ({low}, {high})")
    return sides


def check_start(sides: Sides, start: Tensor) -> None:
    """Raise ValueError unless every start (n, d) lies in the domain."""
    if start.shape[-1] != len(sides):
        raise ValueError(f"start has {start.shape[-1]} coordinates but the domain has {len(sides)}")
    outside = ~within(sides, start)
    if outside.any():
        point = tuple(start[outside][0].tolist())
        raise ValueError(f"start {point} lies outside the domain {sides}")


def within(sides: Sides, points: Tensor) -> Tensor:
    """Which points (*B, d) lie in the box, (*B,)."""
    low, high = points.new_tensor(sides).unbind(-1)
    return ((points >= low) & (points <= high)).all(-1)
