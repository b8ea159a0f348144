"""Climbing without a gradient: a pattern search that shrinks onto a maximum, kinked or smooth."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import torch
from torch import Tensor

ROUNDS = 32
SHRINK = 0.4


def climb(value: Callable[[Tensor], Tensor], seeds: Tensor, stride: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Climb from each seed on a 5-point-a-side pattern whose stride shrinks when the middle is the highest.

    Args:
        value: (n, m, d) -> (n, m), to be maximised; -inf where not allowed.
        seeds: (n, k, d).
        stride: first stride, (n, 1).

    Returns:
        Points (n, k, d), their values (n, k), and whether the pattern shrank to 1e-4 of its first size there
        (n, k): a seed whose pattern did not was still climbing.
    """
    n, k, d = seeds.shape
    pattern = seeds.new_tensor(
        list(product((0.0, -1.0, -0.5, 0.5, 1.0), repeat=d))
    )  # the middle first: ties stay
    stride = stride.expand(n, k).clone()
    points = seeds
    first = stride
    for _ in range(ROUNDS):
        trial = points[:, :, None] + stride[..., None, None] * pattern  # (n, k, 5**d, d)
        values = value(trial.flatten(1, 2)).reshape(n, k, -1)
        best, at = values.max(-1)
        best_point = trial.gather(2, at[..., None, None].expand(-1, -1, 1, d))[:, :, 0]
        moved = (at != 0) & (best > values[..., 0])
        points = torch.where(moved[..., None], best_point, points)
        stride = torch.where(moved, stride, SHRINK * stride)
    return points, best, stride < 1e-4 * first
