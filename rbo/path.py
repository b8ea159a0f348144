"""What a run returns: where the ball or point was at every step, and why it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rbo.graph import Graph
from rbo.nearest import clearance


class Outcome(StrEnum):
    """Why a run ended; equal to its plain words."""

    STEPS = "steps used up"
    RESTS = "rests"
    LEFT = "left the domain"
    NOT_FINITE = "not finite"

    @property
    def advice(self) -> str:
        """One sentence on what it means and what to try; `Path.advice` knows more of a run."""
        return SAID[self][0]


SAID = {  # of each outcome, first what is said in general
    Outcome.STEPS: (
        "It was still moving when the steps ran out: allow more steps, or a larger lr.",
        "It went back and forth when the steps ran out: try a smaller lr.",
    ),
    Outcome.RESTS: ("It is at rest: nothing pulls it on from here; try another start.",),
    Outcome.LEFT: ("It left the domain: try a smaller lr, or start further inside.",),
    Outcome.NOT_FINITE: (
        "The loss or its gradient was not finite at the next step: try a smaller lr (or inner rate).",
        "The loss is not finite at the start: start elsewhere.",
    ),
}
CODES = tuple(Outcome)  # the tensor code of an outcome is its place here
# So many turns at the end of a run, all of such a cosine, with steps that keep this share of their length
TURNS, BACK, LASTING = 8, -0.5, 0.5


@dataclass(frozen=True)
class Path:
    """A batch of runs of T steps. After its end a ball stays where it is.

    Heights are in units of λf (λ = `loss_scale`), losses in units of f.
    """

    contacts: Tensor  # (T+1, *B, d)
    losses: Tensor  # (T+1, *B) f at the contacts
    evaluations: Tensor  # (T+1,) gradient evaluations of a run so far, on the average of the batch
    evaluations_of: Tensor  # (T+1, *B) of each run
    ends: Tensor  # (*B,) the step after which it no longer moved
    outcome: Any  # an Outcome, or an array (*B,) of them
    centers: Tensor | None = None  # (T+1, *B, d+1); None for a point
    touching: Tensor | None = None  # (T+1, *B) number of contacts
    radii: Tensor | None = None  # (T+1, *B)
    graph: Graph | None = field(default=None, repr=False)

    @cached_property
    def clearance(self) -> Tensor | None:
        """Distance from the centre to Γ minus the radius, (T+1, *B): 0 touching, negative inside.

        None for a point. Measured when first asked for, by a global search (`nearest`) that knows nothing of
        the contact solver. In more than two dimensions there is no such search: an upper bound, from the
        contact and the point below the centre.
        """
        if self.centers is None:
            return None
        d = self.contacts.shape[-1]
        contacts, centers, radii = (
            self.contacts.reshape(-1, d),
            self.centers.reshape(-1, d + 1),
            self.radii.reshape(-1),
        )
        with torch.no_grad():
            if d <= 2:
                gap = clearance(self.graph, contacts, centers, radii)
            else:
                below = (self.graph.height(centers[:, :-1]) - centers[:, -1]).abs()
                gap = torch.minimum(below - radii, torch.zeros_like(below))
        return gap.reshape(self.losses.shape)

    @cached_property
    def advice(self) -> Any:
        """A sentence on what the outcome means and what to try, or an object array (*B,) of them."""
        special = {
            Outcome.STEPS: self._turns_back().cpu(),
            Outcome.NOT_FINITE: ~self.losses[0].isfinite().cpu(),
        }
        told = np.empty(self.ends.shape, dtype=object)
        for index, outcome in np.ndenumerate(np.asarray(self.outcome, dtype=object)):
            told[index] = SAID[outcome][int(outcome in special and bool(special[outcome][index]))]
        return told[()] if self.ends.dim() == 0 else told

    def _turns_back(self) -> Tensor:
        """Which runs (*B,) go back and forth at their last steps, and come no nearer to rest."""
        places = self.contacts if self.centers is None else self.centers[..., :-1]
        motion = places[-TURNS - 2 :].diff(dim=0)  # (TURNS + 1, *B, d)
        if len(motion) <= TURNS:
            return torch.zeros_like(self.ends, dtype=torch.bool)
        cosine = torch.nn.functional.cosine_similarity(motion[:-1], motion[1:], dim=-1, eps=0)
        lasts = motion[-1].norm(dim=-1) > LASTING * motion[0].norm(dim=-1)
        return (cosine < BACK).all(0) & lasts

    @cached_property
    def normals(self) -> Tensor | None:
        """Unit vectors from the contact to the centre, (T+1, *B, d+1), on a kink too. None for a point."""
        if self.centers is None:
            return None
        foot = torch.cat([self.contacts, (self.graph.scale * self.losses)[..., None]], -1)
        return torch.nn.functional.normalize(self.centers - foot, dim=-1)


def outcomes(codes: Tensor) -> Any:
    """Codes (*B,) as an Outcome, or an object array of them."""
    names = np.empty(codes.shape, dtype=object)
    for index, code in np.ndenumerate(codes.cpu().numpy()):
        names[index] = CODES[code]
    return names[()] if codes.dim() == 0 else names
