"""What every contact solver offers to the rolling loop, which knows none of them by name.

A step is a guess: it follows the contacts it knows. The loop lets the balls take a few steps; then a global
search completes the contacts of all of them at once, and tells which steps stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from rbo import settings
from rbo.graph import Graph
from rbo.spacing import Sides

State = Any  # a solver's own record of n balls: tensors (n, ...), nested in frozen dataclasses


@dataclass(frozen=True)
class View:
    """What a path shows of balls (*N,), in the units of λf."""

    contact: Tensor  # (*N, d)
    center: Tensor  # (*N, d+1)
    height: Tensor  # (*N,) λf at the contact
    touching: Tensor  # (*N,) number of contacts


class PreparedSolver(Protocol):
    """A solver bound to a graph and to the largest radius it will see."""

    def place(self, start: Tensor, radius: Tensor) -> tuple[State, Tensor]:
        """Put n balls of radius (n,) at start (n, d); the gradients that this asked for, (n,)."""

    def step(self, state: State, lr: Tensor, radius: Tensor) -> State:
        """A guess of one step with rate lr (n,), in units of λf, to balls of radius (n,), by the contacts
        that are known. No wait for the device."""

    def cost(self, radius: Tensor) -> Tensor:
        """Gradients that a guess of one step asks for, of balls of radius (*N,), each by itself: (*N,)."""

    def check(self, states: State, lr: Tensor, radius: Tensor, tried: Tensor) -> tuple[State, Tensor, Tensor]:
        """Complete the states to which the K steps between states (K+1, m, ...) lead, by a global search.

        The first state is complete. lr and radius (K+1, m) are the rates of the steps that begin at the
        states, and the radii there; only the steps tried (K, m) matter.

        Returns:
            The states, complete; which steps (K, m) the complete state at their beginning would give too; and
            the gradients (K, m) that it asked for at the states to which they lead.
        """

    def view(self, state: State, radius: Tensor) -> View:
        """What states (*N, ...) of balls of radius (*N,) look like."""

    def position(self, view: View) -> Tensor:
        """What the steps move: the ball's centre or its contact, (*N, d). Its ends are judged there."""

    def inside(self, view: View) -> Tensor:
        """Which balls are within the domain, (*N,)."""


class ContactSolver(Protocol):
    """Settings of a contact solver, validated once."""

    def prepare(self, graph: Graph, start: Tensor, radii: Tensor) -> PreparedSolver:
        """Bind to a graph; start (n, d) gives dtype and device."""


def check_domain(domain: Any, most: int = 2) -> Sides:
    """A domain as d pairs (low, high), 1 <= d <= most.

    Raises:
        ValueError: if it is anything else.
    """
    try:
        sides = tuple((float(low), float(high)) for low, high in domain)
    except (TypeError, ValueError):
        raise ValueError(f"domain must be pairs (low, high), one a dimension, got {domain!r}") from None
    if not 1 <= len(sides) <= most:
        raise ValueError(f"domain must have 1 to {most} dimensions, got {len(sides)}")
    for low, high in sides:
        if not (low < high and abs(low) + abs(high) < float("inf")):
            raise ValueError(f"domain needs finite low < high on every side, got ({low}, {high})")
    return sides


def check_spacing(spacing: float | None) -> None:
    """A spacing is None or a finite number > 0."""
    if spacing is not None:
        settings.check_positive("spacing", spacing)


def check_start(sides: Sides, start: Tensor) -> None:
    """Raise ValueError unless every start (n, d) lies in the domain."""
    if start.shape[-1] != len(sides):
        raise ValueError(f"start has {start.shape[-1]} coordinates but the domain has {len(sides)}")
    outside = ~within(sides, start)
    if outside.any():
        point = tuple(start[outside][0].tolist())
        raise ValueError(f"start {point} lies outside the domain {sides}")


def within(sides: Sides | Tensor, points: Tensor) -> Tensor:
    """Which points (*B, d) lie in the box, (*B,). Sides as a tensor (d, 2) on their device are not copied."""
    low, high = torch.as_tensor(sides, dtype=points.dtype, device=points.device).unbind(-1)
    return ((points >= low) & (points <= high)).all(-1)
