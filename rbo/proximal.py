"""The step of a ball that touches at several places.

Near the centre x the centre surface is the highest of several branches, one a contact, with heights h_i and
gradients g_i. The step is the proximal one on their tangents (a bundle of linear pieces):

    Δ = argmin over Δ of max_i [h_i + g_i·Δ] + |Δ|²/(2η).

Its dual: Δ = −ηG, G = Σ α_i g_i, where α in the simplex maximises Σ α_i h_i − (η/2)|G|². At most d + 1
contacts act (Carathéodory), so every set of acting contacts is tried at once: the feasible one with the
highest dual value is the answer. With one contact Δ = −ηg, plain gradient descent.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor, addcmul
from torch.linalg import vecdot

ABSENT = -1e30  # height of an empty place: finite, so that it can be multiplied by nought


@dataclass(frozen=True)
class ProximalStep:
    """The proximal step over up to `count` contacts in d = 1 or 2 dimensions, with the tables of their acting
    sets: of one, two or three contacts, one to be the first of its set."""

    choose: Tensor  # (count, 3P): the first of each set, and the others less the first
    pad: Tensor  # (2, P): one for the places that a set leaves empty

    @staticmethod
    def over(count: int, d: int, like: Tensor) -> ProximalStep:
        """In the dtype and on the device of a tensor."""
        sets = [s for size in range(1, min(count, d + 1) + 1) for s in combinations(range(count), size)]
        members = torch.tensor([[*s, s[0], s[0]][:3] for s in sets]).T  # (3, P)
        one = torch.nn.functional.one_hot(members, count)  # (3, P, count)
        choose = torch.stack([one[0], one[1] - one[0], one[2] - one[0]]).flatten(0, 1).T
        return ProximalStep(choose.to(like), (members[1:] == members[0]).to(like))

    def __call__(self, heights: Tensor, gradients: Tensor, lr: Tensor) -> Tensor:
        """The step.

        Args:
            heights: h, (n, count); -inf marks an empty place; one is finite.
            gradients: g, (2, n, count), finite.
            lr: η, (n,).

        Returns:
            Δ, (2, n).
        """
        rises = ((heights - heights.amax(1, keepdim=True)) / lr[:, None]).clamp_min_(ABSENT)
        table = torch.cat([gradients, rises[None]]) @ self.choose  # (3, n, 3P): sums over d come first
        first, others = table.unflatten(-1, (3, -1)).tensor_split([1], -2)
        base, rise = first[:2, :, 0], first[2, :, 0]  # (2, n, P), (n, P)
        edges, rises = others[:2], others[2]  # (2, n, 2, P), (n, 2, P)
        # the weights of the second and third member: normal equations of a stationary dual, by Cramer's rule
        own, cross = dot(edges, edges) + self.pad, dot(edges[:, :, 0], edges[:, :, 1])[:, None]
        sides = rises - dot(edges, first[:2])
        determinant = addcmul(own[:, :1] * own[:, 1:], cross, cross, value=-1)
        weights = addcmul(own.flip(1) * sides, cross, sides.flip(1), value=-1).div_(determinant)  # (n, 2, P)
        blend = (weights * edges).sum(2).add_(base)  # G, (2, n, P)
        value = (weights * rises).sum(1).add_(rise).sub_(dot(blend, blend), alpha=0.5)
        inside = torch.minimum(weights.amin(1), 1 - weights.sum(1)) >= 0  # false for nan
        best = torch.where(inside, value, -torch.inf).argmax(-1)  # (n,)
        return blend.gather(-1, best.expand(2, -1)[..., None])[..., 0].mul_(-lr)


def dot(a: Tensor, b: Tensor) -> Tensor:
    """a·b over the first axis."""
    return vecdot(a, b, dim=0)
