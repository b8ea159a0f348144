"""A quadratic plus a finite sum of plane waves, with closed-form derivatives.

    f(θ) = c + b·θ + ½ θᵀAθ + Σ_k a_k cos(k·θ + φ_k)
    ∇f   = b + Aθ − Σ_k a_k sin(k·θ + φ_k) k,     ∇²f = A − Σ_k a_k cos(k·θ + φ_k) k kᵀ

Most landscapes of this package, fractal ones included, are of this form. It is exact anywhere, and a jet
costs one sine and one cosine for each wave and a few small matrix products.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import linear

from landscapes.constants import Constants
from landscapes.formula import Formula


class WaveSum(Formula):
    """f(θ) = c + b·θ + ½ θᵀAθ + Σ_k a_k cos(k·θ + φ_k).

    Args:
        dim: d.
        constant, slope (d,), curvature (d, d): c, b and the symmetric A; zero unless given.
        amplitudes (K,), wavevectors (K, d), phases (K,): a_k, k and φ_k; no waves unless given.
    """

    def __init__(
        self,
        dim: int,
        constant: float = 0.0,
        slope: ArrayLike | None = None,
        curvature: ArrayLike | None = None,
        amplitudes: ArrayLike = (),
        wavevectors: ArrayLike = (),
        phases: ArrayLike | None = None,
    ) -> None:
        a = np.asarray(amplitudes, float)
        k = np.asarray(wavevectors, float).reshape(len(a), dim)
        phi = np.zeros(len(a)) if phases is None else np.asarray(phases, float)
        b = np.zeros(dim) if slope is None else np.asarray(slope, float)
        A = np.zeros((dim, dim)) if curvature is None else np.asarray(curvature, float)
        outer = (k[:, :, None] * k[:, None, :]).reshape(len(a), dim * dim)
        self.dim = dim
        self.has_waves = len(a) > 0
        self.has_polynomial = not self.has_waves or bool(b.any() or A.any())
        self.finest_wavelength = 2 * math.pi / float(np.linalg.norm(k, axis=1).max()) if k.any() else math.inf
        self._constants = Constants(
            constant=np.array([constant], float),
            slope=b,
            half=A / 2,
            wavevectors=k,
            phases=phi,
            amplitudes=a[None],
            minus_ak=-(a[:, None] * k).T,  # (d, K): sines to gradient
            minus_slope=-b,
            cosines=np.concatenate(
                [a[None], -(a[:, None] * outer).T]
            ),  # (1 + d², K): cosines to value, Hessian
            wavevectors_t=k.T,
            minus_ak_t=-(a[:, None] * k),
            cosines_t=np.concatenate([a[:, None], -(a[:, None] * outer)], 1),
            curvature=np.concatenate([[constant], A.reshape(-1)]),  # (1 + d²,) c and A
        )

    def value(self, theta: Tensor) -> Tensor:
        c = self._constants.like(theta)
        f = c.constant[0]
        if self.has_waves:
            f = linear(linear(theta, c.wavevectors, c.phases).cos(), c.amplitudes, c.constant)[..., 0]
        if self.has_polynomial:
            f = f + (theta * linear(theta, c.half, c.slope)).sum(-1)
        return f

    def gradient(self, theta: Tensor) -> Tensor:
        c = self._constants.like(theta)
        return self._gradient(linear(theta, c.wavevectors, c.phases).sin(), self._ramp(theta, c), c)

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The rolling ball spends its time here: one matrix product for the value and Hessian, one for the
        gradient."""
        c, d = self._constants.like(theta), self.dim
        points = theta.reshape(-1, d)
        phase = torch.addmm(c.phases, points, c.wavevectors_t)  # (N, K)
        even = torch.addmm(c.curvature, phase.cos(), c.cosines_t)  # (N, 1 + d²)
        f, slope = even[:, 0], phase.sin() @ c.minus_ak_t
        if self.has_polynomial:
            ramp = torch.addmm(c.slope, points, c.half)
            f, slope = f + torch.linalg.vecdot(points, ramp), torch.add(slope, ramp, alpha=2).sub_(c.slope)
        batch = theta.shape[:-1]
        return f.view(batch), slope.view(theta.shape), even[:, 1:].reshape(*batch, d, d)

    def _ramp(self, theta: Tensor, c: SimpleNamespace) -> Tensor | None:
        """Aθ/2 + b (*B, d): its product with θ is the polynomial, and b + Aθ is twice it less b."""
        return linear(theta, c.half, c.slope) if self.has_polynomial else None

    def _gradient(self, sines: Tensor, ramp: Tensor | None, c: SimpleNamespace) -> Tensor:
        if ramp is None:
            return linear(sines, c.minus_ak)
        return torch.add(linear(sines, c.minus_ak, c.minus_slope), ramp, alpha=2)

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        """In 2-D one matrix product: cos(p + q) = cos p cos q − sin p sin q separates the coordinates."""
        if self.dim != 2:
            return super().grid(axes)
        x, y = axes
        c = self._constants.like(x)
        (kx, ky), ((xx, xy), (_, yy)), (bx, by) = c.wavevectors.T, c.half, c.slope
        left, right = torch.outer(x, kx) + c.phases, torch.outer(y, ky)  # (nx, K), (ny, K)
        rows = [c.amplitudes * left.cos(), -c.amplitudes * left.sin()]
        columns = [right.cos(), right.sin()]
        along_x = (xx * x + bx) * x + c.constant
        rows += [torch.stack([along_x, torch.ones_like(x), 2 * xy * x], -1)]
        columns += [torch.stack([torch.ones_like(y), (yy * y + by) * y, y], -1)]
        return torch.cat(rows, -1) @ torch.cat(columns, -1).T
