"""The tensors that a formula is made of, ready in whatever dtype and on whatever device θ has.

The masters are float64 (or integer) on the CPU. Copies are kept on the instance, so that evaluating a
formula neither converts nor moves anything twice; there is no global state.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor


class Constants:
    """Named arrays, given as attributes by `like(theta)` in the dtype and on the device of theta."""

    def __init__(self, **arrays: np.ndarray) -> None:
        self._masters = {
            name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()
        }
        self._copies: dict[tuple[torch.dtype, torch.device], SimpleNamespace] = {}

    def like(self, theta: Tensor) -> SimpleNamespace:
        key = (theta.dtype, theta.device)
        if key not in self._copies:  # two threads may both fill it, with equal tensors
            with torch.inference_mode(False):  # usable by autograd, whoever comes first
                copies = {name: _like(master, theta) for name, master in self._masters.items()}
            self._copies[key] = SimpleNamespace(**copies)
        return self._copies[key]


def _like(master: Tensor, theta: Tensor) -> Tensor:
    return master.to(theta.device, theta.dtype if master.is_floating_point() else master.dtype)
