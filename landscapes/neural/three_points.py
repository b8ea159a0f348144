"""The plane through three given weight vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from landscapes.neural.path_directions import square_around
from landscapes.neural.plane import Batch, LossFn, Plane, named, orthonormal, plane_of
from landscapes.neural.weights import flat, point, weights_of

Point = Mapping[str, Tensor] | Tensor


@dataclass(frozen=True, eq=False)
class ThreePoints:
    """θ₀ = origin, d₁ = first − origin, d₂ = second − origin: the three lie at (0, 0), (1, 0) and (0, 1).

    Args:
        origin, first, second: flat vectors (P,), or mappings 'parameter name -> tensor'. Buffers, running
            statistics among them, are the model's at all three.
        orthonormalised: whether d₁ and d₂ are made orthonormal; then `coordinates` of the plane says where
            the second and the third lie. Not by default.
        title: what the three are, in a few words.
    """

    origin: Point
    first: Point
    second: Point
    orthonormalised: bool = False
    title: str = "three weight vectors"

    def plane(self, model: nn.Module, loss_fn: LossFn, batch: Batch) -> Plane:
        like = weights_of(model)
        given = zip((self.origin, self.first, self.second), ("first", "second", "third"), strict=True)
        a, b, c = (point(p, like, f"the {word} weight vector") for p, word in given)
        edges = [{name: other[name] - tensor for name, tensor in a.items()} for other in (b, c)]
        plane = plane_of(a, *edges)  # says where the three lie on one line
        if self.orthonormalised:
            edges = [named(v, like) for v in orthonormal(*(flat(edge).double() for edge in edges))]
            plane = plane_of(a, *edges)
        places = plane.coordinates(torch.stack([flat(p) for p in (a, b, c)]))
        how = (
            "are orthonormalised" if self.orthonormalised else "lead from the first to the others as they are"
        )
        return plane_of(
            a,
            *edges,
            domain=square_around(places),
            title=self.title,
            note=f"The directions {how}.",
            orthonormal=self.orthonormalised,
        )
