"""The contact equation: a ball at x touches Γ smoothly where θ = x + ρ g/s.

There the drop D(θ) = f(θ) + √(ρ² − |x−θ|²) is stationary. Newton's matrix is I − ρS, S the shape operator
(`geometry.shape_operator`): well conditioned on steep slopes, where D itself is not, and its inverse is how
the contact drifts with the ball, dθ/dx. Multiplied by I + ggᵀ it is symmetric, and positive definite at a
maximum of D.

Components come first here, which is several times faster than last, and a curve is a cylinder: θ = (θ_1, 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, addcmul, hypot
from torch.linalg import vecdot

from rbo.contact.places import Contacts
from rbo.graph import Graph
from rbo.newton import Symmetric, components, points

# The last update may raise the drop by this, in radii, on its quadratic model: the error is of higher order.
NEAR = 1e-4
REACHED = 1e-8  # the same, where a top must have been reached
STILL = 1e-6  # an update this short, in radii, is the last
ASCENT = 10  # updates at most to reach a top


@dataclass(frozen=True)
class Balls:
    """Balls *B on the graph of a loss in d = 1 or 2 dimensions."""

    graph: Graph
    d: int
    x: Tensor  # (2, *B) their centres
    radius: Tensor  # (*B,)

    def some(self, rows: Tensor) -> Balls:
        """Some of them, (N,)."""
        return Balls(self.graph, self.d, self.x[:, rows], self.radius[rows])

    def linearised(self, theta: Tensor) -> Linearised:
        """Their contact equation at places θ (2, *B)."""
        height, grad, hess = self.graph.jet(points(theta, self.d))
        grad, bend = components(grad), Symmetric.of(hess)
        ratio = self.radius * (1 + vecdot(grad, grad, dim=0)).rsqrt_()
        away = theta - self.x
        residual = addcmul(away, ratio, grad, value=-1)
        shape = Symmetric.metric(grad)
        side = addcmul(residual, vecdot(grad, residual, dim=0), grad)  # (I + ggᵀ)(θ − x − ρg/s)
        matrix = shape.plus(ratio, bend, -1)  # I + ggᵀ − ρH/s
        return Linearised(self, theta, away, height, grad, bend, ratio, side, matrix, matrix.solve(side))


@dataclass(frozen=True)
class Linearised:
    """The contact equation of balls at places θ, linearised."""

    balls: Balls
    theta: Tensor  # (2, *B)
    away: Tensor  # (2, *B) θ − x
    height: Tensor  # (*B,) λf
    grad: Tensor  # (2, *B) g
    bend: Symmetric  # H
    ratio: Tensor  # (*B,) ρ/s
    side: Tensor  # (2, *B) (I + ggᵀ)(θ − x − ρg/s)
    matrix: Symmetric  # I + ggᵀ − ρH/s
    step: Tensor  # (2, *B) Newton's, to be taken from θ

    @property
    def maximum(self) -> Tensor:
        """Where Newton leads to a maximum of the drop, (*B,)."""
        return self.matrix.positive

    @cached_property
    def drops(self) -> Tensor:
        """D(θ), (*B,); nan out of reach."""
        radius, distance = self.balls.radius, hypot(*self.away)
        return ((radius - distance) * (radius + distance)).sqrt_().add_(self.height)

    def moved(self, step: Tensor) -> Tensor:
        """θ − step, no further than a radius either way, (2, *B)."""
        radius = self.balls.radius
        return self.theta - torch.clamp(step, -radius, radius)

    def contacts(self, near: float) -> Contacts:
        """The contacts (*B,) that the quadratic model foretells; none where the drop has no maximum, or
        rises by more than `near` radii to it."""
        # Newton's decrement: ∇²D = −(s/ρ) matrix
        rise = vecdot(self.side, self.step, dim=0).div_(self.ratio).mul_(0.5)
        most = torch.add(near * self.balls.radius, self.drops.abs(), alpha=16 * torch.finfo(rise.dtype).eps)
        none = ((rise <= most) & (most < torch.inf) & self.maximum).logical_not_()
        inverse = self.matrix.inverse
        return Contacts.of(
            torch.where(none, self.balls.x, self.theta - self.step),
            (self.drops + rise).masked_fill_(none, -torch.inf),
            self.bend.times(self.step, self.grad, -1).masked_fill_(none, 0.0),
            inverse.diagonal,
            inverse.off,
        )


def settle(
    balls: Balls, theta: Tensor, updates: int, more: Tensor | None = None, near: float = NEAR
) -> Contacts:
    """Contacts (*B,) of balls near places θ (2, *B), by a few updates of Newton, or by one where not `more`.
    No wait for the device."""
    line = balls.linearised(theta)
    for _ in range(updates - 1):
        # where the drop has no maximum, towards x + ρg/s
        step = torch.where(line.maximum, line.step, line.side)
        line = balls.linearised(line.moved(step if more is None else step * more))
    return line.contacts(near)


def ascend(balls: Balls, theta: Tensor) -> tuple[Contacts, Tensor]:
    """The contacts (N,) that balls (N,) reach from places θ (2, N), and after how many updates (N,): each
    climbs until it is still, out of saddles as well."""
    theta, rows = theta.clone(), torch.arange(theta.shape[1], device=theta.device)
    updates = torch.ones_like(balls.radius)
    for _ in range(ASCENT - 1):
        updates[rows] += 1
        line = balls.some(rows).linearised(theta[:, rows])
        step, lost = line.step, (~line.maximum).nonzero()[:, 0]
        if len(lost):
            step[:, lost] = line.matrix.some(lost).uphill(line.side[:, lost])
        theta[:, rows] = line.moved(step)
        rows = rows[hypot(*step) > STILL * line.balls.radius]
        if not len(rows):
            break
    return balls.linearised(theta).contacts(REACHED), updates
