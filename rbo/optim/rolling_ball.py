"""The Rolling Ball Optimizer of arXiv 2505.19527 for the parameters of a network.

Algorithm 1 with Eq. (4), one implementation with `rbo.Descent` (`rbo.contact.algorithm`). The centre is taken
anew from the contact at the start of every step, as in the authors' code: with a batch of its own every step
has a surface of its own, and a centre left by the last one would not touch it. On one and the same loss both
agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from rbo.contact.algorithm import aim, project
from rbo.optim.closure import (
    Closure,
    ClosureOptimizer,
    Moving,
    check_count,
    check_positive,
    check_rate,
    check_share,
    squares,
)


class RollingBall(ClosureOptimizer):
    """A ball of radius ρ rolls on the graph of the loss over all parameters.

    A step: c = p + ρν(p), c̃ = c − ητ(p), then N times θ ← θ − γ[θ − θ̃ + (λf − ỹ)∇(λf)]. It calls the
    closure N + 1 times: at the old contact and after each of the N inner steps. The last call leaves its
    gradients, those at the new contact, in the parameters. Layers that keep running averages see N + 1 passes
    a step.

    Memory: one copy of the parameters, θ̃, during a step; nothing between steps. A `tolerance` needs a second
    one. Frozen parameters (requires_grad False) take no part; those without a gradient stay where they are.

    Groups: one ball over all parameters, its normal that of the whole gradient. lr and contact_lr may differ
    between groups (ητ is then (η_i g_i, Σ η_i|g_i|²)); radius, contact_steps, loss_scale and tolerance may
    not. torch's schedulers change lr. The radius is the groups' entry "radius", to be set between steps, or a
    callable step -> radius, such as `rbo.Shrink`, which sets that entry at each step; the number of steps
    done is the entry "steps" of the state, so a resumed run goes on with the radius it had come to.

    Under torch.autocast the closure may use lower precision: its loss and norms are kept in single precision
    at least. There is no place for a GradScaler between the inner steps: prefer bfloat16, which needs none.

    Args:
        params: parameters or groups, as for any optimiser of torch.
        lr: η >= 0, as in gradient descent.
        radius: ρ > 0 in the units of θ and λf, or a callable step -> ρ.
        contact_steps: N, an integer >= 1.
        contact_lr: γ >= 0 of the inner steps.
        loss_scale: λ > 0: the ball lives in (θ, λf), the descent uses η∇f.
        tolerance: ours, not the paper's. None: all N inner steps, no wait for the device. A number in [0, 1):
            the inner steps end once one brings the contact nearer to c̃ by less than this share of the
            distance, which is about ρ; 0: once it brings it no nearer. One that leads further away is taken
            back. A step waits for the device at each inner step then.

    Raises:
        ValueError: for an argument out of its range; from `step`, without a closure, for a closure that does
            not return one number, leaves no gradient, or returns a loss that is not finite (then the
            parameters are where that loss was found: go back to the last good ones).

    >>> layer = torch.nn.Linear(3, 1, bias=False)
    >>> _ = torch.nn.init.ones_(layer.weight)
    >>> optimizer = RollingBall(layer.parameters(), lr=0.1, radius=0.1, contact_steps=20, contact_lr=0.1)
    >>> def closure():
    ...     loss = layer.weight.square().sum()
    ...     loss.backward()
    ...     return loss
    >>> for _ in range(100):
    ...     loss = optimizer.step(closure)
    >>> bool(loss < 1e-3)
    True
    """

    shared = ("radius", "contact_steps", "loss_scale", "tolerance")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor,
        radius: float | Callable[[int], float],
        contact_steps: int,
        contact_lr: float,
        loss_scale: float = 1.0,
        tolerance: float | None = None,
    ):
        self.schedule = radius if callable(radius) else None
        defaults = {
            "lr": lr,
            "radius": radius(0) if callable(radius) else radius,
            "contact_steps": contact_steps,
            "contact_lr": contact_lr,
            "loss_scale": loss_scale,
            "tolerance": tolerance,
        }
        super().__init__(params, defaults)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "schedule": self.schedule}  # torch keeps only what it knows of

    def check_group(self, group: dict[str, Any]) -> None:
        check_rate("lr", group["lr"])
        check_positive("radius", group["radius"])
        check_count("contact_steps", group["contact_steps"])
        check_rate("contact_lr", group["contact_lr"])
        check_positive("loss_scale", group["loss_scale"])
        if group["tolerance"] is not None:
            check_share("tolerance", group["tolerance"])

    @torch.no_grad()
    def step(self, closure: Closure | None = None) -> Tensor:
        """Roll one step.

        Args:
            closure: computes the loss, calls backward() and returns the loss. It is called contact_steps + 1
                times (fewer if a tolerance ends the inner steps) and should see the same batch each time.

        Returns:
            The loss at the old contact, ().
        """
        moving = self.begin(closure)
        self.resize()
        ball = self.param_groups[0]
        scale, steps = ball["loss_scale"], ball["contact_steps"]
        surface = LossSurface(self, closure, moving, scale)
        surface.look()
        loss = surface.loss
        squared, rates = scale**2 * squares(moving.grads(), loss), moving.setting("lr")
        steepness = squared.sum()
        if len(set(rates)) == 1:
            fall = rates[0] * steepness
        else:
            fall = sum(rate * square for rate, square in zip(rates, squared, strict=True))
        target = aim(moving.blocks, surface, steepness, fall, ball["radius"], rates, scale)
        inner = moving.setting("contact_lr")
        project(moving.blocks, surface, target, steps, inner, scale, ball["tolerance"])
        self.count()
        return loss

    def resize(self) -> None:
        """Bring the ball to the radius of this step, where a schedule gives one."""
        if self.schedule is None:
            return
        radius = self.schedule(self.param_groups[0]["steps"])
        check_positive("radius", radius)
        for group in self.param_groups:
            group["radius"] = radius


class LossSurface:
    """The graph of λf over the parameters. Their gradients stay with them: held here as well, the last ones
    would take up memory while the next are computed."""

    def __init__(self, optimizer: ClosureOptimizer, closure: Closure, moving: Moving, scale: float):
        self.optimizer, self.closure, self.moving, self.scale = optimizer, closure, moving, scale

    def look(self) -> None:
        self.loss = self.optimizer.evaluate(self.closure, self.moving)
        self.height = self.loss if self.scale == 1 else self.scale * self.loss

    @property
    def grads(self) -> list[Tensor | None]:
        return self.moving.grads()
