"""The contact equation: a ball at x touches Γ smoothly where θ = x + ρ g/s.

There the drop D(θ) = f(θ) + √(ρ² − |x−θ|²) is stationary. Newton's matrix is I − ρS, S the shape operator
(`geometry.shape_operator`): well conditioned on steep slopes, where D itself is not, and its inverse is how
the contact drifts with the ball, dθ/dx. Multiplied by I + ggᵀ it is symmetric, and positive definite at a
maximum of D.

Components come first here, which is several times faster than last, and a curve is a cylinder: θ = (θ_1, 0).
"""

from __future__ import annotations

from dataclasses import dataclass

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
ASCENT = 6  # updates at most to reach a top


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
        step = matrix.solve(side)
        return Linearised(self, theta, away, height, grad, bend, ratio, shape, side, matrix, step)


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
    shape: Symmetric  # I + ggᵀ
    side: Tensor  # (2, *B) (I + ggᵀ)(θ − x − ρg/s)
    matrix: Symmetric  # I + ggᵀ − ρH/s
    step: Tensor  # (2, *B) Newton's, to be taken from θ

    @property
    def maximum(self) -> Tensor:
        """Where Newton leads to a maximum of the drop, (*B,)."""
        return self.matrix.positive

    def moved(self, step: Tensor) -> Tensor:
        """θ − step, no further than a radius, (2, *B)."""
        share = (self.balls.radius / hypot(*step)).clamp_max_(1)
        return addcmul(self.theta, step, share, value=-1)

    def contacts(self, near: float) -> Contacts:
        """The contacts (*B,) that the quadratic model foretells; none where the drop has no maximum, or
        rises by more than `near` radii to it."""
        radius, d = self.balls.radius, self.balls.d
        # Newton's decrement: ∇²D = −(s/ρ) matrix
        rise = vecdot(self.side, self.step, dim=0) / (2 * self.ratio)
        distance = hypot(*self.away)
        drops = ((radius - distance) * (radius + distance)).sqrt_().add_(self.height)
        most = torch.add(near * radius, drops.abs(), alpha=16 * torch.finfo(drops.dtype).eps)
        none = ~(self.maximum & (rise <= most) & drops.isfinite())
        drifts = self.matrix.solve(self.shape.full).movedim((0, 1), (-2, -1))
        return Contacts(
            points(torch.where(none, self.balls.x, self.theta - self.step), d),
            (drops + rise).masked_fill_(none, -torch.inf),
            points((self.grad - self.bend.times(self.step)).masked_fill_(none, 0.0), d),
            drifts if d == 2 else drifts[..., :1, :1],
        )


def settle(
    graph: Graph, x: Tensor, radius: Tensor, theta: Tensor, updates: int, more: Tensor | None = None
) -> Contacts:
    """Contacts (n, k) of balls at x (n, d) near places θ (n, k, d), by a few updates of Newton; where `more`
    (n,) is false, by one of them. No wait for the device."""
    balls = Balls(graph, x.shape[1], components(x)[:, :, None], radius[:, None])
    line = balls.linearised(components(theta))
    for _ in range(updates - 1):
        # where the drop has no maximum, towards x + ρg/s
        step = torch.where(line.maximum, line.step, line.side)
        line = balls.linearised(line.moved(step if more is None else step * more[:, None]))
    return line.contacts(NEAR)


def ascend(graph: Graph, x: Tensor, radius: Tensor, theta: Tensor) -> Contacts:
    """The contacts (N,) that balls at x (N, d) reach from places θ (N, d): each climbs until it is still, out
    of saddles as well."""
    balls, theta = Balls(graph, x.shape[1], components(x), radius), components(theta)
    open_rows = torch.arange(theta.shape[1], device=theta.device)
    for _ in range(ASCENT - 1):
        line = balls.some(open_rows).linearised(theta[:, open_rows])
        step, lost = line.step, (~line.maximum).nonzero()[:, 0]
        if len(lost):
            step[:, lost] = line.matrix.some(lost).uphill(line.side[:, lost])
        theta[:, open_rows] = line.moved(step)
        open_rows = open_rows[hypot(*step) > STILL * line.balls.radius]
        if not len(open_rows):
            break
    return balls.linearised(theta).contacts(REACHED)
