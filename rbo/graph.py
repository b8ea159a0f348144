"""The graph Γ of a scaled loss: the surface the ball rolls on.

The ball lives in (θ, λf): every height, slope and curvature here is that of λf, λ being the loss scale. A
loss is any differentiable callable (*B, d) -> (*B,). It may offer closed forms, used where they exist:
`gradient(θ)`, `jet(θ) -> (f, ∇f, ∇²f)` and `grid(axes) -> heights`; autograd fills in what is missing. What a
loss raises becomes a `LossRaised` that says where.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

Loss = Callable[[Tensor], Tensor]

GRID_CHUNK = 1 << 18  # points of a grid evaluated at once: bounds the memory of a loss without `grid`


class LossRaised(ValueError):
    """A loss, or a closed form that it offers, has raised: the cause is what it raised."""


class Graph:
    """Γ = {(θ, λf(θ))}.

    Args:
        loss: differentiable callable (*B, d) -> (*B,).
        scale: λ > 0, heights per unit of loss.
    """

    def __init__(self, loss: Loss, scale: float = 1.0):
        self.loss = loss
        self.scale = scale

    def height(self, theta: Tensor) -> Tensor:
        """λf at theta (*B, d) -> (*B,)."""
        return self.scale * asked("loss", self.loss, theta)

    def slope(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """λf (*B,) and its gradient (*B, d) at theta (*B, d)."""
        if hasattr(self.loss, "gradient"):
            f, g = asked("loss", self.loss, theta), asked("loss.gradient", self.loss.gradient, theta)
            fits("loss.gradient", {"gradient": theta.shape}, g)
        else:
            f, g = asked("loss", autograd_slope, theta, self.loss)
        return self.scale * f, self.scale * g

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """λf (*B,), its gradient (*B, d) and its Hessian (*B, d, d) at theta (*B, d)."""
        if hasattr(self.loss, "jet"):
            f, g, hess = self._closed_jet(theta)
        elif hasattr(self.loss, "gradient"):
            f = asked("loss", self.loss, theta)
            g, hess = asked("loss.gradient", autograd_jacobian, theta, self.loss.gradient)
            fits("loss.gradient", {"gradient": theta.shape}, g)
        else:
            f, g, hess = asked("loss", autograd_jet, theta, self.loss)
        if self.scale == 1.0:
            return f, g, hess
        return self.scale * f, self.scale * g, self.scale * hess

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        """λf on the product of d axes (n_1,), ..., (n_d,) -> (n_1, ..., n_d)."""
        if hasattr(self.loss, "grid"):
            heights = asked("loss.grid", self.loss.grid, list(axes))
            fits("loss.grid", {"heights": tuple(len(axis) for axis in axes)}, heights)
            return self.scale * heights
        mesh = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)  # (n_1, ..., n_d, d)
        points = mesh.reshape(-1, len(axes))
        heights = torch.cat([self.height(chunk).detach() for chunk in points.split(GRID_CHUNK)])
        return heights.reshape(mesh.shape[:-1])

    def _closed_jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What the loss itself says of f, ∇f and ∇²f."""
        jet = asked("loss.jet", self.loss.jet, theta)
        if not isinstance(jet, tuple | list) or len(jet) != 3:
            raise ValueError(f"loss.jet must give three tensors: f, ∇f and ∇²f, got {type(jet).__name__}")
        shape = theta.shape
        fits("loss.jet", {"f": shape[:-1], "∇f": shape, "∇²f": (*shape, shape[-1])}, *jet)
        return jet

    @property
    def finest_wavelength(self) -> float | None:
        """The shortest wavelength of the loss, where it says so."""
        return getattr(self.loss, "finest_wavelength", None)


def asked(name: str, call: Callable[..., Any], where: Tensor | list[Tensor], *more: Any) -> Any:
    """call(where, *more), for points (*B, d) or the axes of a grid.

    Raises:
        LossRaised: for whatever the call raises, but that memory ran out.
    """
    try:
        return call(where, *more)
    except (MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise LossRaised(
            f"{name} raised {told}, when asked for {_named(where)}: it must answer there "
            "(a search for contacts looks a little more than one radius beyond the domain)"
        ) from error


def _named(where: Tensor | list[Tensor]) -> str:
    """The box of points or axes."""
    axes = where if isinstance(where, list) else where.detach().reshape(-1, where.shape[-1]).unbind(-1)
    if not all(axis.numel() for axis in axes):
        return "no point"
    low, high = (tuple(float(f"{end(axis):.4g}") for axis in axes) for end in (torch.min, torch.max))
    return f"points from {low} to {high}"


def fits(name: str, shapes: dict[str, tuple[int, ...]], *answers: Any) -> None:
    """Raise ValueError unless what a closed form answers are tensors of these shapes, by what they are."""
    for (what, shape), answer in zip(shapes.items(), answers, strict=True):
        if not isinstance(answer, Tensor) or answer.shape != shape:
            got = tuple(answer.shape) if isinstance(answer, Tensor) else type(answer).__name__
            raise ValueError(f"{name} must give the {what} as a tensor of shape {tuple(shape)}, got {got}")


def autograd_slope(theta: Tensor, loss: Loss) -> tuple[Tensor, Tensor]:
    """f (*B,) and ∇f (*B, d) by autograd. The rows of a batch must not depend on each other."""
    with torch.inference_mode(False), torch.enable_grad():
        point = theta.clone().requires_grad_()
        f = loss(point)
        g = derivative(f, point)
    return f.detach(), g.detach()


def autograd_jet(theta: Tensor, loss: Loss) -> tuple[Tensor, Tensor, Tensor]:
    """f (*B,), ∇f (*B, d) and ∇²f (*B, d, d) by autograd."""
    with torch.inference_mode(False), torch.enable_grad():
        point = theta.clone().requires_grad_()
        f = loss(point)
        g = derivative(f, point, create_graph=True)
        rows = [derivative(g[..., i], point) for i in range(point.shape[-1])]
    return f.detach(), g.detach(), torch.stack(rows, -2).detach()


def autograd_jacobian(theta: Tensor, gradient: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
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
