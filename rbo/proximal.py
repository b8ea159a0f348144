"""The step of a ball that touches at several places.

Near the centre x the centre surface is the highest of several branches, one a contact, with heights h_i and gradients g_i.
The step is the proximal one on their tangents (maths: a bundle of linear pieces):

    Δ = argmin over Δ of max_i [h_i + g_i·Δ] + |Δ|²/(2η).

Its dual: Δ = −ηG, G = Σ α_i g_i, where α in the simplex maximises Σ α_i h_i − (η/2)|G|². At most d + 1 contacts act
(Carathéodory), so every set of acting contacts is tried at once: the feasible one with the highest dual value is the answer.
With one contact Δ = −ηg, plain gradient descent.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import torch
from torch import Tensor


def proximal_step(heights: Tensor, gradients: Tensor, lr: Tensor) -> Tensor:
    """The proximal step over the contacts of each ball.

    Args:
        heights: h, (n, C); -inf marks an empty place. The first is finite.
        gradients: g, (n, C, d), d = 1 or 2, finite.
        lr: η, (n,).

    Returns:
        Δ, (n, d).
    """
    count, d = gradients.shape[1:]
    members, used = acting_sets(count, d + 1, heights.device)
    slack = heights - heights.amax(-1, keepdim=True)  # heights matter only relative to the highest
    present = slack.isfinite()
    slack = slack.masked_fill(~present, 0.0)
    rise = slack / lr[:, None]

    h, g = rise[:, members], gradients[:, members]  # (n, P, d+1), (n, P, d+1, d)
    base, edges = g[:, :, 0], (g[:, :, 1:] - g[:, :, :1]) * used[:, 1:, None]  # (n, P, d), (n, P, d, d)
    gram = edges @ edges.mT + torch.diag_embed((~used[:, 1:]).to(g.dtype))
    side = ((h[:, :, 1:] - h[:, :, :1]) - (edges @ base[..., None])[..., 0]) * used[:, 1:]
    rest, solvable = solve_gram(gram, side)  # (n, P, d): weights of the members after the first
    weights = torch.cat([1 - rest.sum(-1, keepdim=True), rest], -1)
    blend = base + (rest[..., None, :] @ edges)[..., 0, :]  # G, (n, P, d)

    value = (weights * h).sum(-1) - blend.square().sum(-1) / 2
    feasible = solvable & (weights >= 0).all(-1) & (present[:, members] | ~used).all(-1)
    best = value.masked_fill(~feasible, -torch.inf).argmax(-1)
    chosen = blend.gather(1, best[:, None, None].expand(-1, 1, d))[:, 0]
    return -lr[:, None] * chosen


@lru_cache(maxsize=16)
def acting_sets(count: int, largest: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """All sets of 1 to `largest` of `count` contacts: members (P, largest), padded with the first, and which are used."""
    sets = [s for size in range(1, min(count, largest) + 1) for s in combinations(range(count), size)]
    members = [list(s) + [s[0]] * (largest - len(s)) for s in sets]
    used = [[i < len(s) for i in range(largest)] for s in sets]
    return torch.tensor(members, device=device), torch.tensor(used, device=device)


def solve_gram(gram: Tensor, side: Tensor) -> tuple[Tensor, Tensor]:
    """Solve a batch of 1×1 or 2×2 Gram systems (n, P, d, d) x = (n, P, d); also whether each is well posed."""
    if gram.shape[-1] == 1:
        det, scale = gram[..., 0, 0], gram[..., 0, 0]
        numerator = side
    else:
        a, b, c = gram[..., 0, 0], gram[..., 0, 1], gram[..., 1, 1]
        det, scale = a * c - b * b, a * c
        numerator = torch.stack(
            [c * side[..., 0] - b * side[..., 1], a * side[..., 1] - b * side[..., 0]], -1
        )
    solvable = det > 64 * torch.finfo(gram.dtype).eps * scale.abs()  # parallel edges: a smaller set does the same
    return numerator / det.masked_fill(~solvable, 1.0)[..., None], solvable
