"""A step never waits for the device: none of its operations hands a number, or a shape, back to the host.

Seen on any machine: what would wait on a graphics card is an operation of its own on a processor, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import landscapes
import rbo

F64 = torch.float64
WAITING = ("nonzero", "_local_scalar_dense", "masked_select", "equal", "is_nonzero", "unique", "lift_fresh")
SURFACES = [name for name in landscapes.names() if landscapes.get(name).dim == 2]


class Waits(TorchDispatchMode):
    """Notes every operation whose result the host must know before it can go on."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        name = func.__name__.split(".")[0]
        masks = name in ("index", "index_put", "index_put_", "_index_put_impl_") and any(
            index is not None and index.dtype in (torch.bool, torch.uint8) for index in args[1]
        )
        if masks or any(name.startswith(waiting) for waiting in WAITING):
            self.seen.append(str(func))
        return func(*args, **(kwargs or {}))


@dataclass
class Watched:
    """A contact solver whose steps are watched."""

    solver: Any
    waits: Waits = field(default_factory=Waits)
    steps: int = 0

    def prepare(self, *settings: Any) -> Watched:
        self.prepared = self.solver.prepare(*settings)
        return self

    def step(self, *arguments: Any) -> Any:
        self.steps += 1
        with self.waits:
            return self.prepared.step(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.prepared, name)


def rolled(loss: Any, solver: Any, radius: Any, start: Any, lr: float) -> Watched:
    watched = Watched(solver)
    rbo.roll(loss, torch.tensor(start, dtype=F64), radius=radius, lr=lr, steps=12, contact=watched)
    return watched


@pytest.mark.parametrize("name", SURFACES)
def test_a_step_of_the_rigid_ball_does_not_wait(name: str):
    loss = landscapes.get(name)
    width = loss.domain[0][1] - loss.domain[0][0]
    radii = width * torch.tensor([1e-3, 0.02, 0.2], dtype=F64)  # small for the grid, and large
    watched = rolled(loss, rbo.Rigid(loss.domain), radii, loss.start, loss.lr)
    assert watched.steps and watched.waits.seen == []


@pytest.mark.parametrize("contact", [rbo.Footpoint(((-3, 3), (-3, 3))), rbo.Descent(steps=5, lr=0.1)])
@pytest.mark.parametrize("closed", [True, False])
def test_a_step_of_the_others_does_not_wait(contact: Any, closed: bool):
    loss = landscapes.get("wrinkled_bowl") if closed else lambda p: p.square().sum(-1) + torch.sin(p[..., 0])
    watched = rolled(loss, contact, 0.3, [[1.0, 0.5], [-2.0, 1.0]], 0.05)
    assert watched.steps and watched.waits.seen == []


def test_a_ball_that_grows_from_small_to_large_does_not_wait():
    loss = landscapes.get("wrinkled_bowl")
    watched = rolled(loss, rbo.Rigid(loss.domain), lambda t: 0.02 + 0.1 * t, loss.start, loss.lr)
    assert watched.steps and watched.waits.seen == []


def test_what_waits_is_seen():
    with Waits() as waits:
        torch.ones(3).nonzero()
        torch.ones(3)[torch.ones(3) > 0]
        bool(torch.ones(1) > 0)
    assert len(waits.seen) >= 3
