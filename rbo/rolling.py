"""The rolling loop: place the balls, step them together, say why each one ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import torch
from torch import Tensor

from rbo import settings
from rbo.contact import ContactSolver, Rigid
from rbo.contact.base import BallState, PreparedSolver
from rbo.graph import Graph, Loss
from rbo.path import CODES, Outcome, Path, outcomes

CHUNK = 10  # steps between two looks at the host: has everyone ended, is every search certified?


def roll(
    loss: Loss,
    start: Tensor,
    radius: settings.Rate,
    lr: settings.Rate,
    steps: int,
    contact: ContactSolver | None = None,
    loss_scale: float = 1.0,
) -> Path:
    """Roll balls over the graph of a loss (Belgoumri et al., arXiv 2505.19527).

    Args:
        loss: differentiable callable (*B, d) -> (*B,); see `rbo.graph` for the closed forms it may offer.
        start: (*B, d); its dtype and device are used throughout. Batches of start, radius and lr are broadcast.
        radius: ρ > 0 in the units of θ and λf: a number, a tensor (*B,) or a schedule step -> number.
        lr: η > 0 as in gradient descent, θ ← θ − η∇f: a number, a tensor (*B,) or a schedule.
        steps: T, an integer >= 0.
        contact: how the contact is found: `Rigid`, `Footpoint` (d = 1, 2) or `Descent` (any d). None: `Rigid` on `loss.domain`.
        loss_scale: λ > 0: the ball lives in (θ, λf), the descent uses η∇f.

    Returns:
        Path of T steps.

    Raises:
        ValueError: for an argument out of its range, a start outside the domain, a loss of the wrong shape.

    >>> bowl = lambda p: p.square().sum(-1)
    >>> path = roll(bowl, torch.tensor([1.0, 0.5]), radius=0.2, lr=0.1, steps=60, contact=Rigid(((-2, 2), (-2, 2))))
    >>> bool(path.losses[-1] < 1e-6), path.outcome
    (True, <Outcome.STEPS: 'steps used up'>)
    """
    settings.check_start(start)
    settings.check_steps(steps)
    settings.check_scale(loss_scale)
    settings.check_loss(loss, start)
    if contact is None and not hasattr(loss, "domain"):
        raise ValueError("contact is required for a loss without a domain: contact=rbo.Rigid(domain=...)")
    radii, rates, start = broadcast(start, radius, lr, steps)
    batch, d = start.shape[:-1], start.shape[-1]
    graph = Graph(loss, loss_scale)
    with torch.no_grad():
        solver = (contact or Rigid(loss.domain)).prepare(graph, start.reshape(-1, d), float(radii.max()))
        history = Rolling(graph, solver, radii.reshape(steps + 1, -1), rates.reshape(steps + 1, -1)).run(start.reshape(-1, d))
    return history.path(batch)


def broadcast(start: Tensor, radius: settings.Rate, lr: settings.Rate, steps: int) -> tuple[Tensor, Tensor, Tensor]:
    """Radii and rates (T+1, *B) and starts (*B, d) of one batch shape."""
    radii = settings.rates("radius", radius, steps + 1, start)
    rates = settings.rates("lr", lr, steps + 1, start)
    try:
        batch = torch.broadcast_shapes(start.shape[:-1], radii.shape[1:], rates.shape[1:])
    except RuntimeError:
        raise ValueError(
            f"batch shapes of start {tuple(start.shape[:-1])}, radius {tuple(radii.shape[1:])} and "
            f"lr {tuple(rates.shape[1:])} do not fit"
        ) from None
    radii, rates = (
        r.reshape(steps + 1, *[1] * (len(batch) - r.dim() + 1), *r.shape[1:]).expand(steps + 1, *batch) for r in (radii, rates)
    )
    return radii, rates, start.expand(*batch, start.shape[-1])


@dataclass(frozen=True)
class Moment:
    """n balls at one step, with what is known of their ends."""

    state: BallState
    radius: Tensor  # (n,)
    alive: Tensor  # (n,) bool
    code: Tensor  # (n,) outcome so far
    end: Tensor  # (n,) steps moved
    doubt: Tensor | None  # (n, kinds) what could not be certified on the way here, also where the ball then did not move


@dataclass
class Rolling:
    """The loop over steps; radii and rates are (T+1, n)."""

    graph: Graph
    solver: PreparedSolver
    radii: Tensor
    rates: Tensor

    def run(self, start: Tensor) -> History:
        moments, evaluations = [self._place(start)], [self._spent()]
        total = len(self.radii) - 1
        while len(moments) <= total:
            if not moments[-1].alive.any():
                rest = total + 1 - len(moments)
                return History(self.graph, moments + moments[-1:] * rest, evaluations + evaluations[-1:] * rest)
            chunk, spent = self._chunk(moments[-1], range(len(moments), min(len(moments) + CHUNK, total + 1)))
            moments += chunk
            evaluations += spent
        return History(self.graph, moments, evaluations)

    def _place(self, start: Tensor) -> Moment:
        radius = self.radii[0]
        state = self.solver.place(start, radius)
        while self._harder([state.doubt]):
            state = self.solver.place(start, radius)
        alive = state.center.isfinite().all(-1)
        code = torch.where(alive, CODES.index(Outcome.STEPS), CODES.index(Outcome.NOT_FINITE))
        return Moment(state, radius, alive, code, torch.zeros_like(code), state.doubt)

    def _chunk(self, first: Moment, steps: Iterable[int]) -> tuple[list[Moment], list[int]]:
        """The moments of some steps and the evaluations after each, searched again until no doubt is left."""
        while True:
            moments, spent = [first], []
            for step in steps:
                moments.append(self._step(moments[-1], step))
                spent.append(self._spent())
            if not self._harder([m.doubt for m in moments[1:]]):
                self.solver = self.solver.eased()
                return moments[1:], spent

    def _step(self, now: Moment, step: int) -> Moment:
        rate, radius = self.rates[step - 1], self.radii[step]
        proposed = self.solver.step(now.state, rate / self.graph.scale, radius)
        finite = proposed.state.center.isfinite().all(-1) & proposed.state.contact.isfinite().all(-1)
        rests = proposed.motion.norm(dim=-1) <= rest_tolerance(rate)
        moves = now.alive & finite & proposed.inside & ~rests
        code = torch.where(rests, CODES.index(Outcome.RESTS), now.code)
        code = torch.where(proposed.inside, code, CODES.index(Outcome.LEFT))
        code = torch.where(finite, code, CODES.index(Outcome.NOT_FINITE))
        return Moment(
            choose(moves, proposed.state, now.state),
            torch.where(moves, radius, now.radius),
            moves,
            torch.where(now.alive, code, now.code),
            torch.where(moves, step, now.end),
            None if proposed.state.doubt is None else proposed.state.doubt & now.alive[:, None],
        )

    def _harder(self, doubts: list[Tensor | None]) -> bool:
        """Whether a search was in doubt and a harder one is now in place."""
        if doubts[0] is None:
            return False
        doubt = torch.stack(doubts).any(0)
        harder = self.solver.harder(doubt) if doubt.any() else None
        self.solver = harder or self.solver
        return harder is not None

    def _spent(self) -> int:
        return self.graph.gradients // self.radii.shape[1]


@dataclass(frozen=True)
class History:
    """All moments of a run, before they become a Path."""

    graph: Graph
    moments: list[Moment]
    evaluations: list[int]

    def path(self, batch: torch.Size) -> Path:
        frames = len(self.moments)
        last = self.moments[-1]

        def stack(tensors: Iterable[Tensor]) -> Tensor:
            whole = torch.stack(list(tensors))
            return whole.reshape(frames, *batch, *whole.shape[2:])

        return Path(
            contacts=stack(m.state.contact for m in self.moments),
            losses=stack(m.state.height for m in self.moments) / self.graph.scale,
            evaluations=torch.tensor(self.evaluations),
            ends=last.end.reshape(batch),
            outcome=outcomes(last.code.reshape(batch)),
            centers=stack(m.state.center for m in self.moments),
            touching=stack(m.state.touching for m in self.moments),
            radii=stack(m.radius for m in self.moments),
            graph=self.graph,
        )


def rest_tolerance(rate: Tensor) -> Tensor:
    """A step this short is rest: the gradient is zero to half the digits of the dtype."""
    return torch.finfo(rate.dtype).eps ** 0.5 * rate


def choose(mask: Tensor, new: Any, old: Any) -> Any:
    """new where mask (n,), else old, in every tensor of a nested record."""
    if isinstance(new, Tensor):
        return torch.where(mask.reshape(-1, *[1] * (new.dim() - 1)), new, old)
    if is_dataclass(new):
        return type(new)(**{f.name: choose(mask, getattr(new, f.name), getattr(old, f.name)) for f in fields(new)})
    return new
