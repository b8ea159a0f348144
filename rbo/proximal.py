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
    """The proximal step over up to `count` contacts in one or two dimensions, with the tables of their acting
    sets."""

    members: Tensor  # (3, P): the first of each set and the others, the first again where there are no more
    pad: Tensor  # (2, P): one for the places that a set leaves empty

    @staticmethod
    def over(count: int, like: Tensor) -> ProximalStep:
        """For `count` contacts in the dimension d = 1 or 2, dtype and on the device of points (*B, d)."""
        most = min(count, like.shape[-1] + 1)
        sets = [s for size in range(1, most + 1) for s in combinations(range(count), size)]
        members = torch.tensor([[*s, s[0], s[0]][:3] for s in sets], device=like.device).T
        pad = (members[1:] == members[0]).to(like)
        return ProximalStep(members, pad)

    def __call__(self, heights: Tensor, gradients: Tensor, lr: Tensor) -> Tensor:
        """The step.

        Args:
            heights: h, (n, count); -inf marks an empty place; one is finite.
            gradients: g, (n, count, d), finite.
            lr: η, (n,).

        Returns:
            Δ, (n, d).
        """
        rises = (heights - heights.amax(1, keepdim=True)).clamp_min(ABSENT) / lr[:, None]
        table = torch.cat([gradients.movedim(-1, 0), rises[None]])  # (d+1, n, count): sums over d come first
        base, one, two = (table.index_select(-1, at) for at in self.members)  # (d+1, n, P)
        one, two = one - base, two - base
        (base, rise), (one, rise1), (two, rise2) = ((part[:-1], part[-1]) for part in (base, one, two))
        # the weights of the second and third member: normal equations of a stationary dual, by Cramer's rule
        a, b, c = self.pad[0] + dot(one, one), dot(one, two), self.pad[1] + dot(two, two)
        side1, side2 = rise1 - dot(one, base), rise2 - dot(two, base)
        determinant = addcmul(a * c, b, b, value=-1)
        weight1 = addcmul(c * side1, b, side2, value=-1).div_(determinant)
        weight2 = addcmul(a * side2, b, side1, value=-1).div_(determinant)
        blend = addcmul(addcmul(base, weight1, one), weight2, two)  # G, (d, n, P)
        value = addcmul(addcmul(rise, weight1, rise1), weight2, rise2).sub_(dot(blend, blend), alpha=0.5)
        inside = torch.minimum(torch.minimum(weight1, weight2), 1 - weight1 - weight2) >= 0  # false for nan
        best = value.masked_fill_(~inside, -torch.inf).argmax(-1)  # (n,)
        return -lr[:, None] * blend.gather(-1, best.expand(len(blend), -1)[..., None])[..., 0].T


def dot(a: Tensor, b: Tensor) -> Tensor:
    """a·b over the first axis."""
    return vecdot(a, b, dim=0)
