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


def solve(matrix: Tensor, side: Tensor) -> tuple[Tensor, Tensor]:
    """Solve |M| Δ = b, |M| being M with the signs of its eigenvalues dropped: uphill also where M is not positive.

    Dauphin et al. 2014 (saddle-free Newton); in two dimensions |M| = (M² + |det M| I) / √(tr M² + 2|det M|), Cayley–Hamilton.

    Args:
        matrix: symmetric M, (*B, d, d), d = 1 or 2.
        side: b, (*B, d).

    Returns:
        Δ (*B, d), not finite where M is singular, and where M is positive definite (*B,).
    """
    if side.shape[-1] == 1:
        det = matrix[..., 0]
        return side / det.abs(), det[..., 0] > 0
    a, b, c = matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 1]
    det = torch.addcmul(a * c, b, b, value=-1)
    positive = (det > 0) & (a > 0)
    trace, size = a + c, det.abs()
    shift = size - det  # |M| = (M tr M + (|det| − det) I) / root, since M² = M tr M − det I
    root = (trace.square() + 2 * shift).sqrt()
    p, q, r = torch.addcmul(shift, trace, a), torch.addcmul(shift, trace, c), trace * b
    turned = torch.stack([q, p], -1) * side - r[..., None] * side.flip(-1)
    return turned / (size * root)[..., None], positive
