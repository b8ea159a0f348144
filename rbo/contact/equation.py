"""The contact equation: a ball at x touches Γ smoothly where θ = x + ρ g/s.

There the drop D(θ) = f(θ) + √(ρ² − |x−θ|²) is stationary. Newton's matrix is I − ρS, S the shape operator
(`geometry.shape_operator`): well conditioned on steep slopes, where D itself is not, and its inverse is how
the contact drifts with the ball, dθ/dx. Multiplied by I + ggᵀ it is symmetric, and positive definite at a
maximum of D.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.linalg import vecdot, vector_norm

from rbo.contact.places import Contacts
from rbo.graph import Graph
from rbo.newton import inverse, metric, uphill

# The last update may raise the drop by this, in radii, on its quadratic model: the error is of higher order.
NEAR = 1e-4
REACHED = 1e-8  # the same, where a top must have been reached
STILL = 1e-6  # an update this short, in radii, is the last
ASCENT = 6  # updates at most to reach a top


@dataclass(frozen=True)
class Linearised:
    """The contact equation of N balls at places θ, linearised."""

    theta: Tensor  # (N, d)
    center: Tensor  # (N, d) x
    radius: Tensor  # (N,) ρ
    height: Tensor  # (N,) λf
    grad: Tensor  # (N, d) g
    hess: Tensor  # (N, d, d) H
    ratio: Tensor  # (N,) ρ/s
    side: Tensor  # (N, d) (I + ggᵀ)(θ − x − ρg/s)
    matrix: Tensor  # (N, d, d) I + ggᵀ − ρH/s
    drift: Tensor  # (N, d, d) dθ/dx
    step: Tensor  # (N, d) Newton's, to be taken from θ
    maximum: Tensor  # (N,) where Newton leads to a maximum of the drop

    @staticmethod
    def at(graph: Graph, theta: Tensor, center: Tensor, radius: Tensor) -> Linearised:
        height, grad, hess = graph.jet(theta)
        ratio = radius * (1 + vecdot(grad, grad)).rsqrt_()
        shape = metric(grad)
        side = (shape @ (theta - torch.addcmul(center, ratio[:, None], grad))[:, :, None])[:, :, 0]
        matrix = torch.addcmul(shape, ratio[:, None, None], hess, value=-1)
        inverted, maximum = inverse(matrix)
        step = (inverted @ side[:, :, None])[:, :, 0]
        drift = inverted @ shape
        return Linearised(
            theta, center, radius, height, grad, hess, ratio, side, matrix, drift, step, maximum
        )

    def moved(self, step: Tensor) -> Tensor:
        """θ − step, no further than a radius, (N, d)."""
        return self.theta - step * (self.radius / vector_norm(step, dim=-1)).clamp_max_(1)[:, None]

    def contacts(self, near: float) -> Contacts:
        """The contacts (N,) that the quadratic model foretells; none where the drop has no maximum, or
        rises by more than `near` radii to it."""
        rise = vecdot(self.side, self.step) / (2 * self.ratio)  # Newton's decrement: ∇²D = −(s/ρ) matrix
        distance = vector_norm(self.theta - self.center, dim=-1)
        drops = ((self.radius - distance) * (self.radius + distance)).sqrt_() + self.height
        most = near * self.radius + 16 * torch.finfo(drops.dtype).eps * drops.abs()
        none = ~(self.maximum & (rise <= most) & drops.isfinite())
        grad = self.grad - (self.hess @ self.step[:, :, None])[:, :, 0]
        return Contacts(
            torch.where(none[:, None], self.center, self.theta - self.step),
            (drops + rise).masked_fill_(none, -torch.inf),
            grad.masked_fill_(none[:, None], 0.0),
            self.drift,
        )


def settle(graph: Graph, x: Tensor, radius: Tensor, theta: Tensor, updates: int) -> Contacts:
    """Contacts (n, k) of balls at x (n, d) near places θ (n, k, d), by a few updates of Newton; no wait for
    the device."""
    n, k, d = theta.shape
    center, rho = x[:, None].expand(n, k, d).reshape(-1, d), radius[:, None].expand(n, k).reshape(-1)
    line = Linearised.at(graph, theta.reshape(-1, d), center, rho)
    for _ in range(updates - 1):
        # where the drop has no maximum, towards x + ρg/s
        step = torch.where(line.maximum[:, None], line.step, line.side)
        line = Linearised.at(graph, line.moved(step), center, rho)
    return line.contacts(NEAR).map(lambda part: part.unflatten(0, (n, k)))


def ascend(graph: Graph, x: Tensor, radius: Tensor, theta: Tensor) -> Contacts:
    """The contacts (N,) that balls at x (N, d) reach from places θ (N, d): each climbs until it is still, out
    of saddles as well."""
    theta, open_rows = theta.clone(), torch.arange(len(theta), device=theta.device)
    for _ in range(ASCENT - 1):
        line = Linearised.at(graph, theta[open_rows], x[open_rows], radius[open_rows])
        step, lost = line.step, (~line.maximum).nonzero()[:, 0]
        if len(lost):
            step[lost] = uphill(line.matrix[lost], line.side[lost])
        theta[open_rows] = line.moved(step)
        open_rows = open_rows[vector_norm(step, dim=-1) > STILL * line.radius]
        if not len(open_rows):
            break
    return Linearised.at(graph, theta, x, radius).contacts(REACHED)
