"""The rolling loop: place the balls, step them together, check what they did, say why each one ended.

Balls take a few steps on the contacts they know; then a global search completes the contacts of all those
steps at once (`contact.base`). A ball goes on from the last step that the complete contacts would have given
too, so the balls of a batch may be at different times.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rbo import settings
from rbo.contact import ContactSolver, Rigid
from rbo.contact.base import PreparedSolver, State, View
from rbo.graph import Graph, Loss
from rbo.path import CODES, Outcome, Path, outcomes
from rbo.records import map_tensors, take

CHUNK = 10  # steps between two checks at most


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
        loss: differentiable callable (*B, d) -> (*B,) for any batch; see `rbo.graph` for the closed forms it
            may offer.
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
        ValueError: for an argument out of its range, a start outside the domain, a loss or a closed form of
            the wrong shape; `LossRaised` where the loss raises.

    >>> bowl = lambda p: p.square().sum(-1)
    >>> contact = Rigid(domain=((-2, 2), (-2, 2)))
    >>> path = roll(bowl, torch.tensor([1.0, 0.5]), radius=0.2, lr=0.1, steps=60, contact=contact)
    >>> bool(path.losses[-1] < 1e-6), str(path.outcome)
    (True, 'rests')
    """
    settings.check_start(start)
    settings.check_steps(steps)
    settings.check_positive("loss_scale", loss_scale)
    settings.check_loss(loss, start)
    settings.check_batch(loss, start)
    if contact is None and not hasattr(loss, "domain"):
        raise ValueError("contact is required for a loss without a domain: contact=rbo.Rigid(domain=...)")
    if contact is not None:
        settings.check_part("contact", contact, "prepare", "Rigid(domain=...)")
    radii = settings.rates("radius", radius, steps + 1, start)
    rates = settings.rates("lr", lr, max(steps, 1), start)
    start, radii, rates = settings.one_batch(start, radius=radii, lr=rates)
    batch, d = start.shape[:-1], start.shape[-1]
    graph = Graph(loss, loss_scale)
    with torch.inference_mode():
        solver = (contact or Rigid(loss.domain)).prepare(graph, start.reshape(-1, d), radii)
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
        self.span = torch.full_like(self.time, CHUNK)  # steps to try before the next check
        self.under_way = torch.ones_like(self.time, dtype=torch.bool)

    def run(self, start: Tensor) -> Rolling:
        """Roll from start (n, d) to the end of every ball."""
        state, self.spent = self.solver.place(start, self.radii[0])  # (n,) gradient evaluations
        view = self.solver.view(state, self.radii[0])
        self.record = [part.new_zeros(self.total + 1, *part.shape) for part in parts(view)]
        self.evaluations = torch.zeros_like(self.radii)
        self._write(
            torch.zeros_like(self.time), torch.arange(len(start), device=start.device), view, self.spent
        )
        finite = view.center.isfinite().all(-1)
        self.code = torch.where(finite, self.code, CODES.index(Outcome.NOT_FINITE))
        self.under_way = finite & (self.time < self.total)
        rows = self.under_way.nonzero()[:, 0]
        state = take(state, rows)
        while len(rows):
            state = self._advance(rows, state)
            on = self.under_way[rows]
            rows, state = rows[on], take(state, on)
        return self

    def _advance(self, rows: Tensor, first: State) -> State:
        """Let some balls (m,) take a few steps; where each then is, at the last that stands."""
        time = self.time[rows]
        count = min(int(self.span[rows].max()), self.total - int(time.min()))
        ahead = torch.arange(count + 1, device=rows.device)[:, None]
        now = time + ahead  # (K+1, m)
        rates = self.rates[now.clamp_max(self.total - 1), rows] / self.graph.scale
        radii = self.radii[now.clamp_max(self.total), rows]
        states = [first]
        for rate, radius in zip(rates[:-1], radii[1:], strict=True):
            states.append(self.solver.step(states[-1], rate, radius))
        states = map_tensors(lambda *t: torch.stack(t), *states)  # (K+1, m, ...)
        tried = (ahead[:-1] < self.span[rows]) & (now[:-1] < self.total)
        states, stands, checking = self.solver.check(states, rates, radii, tried)
        spent = self.spent[rows] + (tried * (self.solver.cost(radii[1:]) + checking)).cumsum(0)
        views = self.solver.view(states, radii)
        view, at = take(views, slice(1, None)), self.solver.position(views)
        finite = view.center.isfinite().all(-1) & view.contact.isfinite().all(-1)
        inside, way = self.solver.inside(view), at.diff(dim=0)
        left = at[1:].isfinite().all(-1) & ~inside  # so far, perhaps, that there is no contact any more
        rests = way.norm(dim=-1) <= rest_tolerance(rates[:-1] * self.graph.scale)
        tried &= stands.cumprod(0) > 0
        kept = (tried & finite & inside & ~rests).long().cumprod(0) > 0
        k, j = kept.nonzero().unbind(1)
        self._write(now[k + 1, j], rows[j], take(view, (k, j)), spent[k, j])
        self.spent[rows] = spent[-1]
        done = kept.sum(0)
        self._move_on(rows, done, (tried, finite, rests, left))
        return take(states, (done, torch.arange(len(rows), device=rows.device)))

    def _move_on(self, rows: Tensor, done: Tensor, marks: tuple[Tensor, ...]) -> None:
        """Move each ball's time on by the steps done (m,), and note why the next one, if it stands, is not
        taken."""
        at = done.clamp_max(len(marks[0]) - 1), torch.arange(len(rows), device=rows.device)
        tried, finite, rests, left = (mark[at] for mark in marks)
        self.time[rows] += done
        self.span[rows] = (4 * done).clamp(1, CHUNK)
        ended = tried & (done < len(marks[0]))
        code = self.code[rows]
        for mark, outcome in ((rests, Outcome.RESTS), (~finite, Outcome.NOT_FINITE), (left, Outcome.LEFT)):
            code = torch.where(ended & mark, CODES.index(outcome), code)
        self.code[rows] = code
        self.under_way[rows] = ~ended & (self.time[rows] < self.total)

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
