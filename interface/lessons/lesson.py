"""What a lesson is: one idea as data.

Texts, a prepared state, one control, and what the computation must show at the right place of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from interface.experiment import Experiment
from interface.neural.run import Run
from interface.report import Report

RADIUS = "radius"
Setting = Experiment | Run


@dataclass(frozen=True)
class Control:
    """The one thing that the reader moves.

    Args:
        name: a setting of the experiment, or a parameter of its landscape; 'radius' is moved in the player.
        label: what it is called.
        options: increasing values of a slider; none for the radius, whose values are those of the film.
    """

    name: str
    label: str
    options: tuple[float, ...] = ()

    @property
    def live(self) -> bool:
        """Whether the player moves it."""
        return self.name == RADIUS


@dataclass(frozen=True)
class Trial:
    """What a value of the control does."""

    value: float
    report: Report


@dataclass(frozen=True)
class Lesson:
    """One idea. All numbers in its texts come from trials, and so from the computation.

    Args:
        title: a few words.
        prepare: the state in which the reader finds the player.
        text: a minute of reading, from the prepared state.
        question: what to find by moving the control.
        control: what is moved.
        holds: whether a trial does what the question asks for.
        largest: whether the largest such value is asked for, else the smallest.
        short: of a trial that does not: what it does instead.
        why: of the right answer and the next value, which does not do: why it is so.
        formula: in LaTeX, and what it says.
        sources: in Markdown.
    """

    title: str
    prepare: Callable[[], Setting]
    text: Callable[[Trial], str]
    question: str
    control: Control
    holds: Callable[[Trial], bool]
    largest: bool
    short: Callable[[Trial], str]
    why: Callable[[Trial, Trial], str]
    formula: tuple[str, str]
    sources: tuple[str, ...]

    def prepared(self) -> float:
        """The value of the control in the prepared state."""
        plain = self.prepare()
        return float(_parameters(plain).get(self.control.name, getattr(plain, self.control.name, 0.0)))

    def at(self, value: float) -> Setting:
        """The state with another value of the control."""
        plain, name = self.prepare(), self.control.name
        parameters = _parameters(plain)
        if name not in parameters:
            return replace(plain, **{name: value})
        return replace(plain, parameters=tuple(sorted((parameters | {name: value}).items())))


def _parameters(plain: Setting) -> dict[str, int | float | str]:
    return dict(plain.parameters) if isinstance(plain, Experiment) else {}


PAPER = "[arXiv 2505.19527](https://arxiv.org/abs/2505.19527), the Rolling Ball Optimizer"
