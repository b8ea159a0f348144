"""Entropy-SGD: Chaudhari, Choromanska, Soatto, LeCun, Baldassi, Borgs, Chayes, Sagun & Zecchina, ICLR 2017,
arXiv 1611.01838, Algorithm 1.

Descent on the local entropy: x ← x − ηγ(x − μ), μ the running mean of L steps of Langevin dynamics x' from x,
x' ← x' − η'[∇f(x') − γ(x − x')] + √η' ε N(0, I),  μ ← (1 − α)μ + αx'.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from rbo.optim.closure import (
    Closure,
    ClosureOptimizer,
    Moving,
    check_count,
    check_positive,
    check_rate,
    is_real,
)


class EntropySGD(ClosureOptimizer):
    """Descent on the local entropy; L closure calls a step.

    A closure that draws a new batch at each call is the paper's; one that keeps its batch is allowed.

    Memory: two copies of the parameters during a step, x and μ; nothing between steps. The noise of a step
    comes from `seed` and the number of steps done, the entry "steps" of the state: a resumed run is the same
    run. Parameters without a gradient stay where they are.

    Groups: one Langevin walk over all parameters: only lr may differ between groups. The paper's scoping, a γ
    that grows, is the groups' entry "scope", to be set between steps.

    Args:
        params: parameters or groups, as for any optimiser of torch.
        lr: η >= 0; η = 1/γ moves x to μ.
        scope: γ > 0: how closely the walk is held to x.
        langevin_steps: L, an integer >= 1.
        langevin_lr: η' >= 0.
        noise: ε >= 0.
        averaging: α in (0, 1].
        seed: of the noise, an integer >= 0.

    Raises:
        ValueError: as `rbo.RollingBall`.
    """

    shared = ("scope", "langevin_steps", "langevin_lr", "noise", "averaging", "seed")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor,
        scope: float,
        langevin_steps: int = 20,
        langevin_lr: float = 0.1,
        noise: float = 1e-4,
        averaging: float = 0.75,
        seed: int = 0,
    ):
        defaults = {
            "lr": lr,
            "scope": scope,
            "langevin_steps": langevin_steps,
            "langevin_lr": langevin_lr,
            "noise": noise,
            "averaging": averaging,
            "seed": seed,
        }
        super().__init__(params, defaults)

    def check_group(self, group: dict[str, Any]) -> None:
        check_rate("lr", group["lr"])
        check_positive("scope", group["scope"])
        check_count("langevin_steps", group["langevin_steps"])
        check_rate("langevin_lr", group["langevin_lr"])
        check_rate("noise", group["noise"])
        if not (is_real(group["averaging"]) and 0 < group["averaging"] <= 1):
            raise ValueError(f"averaging must be in (0, 1], got {group['averaging']!r}")
        check_count("seed", group["seed"], least=0)

    @torch.no_grad()
    def step(self, closure: Closure | None = None) -> Tensor:
        """Descend one step.

        Args:
            closure: computes the loss, calls backward() and returns the loss; called langevin_steps times.

        Returns:
            The loss at x, before the walk, ().
        """
        moving = self.begin(closure)
        walk = self.param_groups[0]
        home = [block.clone() for block in moving.blocks]
        mean = [block.clone() for block in moving.blocks]
        noise = Noise(walk["seed"], walk["steps"])
        first = None
        for _ in range(walk["langevin_steps"]):
            loss = self.evaluate(closure, moving)
            first = loss if first is None else first
            wander(moving, home, mean, walk, noise)
        for block, at, mu, lr in zip(moving.blocks, home, mean, moving.setting("lr"), strict=True):
            block.copy_(at - lr * walk["scope"] * (at - mu))
        self.count()
        return first


class Noise:
    """Standard normal numbers of one step of one run, on any device."""

    def __init__(self, seed: int, step: int):
        self.seed = (seed * 1_000_003 + step) % 2**63
        self.generators: dict[torch.device, torch.Generator] = {}

    def like(self, block: Tensor) -> Tensor:
        if block.device not in self.generators:
            self.generators[block.device] = torch.Generator(block.device).manual_seed(self.seed)
        source = self.generators[block.device]
        return torch.randn(block.shape, dtype=block.dtype, device=block.device, generator=source)


def wander(
    moving: Moving, home: list[Tensor], mean: list[Tensor], walk: dict[str, Any], noise: Noise
) -> None:
    """x' ← x' − η'[∇f − γ(x − x')] + √η' ε N(0, I) and μ ← (1 − α)μ + αx', in place."""
    rate, scope = walk["langevin_lr"], walk["scope"]
    for block, at, mu, g in zip(moving.blocks, home, mean, moving.grads(), strict=True):
        if g is not None:
            block.lerp_(at, rate * scope).sub_(g, alpha=rate)
            if walk["noise"] > 0:
                block.add_(noise.like(block), alpha=math.sqrt(rate) * walk["noise"])
            mu.lerp_(block, walk["averaging"])
