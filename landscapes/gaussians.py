"""A parabola with many Gaussian dips, evaluated through a table of neighbours.

    f(θ) = |θ|² − Σ_m exp(−|θ − m|²/2σ²)

A dip is below 1e-16 of its depth beyond 8.6σ. A table lists for every cell of a square mesh the centres
within that distance, so that a point sums over its neighbours only; on a grid exp(−x²)exp(−y²) makes one
matrix product.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from landscapes.formula import CHUNK, Formula

BOX = 3.0  # the centres and the domain lie in [−BOX, BOX]²
REACH = 8.6  # exp(−8.6²/2) = 9e-17
FAR = 1e6  # a place for the centres that fill up the table: their dips vanish on the domain


class GaussianDips(Formula):
    """|θ|² − Σ_m exp(−|θ − m|²/2σ²) for centres (M, 2) in [−3, 3]².

    A point outside the box sums over the neighbours of the nearest cell.
    """

    def __init__(self, centres: np.ndarray, sigma: float) -> None:
        self.sigma = sigma
        self._centres = torch.from_numpy(np.concatenate([centres, [[FAR, FAR]]]))
        self._cells = max(1, min(64, round(2 * BOX / (2 * sigma))))  # per side; a cell is about 2σ wide
        self._table = torch.from_numpy(self._neighbours(centres))

    def _neighbours(self, centres: np.ndarray) -> np.ndarray:
        """Indices (cells², K) of the centres within reach of each cell, filled up with the far one."""
        edges = np.linspace(-BOX, BOX, self._cells + 1)
        # distance of every centre from every cell along one axis: (cells, M, 2)
        outside = np.maximum(edges[:-1, None, None] - centres, centres - edges[1:, None, None]).clip(0)
        near = outside[:, None, :, 0] ** 2 + outside[None, :, :, 1] ** 2 < (REACH * self.sigma) ** 2
        near = near.reshape(self._cells**2, len(centres))
        width = max(1, int(near.sum(1).max(initial=0)))
        table = np.full((len(near), width), len(centres))
        for row, neighbours in zip(table, near, strict=True):
            (found,) = neighbours.nonzero()
            row[: len(found)] = found
        return table

    def _dips(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Offsets θ − m (N, K, 2) from the neighbours of points (N, 2), and the depths there (N, K)."""
        cell = (
            ((theta.detach() + BOX) * (self._cells / (2 * BOX))).nan_to_num().clamp(0, self._cells - 1).long()
        )
        row = cell[:, 0] * self._cells + cell[:, 1]
        neighbours = self._centres.to(theta)[self._table.to(theta.device)[row]]
        offsets = theta[:, None] - neighbours
        return offsets, (offsets.square().sum(-1) * (-0.5 / self.sigma**2)).exp()

    def _chunks(self, theta: Tensor) -> tuple[Tensor, ...]:
        return theta.reshape(-1, 2).split(max(1, 32 * CHUNK // self._table.shape[1]))

    def value(self, theta: Tensor) -> Tensor:
        parts = [(part * part).sum(-1) - self._dips(part)[1].sum(-1) for part in self._chunks(theta)]
        return torch.cat(parts).reshape(theta.shape[:-1])

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """∇f = 2θ + Σ e (θ − m)/σ² and ∇²f = 2 + Σ e (1/σ² − (θ − m)(θ − m)ᵀ/σ⁴), e the depths."""
        parts = [self._jet(part) for part in self._chunks(theta)]
        f, g, hessian = (torch.cat(part) for part in zip(*parts, strict=True))
        shape = theta.shape[:-1]
        return f.reshape(shape), g.reshape(theta.shape), hessian.reshape(*shape, 2, 2)

    def _jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        offsets, depths = self._dips(theta)
        total, weighted = depths.sum(-1), depths[..., None] * offsets
        outer = weighted.mT @ offsets / self.sigma**4
        diagonal = (2 + total / self.sigma**2)[:, None, None] * torch.eye(
            2, device=theta.device, dtype=theta.dtype
        )
        return (theta * theta).sum(-1) - total, 2 * theta + weighted.sum(-2) / self.sigma**2, diagonal - outer

    def gradient(self, theta: Tensor) -> Tensor:
        return self.jet(theta)[1]

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        profiles = [
            (-0.5 * ((axis[:, None] - self._centres[:-1, i].to(axis)) / self.sigma) ** 2).exp()
            for i, axis in enumerate(axes)
        ]
        x, y = axes
        return x[:, None] ** 2 + y**2 - profiles[0] @ profiles[1].T
