"""The one linear system behind every contact: (I + ggᵀ + rH) Δ = b.

With r = f − y it is Newton's on the distance of (θ, f(θ)) from a centre of height y; with r = −ρ/s it is Newton's on the contact
equation θ = x + ρg/s, whose matrix I − ρS is this one after multiplication by I + ggᵀ (`geometry.shape_operator`).
Positive definite means: a local minimum of the distance, a local maximum of the drop.
"""

from __future__ import annotations

import torch
from torch import Tensor


def metric(grad: Tensor, hess: Tensor, rise: Tensor) -> Tensor:
    """I + ggᵀ + rH, (*B, d, d), for g (*B, d), H (*B, d, d), r (*B,)."""
    matrix = grad[..., :, None] * grad[..., None, :] + rise[..., None, None] * hess
    matrix.diagonal(dim1=-2, dim2=-1).add_(1)
    return matrix


def solve_positive(matrix: Tensor, side: Tensor) -> tuple[Tensor, Tensor]:
    """Solve symmetric systems (*B, d, d) Δ = (*B, d), d = 1 or 2, in closed form.

    Returns:
        Δ (*B, d), meaningless where the matrix is not positive definite, and where it is (*B,).
    """
    if side.shape[-1] == 1:
        det = matrix[..., 0]
        return side / det, det[..., 0] > 0
    a, b, c = matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 1]
    det = torch.addcmul(a * c, b, b, value=-1)
    turned = torch.stack([c, a], -1) * side - b[..., None] * side.flip(-1)
    return turned / det[..., None], (det > 0) & (a > 0)
