"""Algorithm 1 of arXiv 2505.19527 with its Eq. (4), on blocks of coordinates: once for balls in a batch and
for the parameters of a network.

From the contact p = (θ, f) the centre moves to c̃ = c − ητ(p); then N times θ ← θ − γ[θ − θ̃ + (f(θ) −
ỹ)∇f(θ)], the descent of ½|p − c̃|² on the graph. A θ is a list of blocks of any shapes; heights and squared
slopes are shaped to broadcast against them: () for one ball, (n, 1) for n balls whose one block is (n, d). A
block whose gradient is None does not act on the loss.

The graph is that of λf: heights and squared slopes are those of λf; gradients are those of f, η and λ being
given, or those of λf with η/λ and no λ.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

Block = Tensor
Grads = Sequence[Tensor | None]


class Surface(Protocol):
    """The graph where the blocks have been looked at last."""

    height: Tensor
    grads: Grads

    def look(self) -> None:
        """Height and gradients at the blocks as they are now."""


class Target(NamedTuple):
    """c̃, where the centre moves to before the ball looks for its contact."""

    theta: list[Block]  # θ̃
    height: Tensor  # ỹ


def aim(
    theta: Sequence[Block],
    surface: Surface,
    steepness: Tensor,
    fall: Tensor,
    radius: Tensor | float,
    lr: Sequence[Tensor | float],
    scale: float = 1.0,
) -> Target:
    """c̃ = c − ητ(p) with c = p + ρν(p): θ̃ = θ − (ρ/s + η)g and ỹ = f + ρ/s − η|g|².

    Args:
        theta: blocks of θ at the contact.
        surface: looked at there.
        steepness: squared slope |g|² of all blocks; it makes s = √(1+|g|²): the blocks carry one ball.
        fall: η|g|², summed over the blocks: how far the centre is lowered.
        radius: ρ.
        lr: η of each block.
        scale: λ.

    Returns:
        New tensors: the one copy of θ that the method needs.
    """
    upright = radius / (1 + steepness).sqrt()  # ρ/s: how far the centre is above the contact
    ways = {rate: scale * upright + rate for rate in lr}
    goals = [
        block.clone() if g is None else torch.addcmul(block, g, near(ways[rate], block), value=-1)
        for block, g, rate in zip(theta, surface.grads, lr, strict=True)
    ]
    return Target(goals, surface.height + upright - fall / scale)


def near(scalar: Tensor, block: Block) -> Tensor:
    """A scalar on the device of a block."""
    return scalar if scalar.device == block.device else scalar.to(block.device)


def project(
    theta: Sequence[Block],
    surface: Surface,
    target: Target,
    steps: int,
    lr: Sequence[float],
    scale: float = 1.0,
    tolerance: float | None = None,
) -> None:
    """N steps of Eq. (4) towards the point of the graph nearest to the target, in place.

    Args:
        theta: blocks of θ, moved.
        surface: looked at where θ is; looks again after every step.
        target: c̃.
        steps: N.
        lr: γ of each block.
        scale: λ.
        tolerance: None, all N steps; else stop once a step brings the graph's point nearer to c̃ by less
            than this share of the distance; 0: once it brings it no nearer. A step that leads further away
            is taken back; the surface has then been looked at where it led. One ball only; waits for the
            device at each step and keeps a second copy of θ.
    """
    kinds = {rate: [i for i, other in enumerate(lr) if other == rate] for rate in lr}
    behind = None if tolerance is None else distance(theta, surface.height, target)
    for _ in range(steps):
        before = None if tolerance is None else [block.clone() for block in theta]
        gap = surface.height - target.height
        descend(theta, gap if scale == 1 else scale * gap, surface.grads, target, kinds)
        surface.look()
        if tolerance is not None:
            ahead = distance(theta, surface.height, target)
            if not ahead < behind:  # taken back; also ends at nan
                for block, home in zip(theta, before, strict=True):
                    block.copy_(home)
            if not ahead < (1 - tolerance) * behind:
                break
            behind = ahead


def descend(
    theta: Sequence[Block], gap: Tensor, grads: Grads, target: Target, kinds: dict[float, list[int]]
) -> None:
    """Eq. (4) in place: θ ← θ − γ[θ − θ̃ + gap ∇f], gap = f − ỹ, times λ for gradients of f alone.

    kinds: γ -> its blocks. They move together: a call for each costs more than a small block.
    """
    for rate, rows in kinds.items():
        torch._foreach_lerp_([theta[i] for i in rows], [target.theta[i] for i in rows], rate)
        felt = [i for i in rows if grads[i] is not None]
        if felt:
            blocks = [theta[i] for i in felt]
            gaps = [near(gap, block) for block in blocks]
            torch._foreach_addcmul_(blocks, [grads[i] for i in felt], gaps, -rate)


def distance(theta: Sequence[Block], height: Tensor, target: Target) -> Tensor:
    """|p − c̃| of one ball, ()."""
    gap = height - target.height
    apart = [
        torch.linalg.vector_norm(block - goal, dtype=gap.dtype).to(gap.device)
        for block, goal in zip(theta, target.theta, strict=True)
    ]
    return torch.linalg.vector_norm(torch.stack([*apart, gap]))
