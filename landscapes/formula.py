"""A formula f: R^d -> R on batches, with its derivatives.

A formula states `value`; `gradient`, `jet` and `grid` follow from it by automatic differentiation and by
evaluation point by point. A formula with closed-form derivatives, or with a faster way to fill a grid,
overrides them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

CHUNK = 1 << 16  # grid points evaluated at once: bounds the memory of sums over many terms


class Formula:
    """f and its derivatives; `theta` is (*B, d), dtype and device are kept."""

    def value(self, theta: Tensor) -> Tensor:
        """f(θ), shape (*B,)."""
        raise NotImplementedError

    def gradient(self, theta: Tensor) -> Tensor:
        """∇f(θ), shape (*B, d)."""
        with torch.inference_mode(False), torch.enable_grad():
            point = theta.detach().clone().requires_grad_()
            (g,) = torch.autograd.grad(self.value(point).sum(), point)
        return g

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """f (*B,), ∇f (*B, d) and the Hessian (*B, d, d)."""
        with torch.inference_mode(False), torch.enable_grad():
            point = theta.detach().clone().requires_grad_()
            f = self.value(point)
            (g,) = torch.autograd.grad(f.sum(), point, create_graph=True)
            rows = [
                torch.autograd.grad(g[..., i].sum(), point, retain_graph=True)[0] for i in range(g.shape[-1])
            ]
        return f.detach(), g.detach(), torch.stack(rows, -2)

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        """f on the product of d 1-D tensors, shape (len(axes[0]), …, len(axes[d-1])), indexing "ij"."""
        points = torch.cartesian_prod(*axes).reshape(-1, len(axes))
        heights = torch.cat([self.value(part) for part in points.split(CHUNK)])
        return heights.reshape([len(axis) for axis in axes])
