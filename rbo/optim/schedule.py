"""Coarse to fine: a ball that shrinks sees the large shape of the loss first, its details last. Ours, not the
paper's."""

from __future__ import annotations

from dataclasses import dataclass

from rbo.optim.closure import check_count, check_positive


@dataclass(frozen=True)
class Shrink:
    """Radii from `first` to `last` in `steps` steps, by the same factor every step; `last` from then on.

    ρ_t = first · (last / first)^(t / steps).

    Args:
        first: radius of step 0, > 0.
        last: radius from step `steps` on, > 0.
        steps: an integer >= 1.

    Raises:
        ValueError: for an argument out of its range.

    >>> [round(Shrink(4.0, 1.0, steps=2)(step), 3) for step in range(4)]
    [4.0, 2.0, 1.0, 1.0]
    """

    first: float
    last: float
    steps: int

    def __post_init__(self) -> None:
        check_positive("first", self.first)
        check_positive("last", self.last)
        check_count("steps", self.steps)

    def __call__(self, step: int) -> float:
        return self.first * (self.last / self.first) ** (min(step, self.steps) / self.steps)
