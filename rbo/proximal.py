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
from torch import Tensor

ABSENT = -1e30  # height of an empty place: finite, so that it can be multiplied by nought


@dataclass(frozen=True)
class ProximalStep:
    """The proximal step over up to `count` contacts, with the tables of their acting sets."""

    # (P (d+1), count): from contacts to the first of each set and the differences of the others from it
    pick: Tensor
    pad: Tensor  # (P, d, d): ones on the diagonal for the places that a set leaves empty

    @staticmethod
    def over(count: int, like: Tensor) -> ProximalStep:
        """For `count` contacts in the dimension, dtype and on the device of points (*B, d)."""
        d = like.shape[-1]
        sets = [s for size in range(1, min(count, d + 1) + 1) for s in combinations(range(count), size)]
        pick, pad = torch.zeros(len(sets), d + 1, count), torch.zeros(len(sets), d, d)
        for k, members in enumerate(sets):
            pick[k, 0, members[0]] = 1
            for row in range(1, d + 1):
                if row < len(members):
                    pick[k, row, members[row]], pick[k, row, members[0]] = 1, -1
                else:
                    pad[k, row - 1, row - 1] = 1
        return ProximalStep(pick.flatten(0, 1).to(like), pad.to(like))

    def __call__(self, heights: Tensor, gradients: Tensor, lr: Tensor) -> Tensor:
        """The step.

        Args:
            heights: h, (n, count); -inf marks an empty place. The first is the highest, and finite.
            gradients: g, (n, count, d), finite.
            lr: η, (n,).

        Returns:
            Δ, (n, d).
        """
        n, _, d = gradients.shape
        rise = (heights - heights[:, :1]).clamp_min(ABSENT) / lr[:, None]
        table = torch.cat([gradients, rise[..., None]], -1)  # (n, count, d+1)
        first, edges = (self.pick @ table).view(n, -1, d + 1, d + 1).split([1, d], 2)
        base, base_rise = first[..., 0, :d], first[..., 0, d]  # (n, P, d), (n, P)
        edges, edge_rise = edges[..., :d], edges[..., d]  # (n, P, d, d), (n, P, d)
        factor, failed = torch.linalg.cholesky_ex(edges @ edges.mT + self.pad)
        side = edge_rise - (edges @ base[..., None])[..., 0]
        rest = torch.cholesky_solve(side[..., None], factor)[..., 0]  # weights of the members after the first
        blend = base + (rest[..., None, :] @ edges)[..., 0, :]  # G, (n, P, d)
        value = base_rise + (rest * edge_rise).sum(-1) - blend.square().sum(-1) / 2
        feasible = (failed == 0) & (rest.amin(-1) >= 0) & (rest.sum(-1) <= 1)  # false for nan
        best = value.masked_fill(~feasible, -torch.inf).argmax(-1)
        return -lr[:, None] * blend.gather(1, best[:, None, None].expand(-1, 1, d))[:, 0]
