"""A quadratic plus a finite sum of plane waves, with closed-form derivatives.

    f(θ) = c + b·θ + ½ θᵀAθ + Σ_k a_k cos(k·θ + φ_k)
    ∇f   = b + Aθ − Σ_k a_k sin(k·θ + φ_k) k,     ∇²f = A − Σ_k a_k cos(k·θ + φ_k) k kᵀ

Most landscapes of this package, fractal ones included, are of this form. It is exact anywhere, and a jet costs one sine
and one cosine for each wave and a few small matrix products.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import linear

from landscapes.formula import Formula


class Coefficients(NamedTuple):
    """The coefficients as matrices for `linear`; K waves in d dimensions."""

    constant: Tensor  # (1,)
    slope: Tensor  # (d,) b
    half: Tensor  # (d, d) A/2
    wavevectors: Tensor  # (K, d)
    phases: Tensor  # (K,)
    amplitudes: Tensor  # (1, K)
    minus_ak: Tensor  # (d, K) −a_k k: sines to gradient
    minus_slope: Tensor  # (d,)
    cosines: Tensor  # (1 + d², K) a_k and −a_k k kᵀ: cosines to value and Hessian
    curvature: Tensor  # (1 + d²,) c and A


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
        self.has_polynomial = bool(b.any() or A.any())
        self.finest_wavelength = 2 * math.pi / np.linalg.norm(k, axis=1).max() if k.any() else math.inf
        arrays = Coefficients(
            constant=np.array([constant]),
            slope=b,
            half=A / 2,
            wavevectors=k,
            phases=phi,
            amplitudes=a[None],
            minus_ak=-(a[:, None] * k).T,
            minus_slope=-b,
            cosines=np.concatenate([a[None], -(a[:, None] * outer).T]),
            curvature=np.concatenate([[constant], A.reshape(-1)]),
        )
        self._master = Coefficients(*[torch.from_numpy(np.ascontiguousarray(x, dtype=float)) for x in arrays])
        self._cast: dict[tuple[torch.dtype, torch.device], Coefficients] = {}

    def _like(self, theta: Tensor) -> Coefficients:
        key = (theta.dtype, theta.device)
        if key not in self._cast:  # two threads may both fill it, with equal tensors
            with torch.inference_mode(False):  # usable by autograd whoever comes first
                self._cast[key] = Coefficients(*[x.to(theta.device, theta.dtype) for x in self._master])
        return self._cast[key]

    def value(self, theta: Tensor) -> Tensor:
        c = self._like(theta)
        if self.has_waves:
            f = linear(linear(theta, c.wavevectors, c.phases).cos(), c.amplitudes, c.constant)[..., 0]
        else:
            f = c.constant.expand(theta.shape[:-1])
        if self.has_polynomial:
            f = f + (theta * linear(theta, c.half, c.slope)).sum(-1)
        return f

    def gradient(self, theta: Tensor) -> Tensor:
        c = self._like(theta)
        sines = linear(theta, c.wavevectors, c.phases).sin()
        return self._gradient(theta, sines, linear(theta, c.half, c.slope), c)

    def _gradient(self, theta: Tensor, sines: Tensor, ramp: Tensor, c: Coefficients) -> Tensor:
        """From the sines (*B, K) and the ramp Aθ/2 + b (*B, d): b + Aθ = 2 ramp − b saves one product."""
        if not self.has_waves:
            return 2 * ramp - c.slope
        if not self.has_polynomial:
            return linear(sines, c.minus_ak)
        return torch.add(linear(sines, c.minus_ak, c.minus_slope), ramp, alpha=2)

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        c = self._like(theta)
        phase = linear(theta, c.wavevectors, c.phases)  # (*B, K)
        even = linear(phase.cos(), c.cosines, c.curvature)  # (*B, 1 + d²)
        f, hessian = even[..., 0], even[..., 1:].unflatten(-1, (self.dim, self.dim))
        ramp = linear(theta, c.half, c.slope) if self.has_polynomial or not self.has_waves else theta
        if self.has_polynomial:
            f = f + (theta * ramp).sum(-1)
        return f, self._gradient(theta, phase.sin(), ramp, c), hessian

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        """In 2-D one matrix product: cos(p + q) = cos p cos q − sin p sin q separates the coordinates."""
        if self.dim != 2:
            return super().grid(axes)
        x, y = axes
        c = self._like(x)
        (kx, ky), ((xx, xy), (_, yy)), (bx, by) = c.wavevectors.T, c.half, c.slope
        left, right = torch.outer(x, kx) + c.phases, torch.outer(y, ky)  # (nx, K), (ny, K)
        rows = [c.amplitudes * left.cos(), -c.amplitudes * left.sin()]
        columns = [right.cos(), right.sin()]
        along_x = (xx * x + bx) * x + c.constant
        rows += [torch.stack([along_x, torch.ones_like(x), 2 * xy * x], -1)]
        columns += [torch.stack([torch.ones_like(y), (yy * y + by) * y, y], -1)]
        return torch.cat(rows, -1) @ torch.cat(columns, -1).T
