"""The one linear system behind every contact: (I + ggᵀ + rH) Δ = b, in two dimensions.

With r = f − y it is Newton's on the distance of (θ, f(θ)) from a centre of height y; with r = −ρ/s it is
Newton's on the contact equation θ = x + ρg/s, whose matrix I − ρS is this one after multiplication by I + ggᵀ
(`geometry.shape_operator`). Positive definite means: a local minimum of the distance, a local maximum of
the drop.

Components come first here, which is several times faster than last, and a curve is a cylinder: θ = (θ_1, 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, addcmul
from torch.nn.functional import pad


@dataclass(frozen=True)
class Symmetric:
    """Symmetric 2 × 2 matrices *B."""

    diagonal: Tensor  # (2, *B)
    off: Tensor  # (*B,)

    @staticmethod
    def of(matrices: Tensor) -> Symmetric:
        """Matrices (*B, d, d), d = 1 or 2; nought along the cylinder of a curve."""
        if matrices.shape[-1] == 1:
            return Symmetric(components(matrices[..., 0]), torch.zeros_like(matrices[..., 0, 0]))
        return Symmetric(matrices.diagonal(dim1=-2, dim2=-1).movedim(-1, 0), matrices[..., 0, 1])

    @staticmethod
    def metric(grad: Tensor) -> Symmetric:
        """I + ggᵀ, the metric of Γ, at gradients (2, *B)."""
        first, second = grad.unbind()
        return Symmetric(grad.square() + 1, first * second)

    @cached_property
    def determinant(self) -> Tensor:
        """(*B,)."""
        first, second = self.diagonal.unbind()
        return addcmul(first * second, self.off, self.off, value=-1)

    @cached_property
    def positive(self) -> Tensor:
        """Which are positive definite, (*B,)."""
        return torch.minimum(self.determinant, self.diagonal[0]) > 0

    @property
    def inverse(self) -> Symmetric:
        """M⁻¹."""
        return Symmetric(self.diagonal.flip(0) / self.determinant, self.off / -self.determinant)

    def plus(self, weight: Tensor, other: Symmetric, sign: int = 1) -> Symmetric:
        """M ± wN for weights (*B,)."""
        diagonal = addcmul(self.diagonal, weight, other.diagonal, value=sign)
        return Symmetric(diagonal, addcmul(self.off, weight, other.off, value=sign))

    def times(self, vectors: Tensor, start: Tensor, sign: int = 1) -> Tensor:
        """start ± Mv for vectors (2, *B)."""
        along = addcmul(start, self.diagonal, vectors, value=sign)
        return addcmul(along, self.off, vectors.flip(0), value=sign)

    def solve(self, side: Tensor) -> Tensor:
        """M⁻¹b for sides (2, *B)."""
        across = self.diagonal.flip(0) * side
        return addcmul(across, self.off, side.flip(0), value=-1).div_(self.determinant)

    def uphill(self, side: Tensor) -> Tensor:
        """Saddle-free Newton (Dauphin et al. 2014): |M|⁻¹b for sides (2, *B), |M| being M with the signs of
        its eigenvalues dropped.

        The eigenvalues are m ± r; |M| = αI + βM, where α + βλ = |λ| for both.
        """
        first, second = self.diagonal.unbind()
        middle, spread = (first + second) / 2, torch.hypot((first - second) / 2, self.off)
        tiny = torch.finfo(side.dtype).eps
        high, low = (middle + spread).abs().clamp_min(tiny), (middle - spread).abs().clamp_min(tiny)
        share = ((high - low) / (2 * spread)).nan_to_num(0.0)  # nan: M = mI
        rest = high - share * (middle + spread)
        return Symmetric(rest + share * self.diagonal, share * self.off).solve(side)

    def some(self, rows: Tensor) -> Symmetric:
        """Some of them, (N,)."""
        return Symmetric(self.diagonal[:, rows], self.off[rows])


def components(points: Tensor) -> Tensor:
    """Points (*B, d), d = 1 or 2, as (2, *B)."""
    points = points if points.shape[-1] == 2 else pad(points, (0, 1))
    return points.movedim(-1, 0).contiguous()


def points(components: Tensor, d: int) -> Tensor:
    """A view (*B, d) of components (2, *B)."""
    return (components if d == 2 else components[:1]).movedim(0, -1)
