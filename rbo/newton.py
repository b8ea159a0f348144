"""The one linear system behind every contact: (I + ggᵀ + rH) Δ = b, in one or two dimensions.

With r = f − y it is Newton's on the distance of (θ, f(θ)) from a centre of height y; with r = −ρ/s it is
Newton's on the contact equation θ = x + ρg/s, whose matrix I − ρS is this one after multiplication by I + ggᵀ
(`geometry.shape_operator`). Positive definite means: a local minimum of the distance, a local maximum of
the drop.
"""

from __future__ import annotations

import torch
from torch import Tensor


def metric(grad: Tensor) -> Tensor:
    """I + ggᵀ (n, d, d), the metric of Γ, at gradients (n, d)."""
    eye = torch.eye(grad.shape[-1], dtype=grad.dtype, device=grad.device)
    return torch.addcmul(eye, grad[:, :, None], grad[:, None, :])


def inverse(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Inverses of symmetric matrices (n, d, d), d = 1 or 2, and which of those are positive definite (n,)."""
    if matrix.shape[-1] == 1:
        return matrix.reciprocal(), matrix[:, 0, 0] > 0
    a, b, _, c = matrix.flatten(1).unbind(-1)
    determinant = torch.addcmul(a * c, b, b, value=-1)
    cofactors = torch.stack([c, -b, -b, a], -1) / determinant[:, None]
    return cofactors.view_as(matrix), (determinant > 0) & (a > 0)


def newton_step(
    grad: Tensor, hess: Tensor, rise: Tensor, side: Tensor, otherwise: Tensor
) -> tuple[Tensor, Tensor]:
    """Solve (I + ggᵀ + rH) Δ = b where the matrix is positive definite; take another Δ elsewhere.

    Args:
        grad: g, (n, d), d = 1 or 2.
        hess: H, (n, d, d).
        rise: r, (n,).
        side: b, (n, d).
        otherwise: Δ where Newton's would not go the right way, (n, d).

    Returns:
        Δ (n, d), and where it is Newton's (n,).
    """
    inverted, positive = inverse(torch.addcmul(metric(grad), rise[:, None, None], hess))
    return torch.where(positive[:, None], (inverted @ side[:, :, None])[:, :, 0], otherwise), positive


def uphill(matrix: Tensor, side: Tensor) -> Tensor:
    """Saddle-free Newton (Dauphin et al. 2014): |M| Δ = b, |M| being M (n, d, d) with its eigenvalues' signs
    dropped."""
    values, vectors = torch.linalg.eigh(matrix.nan_to_num())
    along = (vectors.mT @ side[:, :, None])[:, :, 0] / values.abs().clamp_min(torch.finfo(side.dtype).eps)
    return (vectors @ along[:, :, None])[:, :, 0]
