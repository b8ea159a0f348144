"""The one linear system behind every contact: (I + ggᵀ + rH) Δ = b.

With r = f − y it is Newton's on the distance of (θ, f(θ)) from a centre of height y; with r = −ρ/s it is
Newton's on the contact equation θ = x + ρg/s, whose matrix I − ρS is this one after multiplication by I + ggᵀ
(`geometry.shape_operator`). Positive definite means: a local minimum of the distance, a local maximum of
the drop.
"""

from __future__ import annotations

import torch
from torch import Tensor


def newton_step(
    grad: Tensor, hess: Tensor, rise: Tensor, side: Tensor, otherwise: Tensor
) -> tuple[Tensor, Tensor]:
    """Solve (I + ggᵀ + rH) Δ = b where the matrix is positive definite; take another Δ elsewhere.

    Args:
        grad: g, (n, d).
        hess: H, (n, d, d).
        rise: r, (n,).
        side: b, (n, d).
        otherwise: Δ where Newton's would not go the right way, (n, d).

    Returns:
        Δ (n, d), and where it is Newton's (n,).
    """
    eye = torch.eye(grad.shape[-1], dtype=grad.dtype, device=grad.device)
    matrix = torch.addcmul(eye, grad[:, :, None], grad[:, None, :])
    factor, failed = torch.linalg.cholesky_ex(torch.addcmul(matrix, rise[:, None, None], hess))
    positive = failed == 0
    step = torch.cholesky_solve(side[:, :, None], factor)[:, :, 0]
    return torch.where(positive[:, None], step, otherwise), positive


def uphill(grad: Tensor, hess: Tensor, rise: Tensor, side: Tensor) -> Tensor:
    """Saddle-free Newton (Dauphin et al. 2014): |M| Δ = b, |M| being M = I + ggᵀ + rH with its
    eigenvalues' signs dropped."""
    matrix = grad[:, :, None] * grad[:, None, :] + rise[:, None, None] * hess
    matrix.diagonal(dim1=-2, dim2=-1).add_(1)
    values, vectors = torch.linalg.eigh(matrix.nan_to_num())
    along = (vectors.mT @ side[:, :, None])[:, :, 0] / values.abs().clamp_min(torch.finfo(side.dtype).eps)
    return (vectors @ along[:, :, None])[:, :, 0]
