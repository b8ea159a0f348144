"""The geometry of a ball on a graph: normal, centre, curvature, and rolling without slipping.

Γ = {(θ, f(θ))}, g = ∇f, s = √(1+|g|²). Belgoumri et al., *Rolling Ball Optimizer*, arXiv 2505.19527.
"""

from __future__ import annotations

import torch
from torch import Tensor


def unit_normal(grad: Tensor) -> Tensor:
    """Upward unit normal of Γ: ν = (−g, 1)/s.

    Args:
        grad: gradient g, (*B, d).

    Returns:
        ν, (*B, d+1).

    >>> unit_normal(torch.zeros(2))
    tensor([-0., -0., 1.])
    """
    normal = torch.cat([-grad, torch.ones_like(grad[..., :1])], -1)
    return normal / normal.norm(dim=-1, keepdim=True)


def ascent_tangent(grad: Tensor) -> Tensor:
    """Steepest ascent lifted onto Γ, not normalised: τ = (g, |g|²).

    Args:
        grad: gradient g, (*B, d).

    Returns:
        τ, (*B, d+1), orthogonal to the unit normal.
    """
    return torch.cat([grad, grad.square().sum(-1, keepdim=True)], -1)


def ball_center(point: Tensor, height: Tensor, grad: Tensor, radius: Tensor | float) -> Tensor:
    """Centre of the ball that touches Γ from above at θ: c = (θ, f(θ)) + ρν.

    Args:
        point: θ, (*B, d).
        height: f(θ), (*B,).
        grad: ∇f(θ), (*B, d).
        radius: ρ, a number or (*B,).

    Returns:
        c, (*B, d+1).
    """
    radius = torch.as_tensor(radius, dtype=point.dtype, device=point.device)
    return torch.cat([point, height[..., None]], -1) + radius[..., None] * unit_normal(grad)


def shape_operator(grad: Tensor, hess: Tensor) -> Tensor:
    """Shape operator of Γ in the chart θ: S = (I + ggᵀ)⁻¹ H / s, positive in a valley.

    A ball of radius ρ touches locally where the eigenvalues of ρS stay below 1.

    Args:
        grad: g, (*B, d).
        hess: H, (*B, d, d).

    Returns:
        S, (*B, d, d).
    """
    s2 = 1 + grad.square().sum(-1)[..., None, None]
    along = (grad[..., None, :] @ hess) / s2  # (I + ggᵀ)⁻¹ = I − ggᵀ/s²
    return (hess - grad[..., :, None] * along) / s2.sqrt()


def rolling_rotation(centers: Tensor, normals: Tensor, radius: Tensor | float) -> Tensor:
    """Orientation of a ball that rolls without slipping along its centres.

    ω = ν × v_c / ρ: between two frames the ball turns about ν × Δc by the way of its centre over ρ. ν is
    the mean normal of the two frames, at right angles to the chord of a circular arc.

    Args:
        centers: (T+1, *B, 3), in the units in which the ball is round.
        normals: unit normals at the contact, (T+1, *B, 3).
        radius: ρ > 0, a number or (*B,).

    Returns:
        Unit quaternions (w, x, y, z), (T+1, *B, 4); the first is the identity.
    """
    radius = torch.as_tensor(radius, dtype=centers.dtype, device=centers.device)
    middle = normals[1:] + normals[:-1]
    middle = middle / middle.norm(dim=-1, keepdim=True).clamp_min(torch.finfo(centers.dtype).tiny)
    turns = torch.linalg.cross(middle, centers.diff(dim=0)) / radius[..., None]  # rotation vectors (T, *B, 3)
    angle = turns.norm(dim=-1, keepdim=True)
    axis = turns / angle.clamp_min(torch.finfo(centers.dtype).tiny)  # angle = 0: no turn, any axis
    steps = torch.cat([(angle / 2).cos(), (angle / 2).sin() * axis], -1)
    identity = torch.zeros_like(steps[:1])
    identity[..., 0] = 1
    return cumulative_product(torch.cat([identity, steps]))


def cumulative_product(turns: Tensor) -> Tensor:
    """Products q_t ... q_1 q_0 of unit quaternions (T, *B, 4), by doubling: log₂ T batched products."""
    total, shift = turns, 1
    while shift < len(total):
        total = torch.cat([total[:shift], quaternion_product(total[shift:], total[:-shift])])
        shift *= 2
    return total / total.norm(dim=-1, keepdim=True)


def quaternion_product(p: Tensor, q: Tensor) -> Tensor:
    """Hamilton product of quaternions (w, x, y, z), (*B, 4): first q, then p."""
    pw, pv, qw, qv = p[..., :1], p[..., 1:], q[..., :1], q[..., 1:]
    w = pw * qw - (pv * qv).sum(-1, keepdim=True)
    return torch.cat([w, pw * qv + qw * pv + torch.linalg.cross(pv, qv)], -1)
