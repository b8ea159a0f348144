"""How long balls take to roll, and how that grows with steps, radii, radius and grid.

python -m benchmarks.rolling

The first call of each kind warms up; the time is that of the fastest.
"""

from __future__ import annotations

import torch

import landscapes
import rbo
from benchmarks.clock import fastest
from benchmarks.table import Row, printed

BOWL = landscapes.get("wrinkled_bowl")
WITHIN = 3.0  # seconds for each kind


def seconds(
    radii: torch.Tensor, steps: int, spacing: float | None = None, loss: landscapes.Landscape = BOWL
) -> float:
    """Time of the rigid ball."""
    contact, start = rbo.Rigid(loss.domain, spacing), torch.tensor(loss.start, dtype=torch.float64)
    return fastest(
        lambda: rbo.roll(loss, start, radii, loss.lr, steps, contact, loss.loss_scale), WITHIN, least=3
    )


def family(count: int) -> torch.Tensor:
    """Log-spaced radii from 1/200 to 1/4 of the domain's width."""
    return torch.logspace(-1.5, 0.176, count, dtype=torch.float64)


def rows() -> list[Row]:
    """The figures to reach, then the growth."""
    one = torch.tensor([BOWL.radius], dtype=torch.float64)
    seconds(one, 5)
    measured = [
        Row(
            "24 radii x 250 steps in one batch, Rigid, wrinkled bowl",
            seconds(family(24), 250),
            "s",
            at_most=0.6,
        ),
        Row("one path of 300 steps, Rigid, wrinkled bowl", seconds(one, 300), "s", at_most=0.3),
    ]
    measured += [Row(f"24 radii, {n} steps", seconds(family(24), n), "s") for n in (60, 125, 500)]
    measured += [Row(f"{n} radii, 250 steps", seconds(family(n), 250), "s") for n in (6, 48, 96)]
    measured += [
        Row(f"one ball of radius {r}, 250 steps", seconds(one * 0 + r, 250), "s") for r in (0.05, 0.2, 1.5)
    ]
    measured += [
        Row(f"24 radii, 250 steps, grid spacing {h}", seconds(family(24), 250, h), "s")
        for h in (0.04, 0.01, 0.005)
    ]
    dips = landscapes.get("gaussian_mse")
    measured.append(Row("24 radii, 250 steps, 1000 Gaussian dips", seconds(family(24), 250, loss=dips), "s"))
    return measured


if __name__ == "__main__":
    print(printed("Rolling", rows()))
