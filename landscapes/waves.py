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
            both_wavevectors=np.concatenate([k, k]),
            both_phases=np.concatenate([phi, phi - math.pi / 2])[:, None],  # cos(φ − π/2) = sin φ
            derivatives=np.block(
                [
                    [a, np.zeros_like(a)],
                    [np.zeros_like(k.T), -(a[:, None] * k).T],
                    [-(a[:, None] * outer).T, np.zeros_like(outer.T)],
                ]
            ),  # (1 + d + d², 2K): cosines and sines to value, gradient, Hessian
            base=np.concatenate([[constant], b, A.reshape(-1)])[:, None],  # (1 + d + d², 1)
            tilt=np.concatenate([b[None] / 2, A, np.zeros((dim * dim, dim))]),  # (1 + d + d², d)
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
        """The rolling ball spends its time here: one matrix product for the phases, one cosine of them and of
        those a quarter later, and one product for the value, the gradient and the Hessian."""
        c, d = self._constants.like(theta), self.dim
        columns = theta.reshape(-1, d).T
        waves = torch.addmm(c.both_phases, c.both_wavevectors, columns).cos_()  # (2K, N)
        ramp = torch.addmm(c.base, c.tilt, columns) if self.has_polynomial else c.base
        table = torch.addmm(ramp, c.derivatives, waves)  # (1 + d + d², N)
        f, slope, bend = table[0], table[1 : d + 1], table[d + 1 :]
        if self.has_polynomial:
            f = torch.add(f, (columns * ramp[1 : d + 1]).sum(0), alpha=0.5)  # b·θ/2 + θ·(b + Aθ)/2
        batch = theta.shape[:-1]
        return f.view(batch), slope.T.view(theta.shape), bend.T.view(*batch, d, d)

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
