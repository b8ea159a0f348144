"""A parabola with many Gaussian dips, evaluated through a table of neighbours.

    f(θ) = |θ|² − Σ_m exp(−|θ − m|²/2σ²)

Beyond 7.5σ a dip is below 1e-12 of its depth. A table lists for every cell of a square mesh the centres
within that distance, so that a point sums over its neighbours only; on a grid exp(−x²)exp(−y²) makes one
matrix product.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from landscapes.constants import Constants
from landscapes.formula import CHUNK, Formula

BOX = 3.0  # the centres and the domain lie in [−BOX, BOX]²
REACH = 7.5  # exp(−7.5²/2) = 6e-13
FAR = 1e6  # where the centres lie that fill up the table: their dips vanish


class GaussianDips(Formula):
    """|θ|² − Σ_m exp(−|θ − m|²/2σ²) for centres (M, 2) in [−3, 3]².

    A point outside the box sums over the neighbours of the nearest cell.
    """

    def __init__(self, centres: np.ndarray, sigma: float) -> None:
        self.sigma = sigma
        self._cells = max(1, min(64, round(BOX / sigma)))  # per side; a cell is about 2σ wide
        self._constants = Constants(centres=centres, table=self._neighbours(centres))

    def _neighbours(self, centres: np.ndarray) -> np.ndarray:
        """The centres within reach of each cell, (cells², 2, K), filled up with far ones."""
        edges = np.linspace(-BOX, BOX, self._cells + 1)
        # distance of every centre from every cell along each axis: (cells, M, 2)
        outside = np.maximum(edges[:-1, None, None] - centres, centres - edges[1:, None, None]).clip(0)
        near = outside[:, None, :, 0] ** 2 + outside[None, :, :, 1] ** 2 < (REACH * self.sigma) ** 2
        near = near.reshape(self._cells**2, len(centres))
        table = np.full((len(near), 2, max(1, int(near.sum(1).max(initial=0)))), FAR)
        for row, neighbours in zip(table, near, strict=True):
            row[:, : neighbours.sum()] = centres[neighbours].T
        return table

    def _dips(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Offsets θ − m (N, 2, K) from the neighbours of points (N, 2), and the depths there (N, K)."""
        table = self._constants.like(theta).table
        cell = (
            ((theta.detach() + BOX) * (self._cells / (2 * BOX))).nan_to_num().clamp(0, self._cells - 1).long()
        )
        offsets = theta[..., None] - table[cell[:, 0] * self._cells + cell[:, 1]]
        return offsets, (offsets.square().sum(-2) * (-0.5 / self.sigma**2)).exp()

    def _chunks(self, theta: Tensor) -> tuple[Tensor, ...]:
        neighbours = self._constants.like(theta).table.shape[-1]
        return theta.reshape(-1, 2).split(max(1, 32 * CHUNK // neighbours))

    def value(self, theta: Tensor) -> Tensor:
        parts = [(part * part).sum(-1) - self._dips(part)[1].sum(-1) for part in self._chunks(theta)]
        return torch.cat(parts).reshape(theta.shape[:-1])

    def gradient(self, theta: Tensor) -> Tensor:
        """2θ + Σ e (θ − m)/σ², e the depths."""
        parts = [self._gradient(part, *self._dips(part)) for part in self._chunks(theta)]
        return torch.cat(parts).reshape(theta.shape)

    def _gradient(self, theta: Tensor, offsets: Tensor, depths: Tensor) -> Tensor:
        return 2 * theta + (offsets @ depths[..., None])[..., 0] / self.sigma**2

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The Hessian is 2 + Σ e (1/σ² − (θ − m)(θ − m)ᵀ/σ⁴)."""
        parts = [self._jet(part) for part in self._chunks(theta)]
        f, g, hessian = (torch.cat(part) for part in zip(*parts, strict=True))
        shape = theta.shape[:-1]
        return f.reshape(shape), g.reshape(theta.shape), hessian.reshape(*shape, 2, 2)

    def _jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        offsets, depths = self._dips(theta)
        total = depths.sum(-1)
        outer = (depths[:, None] * offsets) @ offsets.mT / self.sigma**4
        identity = torch.eye(2, device=theta.device, dtype=theta.dtype)
        hessian = (2 + total / self.sigma**2)[:, None, None] * identity - outer
        return (theta * theta).sum(-1) - total, self._gradient(theta, offsets, depths), hessian

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        x, y = axes
        centres = self._constants.like(x).centres
        profiles = [
            (-0.5 * ((axis[:, None] - centres[:, i]) / self.sigma) ** 2).exp() for i, axis in enumerate(axes)
        ]
        return x[:, None] ** 2 + y**2 - profiles[0] @ profiles[1].T
