"""A plane of weight space: θ(a, b) = θ₀ + a·d₁ + b·d₂.

A plane is made by a part (`RandomDirections`, `PathDirections`, `HessianDirections`, `ThreePoints`) or from
two directions by hand; it says whether its directions are orthonormal, because then, and only then, lengths
in the picture are lengths in weight space.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor, nn

from landscapes.landscape import Domain
from landscapes.neural.weights import Weights, fitted, flat, point, unflat

LossFn = Callable[[Tensor, Tensor], Tensor]
Batch = tuple[Tensor, Tensor]  # inputs (N, ...), targets (N, ...)

UNIT: Domain = ((-1.0, 1.0), (-1.0, 1.0))
PARALLEL = 1e-6  # sine of the angle between two directions below which they span no plane


@dataclass(frozen=True, eq=False)
class Plane:
    """θ₀, d₁ and d₂ with where to look and what the two directions are.

    Attributes:
        origin: θ₀, all parameters.
        first, second: d₁, d₂, all parameters.
        domain: the part of the plane that shows what it is about.
        title: what the directions are, in a few words.
        note: a sentence on how they were made, and whether they are orthonormal.
        orthonormal: whether d₁ and d₂ have length one and a right angle between them.
        explained: PCA: shares of the path's variance along d₁ and d₂; else empty.
        eigenvalues: Hessian: the curvatures along d₁ and d₂; else empty.
    """

    origin: Weights = field(repr=False)
    first: Weights = field(repr=False)
    second: Weights = field(repr=False)
    domain: Domain = UNIT
    title: str = "two given directions"
    note: str = ""
    orthonormal: bool = False
    explained: tuple[float, ...] = ()
    eigenvalues: tuple[float, ...] = ()

    def check_model(self, weights: Weights) -> None:
        """Raise ValueError unless every part names the parameters of a model with these weights."""
        own = {name: weight.shape for name, weight in weights.items()}
        for part in (self.origin, self.first, self.second):
            if {name: tensor.shape for name, tensor in part.items()} != own:
                raise ValueError(
                    "the plane is one of another model: its parameters have other names or shapes"
                )

    def at(self, where: Tensor) -> Weights:
        """The weights at one point (2,) of the plane."""
        a, b = where.to(next(iter(self.origin.values()))).unbind()
        return {name: w + a * self.first[name] + b * self.second[name] for name, w in self.origin.items()}

    def coordinates(self, vectors: Tensor) -> Tensor:
        """The points (*B, 2) of the plane nearest to flat weight vectors (*B, P), in float64."""
        offset = vectors.double() - flat(self.origin).double()
        basis = self._basis()
        return offset @ basis @ torch.linalg.inv(basis.T @ basis)

    def explained_share(self, vectors: Tensor) -> Tensor:
        """The share of |θ − θ₀|² that the plane holds, for flat weight vectors (*B, P) -> (*B,); 1 at θ₀."""
        offset = vectors.double() - flat(self.origin).double()
        within = self.coordinates(vectors) @ self._basis().T
        total = offset.square().sum(-1)
        return torch.where(total > 0, within.square().sum(-1) / total.clamp_min(1e-300), 1.0)

    def _basis(self) -> Tensor:
        return torch.stack([flat(self.first), flat(self.second)], -1).double()  # (P, 2)


class Directions(Protocol):
    """A part that makes a plane for a model and its data."""

    def plane(self, model: nn.Module, loss_fn: LossFn, batch: Batch) -> Plane:
        """The plane; the model is not changed."""
        ...


def plane_of(
    origin: Weights, first: Mapping[str, Tensor], second: Mapping[str, Tensor], **words: object
) -> Plane:
    """A plane through the origin; parameters that a direction does not name stay as they are in it.

    Raises:
        ValueError: a name or a shape is not that of a parameter, or the two directions span no plane.
    """
    full = [_direction(origin, given, word) for given, word in ((first, "first"), (second, "second"))]
    u, v = (flat(direction).double() for direction in full)
    for vector, word in ((u, "first"), (v, "second")):
        if not vector.any():
            raise ValueError(f"the {word} direction must not be zero")
    u, v = u / u.norm(), v / v.norm()
    if (v - (u @ v) * u).norm() < PARALLEL:
        raise ValueError("the two directions must span a plane, the second is a multiple of the first")
    return Plane(origin, *full, **words)


def orthonormal(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Two vectors (P,) of the same span and orientation with length one and a right angle (Gram-Schmidt)."""
    u = first / first.norm()
    v = second - (u @ second) * u
    v = v - (u @ v) * u  # once more: the first time leaves rounding along u
    return u, v / v.norm()


def named(vector: Tensor, like: Weights) -> Weights:
    """A vector (P,) as weights of the dtype of `like`."""
    return point(unflat(vector, like), like, "a direction")


def _direction(origin: Weights, given: Mapping[str, Tensor], word: str) -> Weights:
    for name in given:
        if name not in origin:
            raise ValueError(f"the {word} direction names {name!r}, which is no parameter of the model")
    return {
        name: fitted(given[name], tensor, f"the {word} direction: {name}")
        if name in given
        else torch.zeros_like(tensor)
        for name, tensor in origin.items()
    }
