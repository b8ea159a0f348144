"""The one linear system behind every contact: (I + ggᵀ + rH) Δ = b.

With r = f − y it is Newton's on the distance of (θ, f(θ)) from a centre of height y; with r = −ρ/s it is Newton's on the contact
equation θ = x + ρg/s, whose matrix I − ρS is this one after multiplication by I + ggᵀ (`geometry.shape_operator`).
Positive definite means: a local minimum of the distance, a local maximum of the drop.
"""

from __future__ import annotations

import torch
from torch import Tensor


def newton_step(
    grad: Tensor, hess: Tensor, rise: Tensor, side: Tensor, otherwise: Tensor
) -> tuple[Tensor, Tensor]:
    """Solve (I + ggᵀ + rH) Δ = b where the matrix is positive definite; take another Δ elsewhere.

    Args:
        grad: g, (*B, d).
        hess: H, (*B, d, d).
        rise: r, (*B,).
        side: b, (*B, d).
        otherwise: Δ where Newton's would not go the right way, (*B, d).

    Returns:
        Δ (*B, d), and where it is Newton's (*B,).
    """
    column = grad[..., None]
    matrix = torch.addcmul(column * column.mT, rise[..., None, None], hess)
    matrix.diagonal(dim1=-2, dim2=-1).add_(1)
    factor, failed = torch.linalg.cholesky_ex(matrix)
    positive = failed == 0
    step = torch.cholesky_solve(side[..., None], factor)[..., 0]
    return torch.where(positive[..., None], step, otherwise), positive
