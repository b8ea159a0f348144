"""Sums of a scalar function of polynomials: f(θ) = Σ_r φ(p_r(θ)).

With φ(t) = t² these are the least-squares test functions (Rosenbrock, Himmelblau, Beale), kept as squares
so that f never falls below zero by rounding. The chain rule gives the derivatives in closed form:

    ∇f = Σ_r φ'(p_r) ∇p_r,     ∇²f = Σ_r φ''(p_r) ∇p_r ∇p_rᵀ + φ'(p_r) ∇²p_r
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from landscapes.constants import Constants
from landscapes.formula import Formula


class Outer(NamedTuple):
    """φ and its first two derivatives, elementwise."""

    value: Callable[[Tensor], Tensor]
    first: Callable[[Tensor], Tensor]
    second: Callable[[Tensor], Tensor]


SQUARE = Outer(lambda t: t * t, lambda t: 2 * t, lambda t: torch.full_like(t, 2))
IDENTITY = Outer(lambda t: t, torch.ones_like, torch.zeros_like)


class PolynomialSum(Formula):
    """f(θ) = Σ_r φ(p_r(θ)).

    Args:
        dim: d.
        polynomials: R of them, each a dict from the d exponents of a monomial to its coefficient.
        outer: φ with its derivatives.
    """

    def __init__(self, dim: int, polynomials: Sequence[dict[tuple[int, ...], float]], outer: Outer) -> None:
        self.dim, self.outer = dim, outer
        self.degree = max(max(exponents) for p in polynomials for exponents in p)
        c = np.zeros((len(polynomials), *[self.degree + 1] * dim))
        for r, polynomial in enumerate(polynomials):
            for exponents, coefficient in polynomial.items():
                c[(r, *exponents)] = coefficient
        first = [_derivative(c, i) for i in range(dim)]
        second = [_derivative(g, j) for g in first for j in range(dim)]
        # (J, R, monomials) with the J = 1 + d + d² entries of the jet in front
        jets = np.stack([c, *first, *second]).reshape(1 + dim + dim**2, len(c), -1)
        self._constants = Constants(jets=jets)

    def _polynomials(self, theta: Tensor, entries: int) -> Tensor:
        """The first `entries` entries of the jets of all p_r at θ (*B, d): (entries, *B, R)."""
        powers = [torch.ones_like(theta), theta]
        while len(powers) <= self.degree:
            powers.append(powers[-1] * theta)
        axes = torch.stack(powers[: self.degree + 1], -1)  # (*B, d, degree + 1)
        monomials = axes[..., 0, :]
        for i in range(1, self.dim):
            monomials = (monomials[..., :, None] * axes[..., i, None, :]).flatten(-2)
        c = self._constants.like(theta).jets[:entries]
        return (monomials @ c.flatten(0, 1).T).unflatten(-1, c.shape[:2]).movedim(-2, 0)

    def value(self, theta: Tensor) -> Tensor:
        return self.outer.value(self._polynomials(theta, 1)[0]).sum(-1)

    def gradient(self, theta: Tensor) -> Tensor:
        p, *slopes = self._polynomials(theta, 1 + self.dim)
        return (self.outer.first(p) * torch.stack(slopes)).sum(-1).movedim(0, -1)

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        d = self.dim
        jets = self._polynomials(theta, 1 + d + d * d)
        p, slopes, curvatures = jets[0], jets[1 : 1 + d], jets[1 + d :].unflatten(0, (d, d))
        first, second = self.outer.first(p), self.outer.second(p)
        hessian = (second * slopes[:, None] * slopes[None] + first * curvatures).sum(-1)  # (d, d, *B)
        gradient = (first * slopes).sum(-1).movedim(0, -1)
        return self.outer.value(p).sum(-1), gradient, hessian.movedim((0, 1), (-2, -1))


def _derivative(c: np.ndarray, i: int) -> np.ndarray:
    """∂/∂θ_i of polynomials with coefficients c (R, n, …, n); the exponents of θ_i run along axis i + 1."""
    c = np.moveaxis(c, i + 1, -1)
    d = np.zeros_like(c)
    d[..., :-1] = c[..., 1:] * np.arange(1, c.shape[-1])
    return np.moveaxis(d, -1, i + 1)
