"""The graph Γ of a scaled loss: the surface the ball rolls on.

The ball lives in (θ, λf): every height, slope and curvature here is that of λf, λ being the loss scale. A
loss is any differentiable callable (*B, d) -> (*B,). It may offer closed forms, used where they exist:
`gradient(θ)`, `jet(θ) -> (f, ∇f, ∇²f)` and `grid(axes) -> heights`; autograd fills in what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Loss = Callable[[Tensor], Tensor]

GRID_CHUNK = 1 << 18  # points of a grid evaluated at once: bounds the memory of a loss without `grid`


class Graph:
    """Γ = {(θ, λf(θ))}, counting the gradients it is asked for.

    Args:
        loss: differentiable callable (*B, d) -> (*B,).
        scale: λ > 0, heights per unit of loss.
    """

    def __init__(self, loss: Loss, scale: float = 1.0):
        self.loss = loss
        self.scale = scale
        self.gradients = 0

    def height(self, theta: Tensor) -> Tensor:
        """λf at theta (*B, d) -> (*B,)."""
        return self.scale * self.loss(theta)

    def slope(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """λf (*B,) and its gradient (*B, d) at theta (*B, d)."""
        self._count(theta)
        if hasattr(self.loss, "gradient"):
            f, g = self.loss(theta), self.loss.gradient(theta)
        else:
            f, g = autograd_slope(self.loss, theta)
        return self.scale * f, self.scale * g

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """λf (*B,), its gradient (*B, d) and its Hessian (*B, d, d) at theta (*B, d)."""
        self._count(theta)
        if hasattr(self.loss, "jet"):
            f, g, hess = self.loss.jet(theta)
        elif hasattr(self.loss, "gradient"):
            f = self.loss(theta)
            g, hess = autograd_jacobian(self.loss.gradient, theta)
        else:
            f, g, hess = autograd_jet(self.loss, theta)
        if self.scale == 1.0:
            return f, g, hess
        return self.scale * f, self.scale * g, self.scale * hess

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        """λf on the product of d axes (n_1,), ..., (n_d,) -> (n_1, ..., n_d)."""
        if hasattr(self.loss, "grid"):
            return self.scale * self.loss.grid(list(axes))
        mesh = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)  # (n_1, ..., n_d, d)
        points = mesh.reshape(-1, len(axes))
        heights = torch.cat([self.height(chunk).detach() for chunk in points.split(GRID_CHUNK)])
        return heights.reshape(mesh.shape[:-1])

    @property
    def finest_wavelength(self) -> float | None:
        """The shortest wavelength of the loss, where it says so."""
        return getattr(self.loss, "finest_wavelength", None)

    def take_count(self) -> int:
        """Points at which a gradient was evaluated since the last call."""
        count, self.gradients = self.gradients, 0
        return count

    def _count(self, theta: Tensor) -> None:
        self.gradients += theta.shape[:-1].numel()


def autograd_slope(loss: Loss, theta: Tensor) -> tuple[Tensor, Tensor]:
    """f (*B,) and ∇f (*B, d) by autograd. The rows of a batch must not depend on each other."""
    with torch.inference_mode(False), torch.enable_grad():
        point = theta.clone().requires_grad_()
        f = loss(point)
        g = derivative(f, point)
    return f.detach(), g.detach()


def autograd_jet(loss: Loss, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """f (*B,), ∇f (*B, d) and ∇²f (*B, d, d) by autograd."""
    with torch.inference_mode(False), torch.enable_grad():
        point = theta.clone().requires_grad_()
        f = loss(point)
        g = derivative(f, point, create_graph=True)
        rows = [derivative(g[..., i], point) for i in range(point.shape[-1])]
    return f.detach(), g.detach(), torch.stack(rows, -2).detach()


def autograd_jacobian(gradient: Loss, theta: Tensor) -> tuple[Tensor, Tensor]:
    """A closed-form gradient (*B, d) and its Jacobian (*B, d, d) by autograd."""
    with torch.inference_mode(False), torch.enable_grad():
        point = theta.clone().requires_grad_()
        g = gradient(point)
        rows = [derivative(g[..., i], point) for i in range(point.shape[-1])]
    return g.detach(), torch.stack(rows, -2).detach()


def derivative(values: Tensor, point: Tensor, create_graph: bool = False) -> Tensor:
    """d(sum of values)/d(point); zero where the values do not depend on the point (constants, planes)."""
    if not values.requires_grad:
        return torch.zeros_like(point)
    (out,) = torch.autograd.grad(
        values.sum(), point, create_graph=create_graph, retain_graph=True, materialize_grads=True
    )
    return out
