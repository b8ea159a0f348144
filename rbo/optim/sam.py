"""Sharpness-Aware Minimisation: Foret, Kleiner, Mobahi & Neyshabur, ICLR 2021, arXiv 2010.01412, Algorithm 1.

w̃ = w + ρ∇f(w)/|∇f(w)|, the worst point of the ball around w to first order; w ← w − η∇f(w̃).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from rbo.optim.closure import (
    Closure,
    ClosureOptimizer,
    Moving,
    check_positive,
    check_rate,
    check_share,
    squares,
)


class SAM(ClosureOptimizer):
    """Gradient descent with the gradient of the worst neighbour; two closure calls a step.

    Memory: one copy of the parameters during a step (so that they come back to the last bit), the velocities
    with momentum. Where the gradient is 0, w̃ = w. The last call leaves ∇f(w̃) in the parameters.

    Groups: one neighbourhood over all parameters: radius may not differ between groups, lr and momentum may.

    Args:
        params: parameters or groups, as for any optimiser of torch.
        lr: η >= 0.
        radius: ρ > 0 of the neighbourhood; the paper's is 0.05.
        momentum: μ in [0, 1) of the descent: v ← μv + ∇f(w̃), w ← w − ηv.

    Raises:
        ValueError: as `rbo.RollingBall`.
    """

    shared = ("radius",)

    def __init__(
        self, params: Iterable[Any], lr: float | Tensor, radius: float = 0.05, momentum: float = 0.0
    ):
        super().__init__(params, {"lr": lr, "radius": radius, "momentum": momentum})

    def check_group(self, group: dict[str, Any]) -> None:
        check_rate("lr", group["lr"])
        check_positive("radius", group["radius"])
        check_share("momentum", group["momentum"])

    @torch.no_grad()
    def step(self, closure: Closure | None = None) -> Tensor:
        """Descend one step.

        Args:
            closure: computes the loss, calls backward() and returns the loss; called twice, it should see the
                same batch both times.

        Returns:
            The loss at w, ().
        """
        moving = self.begin(closure)
        loss = self.evaluate(closure, moving)
        home = [block.clone() for block in moving.blocks]
        self.climb(moving, squares(moving.grads(), loss).sum().sqrt())
        try:
            self.evaluate(closure, moving)
        finally:
            for block, at in zip(moving.blocks, home, strict=True):
                block.copy_(at)
        for block, g, group in zip(moving.blocks, moving.grads(), moving.groups, strict=True):
            if g is not None:
                block.sub_(group["lr"] * self.velocity(block, g, group["momentum"]))
        self.count()
        return loss

    def climb(self, moving: Moving, norm: Tensor) -> None:
        """w ← w + ρ∇f/|∇f|, |∇f| = norm."""
        reach = self.param_groups[0]["radius"] / norm.clamp_min(torch.finfo(norm.dtype).tiny)  # g = 0: stays
        for block, g in zip(moving.blocks, moving.grads(), strict=True):
            if g is not None:
                block.addcmul_(g, reach.to(block.device))

    def velocity(self, block: Tensor, grad: Tensor, momentum: float) -> Tensor:
        """v ← μv + g; the first v is g."""
        if momentum == 0:
            return grad
        state = self.state[block]
        if "velocity" in state:
            state["velocity"].mul_(momentum).add_(grad)
        else:
            state["velocity"] = grad.clone()
        return state["velocity"]
