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

    first: Tensor  # (P,) of each set
    others: Tensor  # (2·P,) its second and its third, the first again where there are no more
    pad: Tensor  # (2, P): one for the places that a set leaves empty

    @staticmethod
    def over(count: int, like: Tensor) -> ProximalStep:
        """For `count` contacts in the dimension d = 1 or 2, dtype and on the device of points (*B, d)."""
        most = min(count, like.shape[-1] + 1)
        sets = [s for size in range(1, most + 1) for s in combinations(range(count), size)]
        members = torch.tensor([[*s, s[0], s[0]][:3] for s in sets], device=like.device).T
        pad = (members[1:] == members[0]).to(like)
        return ProximalStep(members[0], members[1:].flatten(), pad)

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
        first = table.index_select(-1, self.first)  # (d+1, n, P)
        others = table.index_select(-1, self.others).unflatten(-1, (2, -1)) - first[:, :, None]
        base, rise, edges, rises = first[:-1], first[-1], others[:-1], others[-1]  # edges (d, n, 2, P)
        # the weights of the second and third member: normal equations of a stationary dual, by Cramer's rule
        own, cross = dot(edges, edges) + self.pad, dot(edges[:, :, 0], edges[:, :, 1])[:, None]
        sides = rises - dot(edges, base[:, :, None])
        determinant = addcmul(own[:, :1] * own[:, 1:], cross, cross, value=-1)
        weights = addcmul(own.flip(1) * sides, cross, sides.flip(1), value=-1).div_(determinant)  # (n, 2, P)
        blend = base + (weights * edges).sum(2)  # G, (d, n, P)
        value = (rise + (weights * rises).sum(1)).sub_(dot(blend, blend), alpha=0.5)
        inside = torch.minimum(weights.amin(1), 1 - weights.sum(1)) >= 0  # false for nan
        best = value.masked_fill_(~inside, -torch.inf).argmax(-1)  # (n,)
        return -lr[:, None] * blend.gather(-1, best.expand(len(blend), -1)[..., None])[..., 0].T


def dot(a: Tensor, b: Tensor) -> Tensor:
    """a·b over the first axis."""
    return vecdot(a, b, dim=0)
