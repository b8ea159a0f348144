"""The rolling loop: place the balls, step them together, check what they did, say why each one ended.

Balls take a few steps on a guess and are then judged all at once by a global search (`contact.base`). A
ball that has missed something goes back to the step before and tries again, so the balls of a batch may be
at different times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import torch
from torch import Tensor

from rbo import settings
from rbo.contact import ContactSolver, Rigid
from rbo.contact.base import PreparedSolver, State, View
from rbo.graph import Graph, Loss
from rbo.path import CODES, Outcome, Path, outcomes

CHUNK = 10  # steps between two checks; the same for all: a ball of a batch takes the path it takes alone


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
        start: (*B, d); its dtype and device are used throughout. Batches of start, radius and lr are
            broadcast.
        radius: ρ > 0 in the units of θ and λf: a number, a tensor (*B,) or a schedule step -> number of the
            radii after 0, ..., T steps.
        lr: η > 0 as in gradient descent, θ ← θ − η∇f: a number, a tensor (*B,) or a schedule of the rates of
            the steps 0, ..., T−1.
        steps: T, an integer >= 0.
        contact: how the contact is found: `Rigid`, `Footpoint` (d = 1, 2) or `Descent` (any d). None:
            `Rigid` on `loss.domain`.
        loss_scale: λ > 0: the ball lives in (θ, λf), the descent uses η∇f.

    Returns:
        Path of T steps.

    Raises:
        ValueError: for an argument out of its range, a start outside the domain, a loss of the wrong shape.

    >>> bowl = lambda p: p.square().sum(-1)
    >>> contact = Rigid(domain=((-2, 2), (-2, 2)))
    >>> path = roll(bowl, torch.tensor([1.0, 0.5]), radius=0.2, lr=0.1, steps=60, contact=contact)
    >>> bool(path.losses[-1] < 1e-6), str(path.outcome)
    (True, 'rests')
    """
    settings.check_start(start)
    settings.check_steps(steps)
    settings.check_scale(loss_scale)
    settings.check_loss(loss, start)
    if contact is None and not hasattr(loss, "domain"):
        raise ValueError("contact is required for a loss without a domain: contact=rbo.Rigid(domain=...)")
    radii = settings.rates("radius", radius, steps + 1, start)
    rates = settings.rates("lr", lr, max(steps, 1), start)
    start, radii, rates = settings.one_batch(start, radius=radii, lr=rates)
    batch, d = start.shape[:-1], start.shape[-1]
    graph = Graph(loss, loss_scale)
    with torch.inference_mode():
        solver = (contact or Rigid(loss.domain)).prepare(graph, start.reshape(-1, d), float(radii.max()))
        balls = Rolling(graph, solver, radii.reshape(len(radii), -1), rates.reshape(len(rates), -1))
        balls.run(start.reshape(-1, d))
    with torch.no_grad():  # outside of inference mode: autograd may use what is returned
        return balls.path(batch)


class Rolling:
    """n balls under way: radii (T+1, n), rates (T, n); every record is (T+1, n, ...), filled up to each
    ball's own time."""

    def __init__(self, graph: Graph, solver: PreparedSolver, radii: Tensor, rates: Tensor):
        self.graph, self.solver, self.radii, self.rates = graph, solver, radii, rates
        self.total, n = len(radii) - 1, radii.shape[1]
        self.time = torch.zeros(n, dtype=torch.long, device=radii.device)  # steps done
        self.code = torch.full_like(self.time, CODES.index(Outcome.STEPS))
        self.tries = torch.zeros_like(self.time)  # failed guesses in a row
        self.under_way = torch.ones_like(self.time, dtype=torch.bool)
        self.spent = torch.zeros(n, device=radii.device)  # gradient evaluations

    def run(self, start: Tensor) -> Rolling:
        """Roll from start (n, d) to the end of every ball."""
        state = self.solver.place(start, self.radii[0])
        view = self.solver.view(state, self.radii[0])
        self.record = [part.new_zeros(self.total + 1, *part.shape) for part in parts(view)]
        self.evaluations = torch.zeros(self.total + 1, len(start), device=start.device)
        self.spent += self.graph.take_count() / len(start)
        self._write(
            torch.zeros_like(self.time), torch.arange(len(start), device=start.device), view, self.spent
        )
        finite = view.center.isfinite().all(-1)
        self.code = torch.where(finite, self.code, CODES.index(Outcome.NOT_FINITE))
        self.under_way = finite & (self.time < self.total)
        rows, hints = self.under_way.nonzero()[:, 0], None
        state = take(state, rows)
        while len(rows):
            state, hints = self._advance(rows, state, hints)
            on = self.under_way[rows]
            rows, state = rows[on], take(state, on)
            hints = hints if hints is None else hints[on]
        return self

    def _advance(self, rows: Tensor, first: State, hints: Tensor | None) -> tuple[State, Tensor | None]:
        """Let some balls (m,) take a chunk of steps and keep those that stand the check.

        Returns where each ball then is, and hints (m, h, d) for its next step.
        """
        ahead = torch.arange(min(CHUNK, self.total - int(self.time[rows].min())), device=rows.device)[:, None]
        now = (self.time[rows] + ahead).clamp_max(self.total - 1)  # (K, m)
        rates, radii = self.rates[now, rows], self.radii[now + 1, rows]
        again = (self.tries[rows] > 0).nonzero()[:, 0]
        if hints is not None and len(again):
            known = self.solver.recall(
                take(first, again), self.radii[self.time[rows], rows][again], hints[again]
            )
            first = map_tensors(lambda whole, part: whole.index_copy(0, again, part), first, known)
        thorough = self.tries[rows] >= 2
        states, helped = [first], thorough if thorough.any() else None
        for rate, radius in zip(rates / self.graph.scale, radii, strict=True):
            states.append(self.solver.step(states[-1], rate, radius, hints, helped))
            hints = None  # of use in the first step: what is found there is followed
        states = map_tensors(lambda *t: torch.stack(t), *states)  # (K+1, m, ...)
        view = self.solver.view(map_tensors(lambda t: t[1:], states), radii)
        before = self.solver.view(first, self.radii[self.time[rows], rows])
        marks = self._marks(states, view, before, rates, radii, rows)
        good, finite, inside, rests, hints = marks
        spent = self.graph.take_count() / now.numel()
        in_time = self.time[rows] + ahead < self.total
        kept = (
            (good & finite & inside & ~rests & in_time).long().cumprod(0)
        )  # up to the first that ends or fails
        k, j = kept.nonzero().unbind(1)
        self._write(
            self.time[rows[j]] + k + 1, rows[j], take(view, (k, j)), self.spent[rows[j]] + (k + 1) * spent
        )
        self.spent[rows] += len(now) * spent
        done, column = kept.sum(0), torch.arange(len(rows), device=rows.device)
        failed = self._move_on(rows, done, thorough, (good, finite, inside, rests))
        if hints is not None:
            hints = hints[(done - (~failed).long()).clamp(0, len(hints) - 1), column]
        return take(states, (done, column)), hints

    def _marks(
        self, states: State, view: View, before: View, rates: Tensor, radii: Tensor, rows: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor | None]:
        """Of K steps of m balls: which stand the check, are finite, inside, at rest, all (K, m); hints (K,
        m, h, d)."""
        good, hints = self._check(states, torch.cat([self.radii[self.time[rows], rows][None], radii]), rows)
        finite = view.center.isfinite().all(-1) & view.contact.isfinite().all(-1)
        place = self.solver.position
        way = torch.cat([place(before)[None], place(view)]).diff(dim=0)
        return good, finite, self.solver.inside(view), way.norm(dim=-1) <= rest_tolerance(rates), hints

    def _check(self, states: State, radii: Tensor, rows: Tensor) -> tuple[Tensor, Tensor | None]:
        """Which guesses (K, m) stand, and hints (K, m, h, d); radii are (K+1, m)."""
        verdict = self.solver.check(states, radii)
        if verdict is None:
            return torch.ones_like(radii[1:], dtype=torch.bool), None
        verdict.good[0] |= self.tries[rows] >= 3  # nothing helped: take it as it is, the clearance will tell
        return verdict.good, verdict.hints

    def _move_on(self, rows: Tensor, done: Tensor, thorough: Tensor, marks: tuple[Tensor, ...]) -> Tensor:
        """Move each ball's time on by the steps done (m,), note ends and failures; which have failed,
        (m,)."""
        count, column = len(marks[0]), torch.arange(len(rows), device=rows.device)
        good, finite, inside, rests = (
            mark[done.clamp_max(count - 1), column] for mark in marks
        )  # first not done
        self.time[rows] += done
        over = self.time[rows] >= self.total
        stopped = (done < count) & ~over
        failed = stopped & ~good & ~rests & inside
        code = torch.where(stopped & ~failed & ~finite, CODES.index(Outcome.NOT_FINITE), self.code[rows])
        code = torch.where(stopped & rests, CODES.index(Outcome.RESTS), code)
        self.code[rows] = torch.where(stopped & ~inside & finite, CODES.index(Outcome.LEFT), code)
        self.under_way[rows] = ~over & (~stopped | failed)
        again = torch.where(done == 0, self.tries[rows] + 1, 1)
        self.tries[rows] = torch.where(
            failed, again, thorough.long()
        )  # where a climb was needed one will be again
        return failed

    def _write(self, time: Tensor, rows: Tensor, view: View, spent: Tensor) -> None:
        for record, part in zip((*self.record, self.evaluations), (*parts(view), spent), strict=True):
            record[time, rows] = part

    def path(self, batch: torch.Size) -> Path:
        """The record, each ball held where it ended."""
        frames = torch.arange(self.total + 1, device=self.time.device)[:, None]
        held = torch.minimum(frames, self.time)  # (T+1, n)
        every = torch.arange(len(self.time), device=self.time.device)
        contact, center, height, touching, evaluations, radii = (
            part[held, every] for part in (*self.record, self.evaluations, self.radii)
        )

        def shaped(values: Tensor) -> Tensor:
            return values.reshape(self.total + 1, *batch, *values.shape[2:])

        return Path(
            contacts=shaped(contact),
            losses=shaped(height) / self.graph.scale,
            evaluations=evaluations.mean(1).round().long(),
            evaluations_of=shaped(evaluations.round().long()),
            ends=self.time.clone().reshape(batch),
            outcome=outcomes(self.code.reshape(batch)),
            centers=shaped(center),
            touching=shaped(touching),
            radii=shaped(radii),
            graph=self.graph,
        )


def parts(view: View) -> tuple[Tensor, ...]:
    """Its tensors, in the order of the record."""
    return view.contact, view.center, view.height, view.touching


def rest_tolerance(rate: Tensor) -> Tensor:
    """A step this short is rest: the gradient is zero to half the digits of the dtype."""
    return torch.finfo(rate.dtype).eps ** 0.5 * rate


def map_tensors(act: Callable[..., Tensor], first: Any, *others: Any) -> Any:
    """act on the tensors of nested records of one type, place by place."""
    if isinstance(first, Tensor):
        return act(first, *others)
    parts = {f.name: map_tensors(act, *(getattr(r, f.name) for r in (first, *others))) for f in fields(first)}
    return type(first)(**parts)


def take(state: Any, index: Any) -> Any:
    """Some places of every tensor of a nested record."""
    return map_tensors(lambda t: t[index], state)
