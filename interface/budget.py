"""A surface that computes for so long and no longer: balls on a pole of a reader's own function would take
minutes, and meanwhile nobody else would be served.

What counts is the time of the processor, not of the clock: who shares it with a class is not cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import thread_time

from torch import Tensor

from landscapes import Landscape
from landscapes.formula import Formula

ALONE, FAMILY = 20.0, 60.0  # seconds; a thousand steps on a landscape of the app take a fifth of it at most


class Budgeted(Formula):
    """A formula that is refused once this thread has computed for so many seconds from now on.

    Args:
        formula: what is evaluated.
        seconds: of the processor.
    """

    def __init__(self, formula: Formula, seconds: float) -> None:
        self.formula, self.seconds, self.until = formula, seconds, thread_time() + seconds

    def value(self, theta: Tensor) -> Tensor:
        return self._now().value(theta)

    def gradient(self, theta: Tensor) -> Tensor:
        return self._now().gradient(theta)

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self._now().jet(theta)

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        return self._now().grid(axes)

    def _now(self) -> Formula:
        if thread_time() > self.until:
            raise ValueError(
                f"it takes more than {self.seconds:g} s to find where balls touch this surface, "
                "as on poles and very fine waves; try fewer steps or another start"
            )
        return self.formula


def within(surface: Landscape, seconds: float) -> Landscape:
    """The same surface, for one computation that may take so long.

    Example:
        >>> import landscapes, torch
        >>> bowl = within(landscapes.get("quadratic"), 1.0)
        >>> bool(bowl(torch.zeros(2)) == landscapes.get("quadratic")(torch.zeros(2)))
        True
    """
    return replace(surface, formula=Budgeted(surface.formula, seconds))
