"""Three ready-made studies. What is claimed is claimed of several seeds (`interface.neural.seeds`), and said
only as far as their numbers bear it out; the page shows the network in the middle, not the best one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from figures.seeds import Seeds
from interface.neural import seeds
from interface.neural.seeds import Measured
from interface.neural.study import Study
from interface.wording import number, percent

CHANCE = 0.05  # a sign test with a greater p tells nothing
TRUE, FEW, MANY = seeds.VALUES["corrupted"]  # shares of wrong labels
PLAIN = seeds.VALUES["model"][-1]  # without skips


@dataclass(frozen=True)
class Story:
    """One thing to see.

    Args:
        title: a few words, for a button.
        experiment: the study that shows it.
        evidence: the numbers of all seeds, to be drawn.
        text: a few sentences with the numbers of all seeds, and those of the network that is shown.
        claim: whether the numbers of all seeds bear the sentences out.
        marked: what the clean valley is called in the picture, or '' where it is not marked.
    """

    title: str
    experiment: Study
    evidence: Callable[[], Seeds]
    text: Callable[[Measured], str]
    claim: Callable[[], bool]
    marked: str = ""


@dataclass(frozen=True)
class Tally:
    """In how many pairs the second number is greater, and in how many smaller; the others are equal."""

    more: int
    less: int
    pairs: int

    @property
    def p(self) -> float:
        """Of the two-sided sign test: how likely a tally at least as uneven is where chance alone decides."""
        told = self.more + self.less
        return float(binomtest(self.more, told).pvalue) if told else 1.0

    @property
    def tells(self) -> bool:
        """Whether it is more than chance."""
        return self.p < CHANCE

    def __str__(self) -> str:
        worth = "" if self.tells else ", which chance does as well"
        return f"for {self.more} of {self.pairs} seeds{worth} (sign test: p = {number(self.p, 1)})"


def tally(first: np.ndarray, second: np.ndarray) -> Tally:
    """Compare two numbers pair by pair, (S,) each.

    >>> tally(np.array([1, 2, 3, 3]), np.array([2, 3, 1, 3]))
    Tally(more=2, less=1, pairs=4)
    >>> print(Tally(18, 2, 20))
    for 18 of 20 seeds (sign test: p = 0.0004)
    >>> print(Tally(9, 11, 20))
    for 9 of 20 seeds, which chance does as well (sign test: p = 0.8)
    """
    return Tally(int((second > first).sum()), int((second < first).sum()), len(first))


def values(varied: str, name: str) -> np.ndarray:
    """A number of all networks of a comparison: (K, S), a row a value of what is varied."""
    known = [getattr(seeds.known()[study], name) for study in seeds.studies(varied)]
    return np.array(known, float).reshape(seeds.SEEDS[varied], -1).T


def middle(numbers: np.ndarray) -> int:
    """The place of the median of (S,) numbers, the lower one of an even number of them.

    >>> middle(np.array([5.0, 1.0, 9.0, 4.0]))
    3
    """
    return int(np.argsort(numbers, kind="stable")[(len(numbers) - 1) // 2])


def shown(varied: str, value: object, numbers: np.ndarray) -> Study:
    """The network with a value whose seed has the median of (S,) numbers."""
    seed = middle(numbers)
    return next(s for s in seeds.studies(varied) if s.seed == seed and getattr(s, varied) == value)


WRINKLES = {
    "local minima": ("minima", 1.0),
    "rms curvature": ("curvature", 1.0),
    "ball cannot reach, %": ("unreachable", 100.0),
    "held out, % right": ("held", 100.0),
}


def wrinkles(varied: str, conditions: tuple[str, ...], study: Study) -> Seeds:
    """The ironing measures of all networks of a comparison, and how good they are."""
    measured = np.stack([factor * values(varied, name) for name, factor in WRINKLES.values()])
    at = seeds.VALUES[varied].index(getattr(study, varied)), study.seed
    return Seeds(conditions, tuple(WRINKLES), measured, at, "wrong labels" if varied == "corrupted" else "")


def means(varied: str, name: str) -> tuple[float, ...]:
    """Over the seeds, one a value of what is varied."""
    return tuple(values(varied, name).mean(-1).tolist())


# Skip connections.


def _skips_text(m: Measured) -> str:
    curvatures, minima, reach = (values("model", name) for name in ("curvature", "minima", "unreachable"))
    many, curved, loss = (
        [number(mean, 2) for mean in means("model", name)] for name in ("minima", "curvature", "loss")
    )
    return (
        f"This network has no skips, and its slice, as it is drawn, has {m.minima} local minima and an rms "
        f"curvature of {number(m.curvature, 2)}. Over {seeds.SEEDS['model']} seeds, on pictures of the same "
        f"size, a slice has {many[0]} minima on average with skips and {many[1]} without, and a curvature of "
        f"{curved[0]} and {curved[1]}. Without skips there are more minima {tally(*minima)}, and "
        f"the surface is more curved {tally(*curvatures)}; a ball of a tenth of the picture's width is kept "
        f"out of more of it {tally(*reach)}. In the same steps of training a network without skips also gets "
        f"less far: to a loss of {loss[1]} on average, with skips to {loss[0]}."
    )


def _skips() -> bool:
    told = tally(*values("model", "curvature"))
    low, high = means("model", "loss")
    return told.tells and told.more > told.less and low < high


# Label noise: from true labels to a few wrong ones, and from there to many.


def _noise_text(m: Measured) -> str:
    minima, reach = values("corrupted", "minima"), values("corrupted", "unreachable")
    many = [number(mean, 2) for mean in means("corrupted", "minima")]
    kept = [percent(share) for share in means("corrupted", "unreachable")]
    few = percent(FEW)
    return (
        f"{percent(MANY)} of the labels are wrong, and the slice, as it is drawn, has {m.minima} local "
        f"minima. Over {seeds.SEEDS['corrupted']} seeds it has {many[0]} of them on average where all labels "
        f"are true, {many[1]} where {few} are wrong and {many[2]} where {percent(MANY)} are; a ball of "
        f"a tenth of the picture's width is kept out of {kept[0]}, {kept[1]} and {kept[2]} of the surface. "
        f"The first {few} make more minima {tally(*minima[:2])}, and keep the ball out of more of the "
        f"surface {tally(*reach[:2])}. From {few} to {percent(MANY)} there are more minima "
        f"{tally(*minima[1:])}."
    )


def _noise() -> bool:
    first = [tally(*values("corrupted", name)[:2]) for name in ("minima", "curvature", "unreachable")]
    return all(found.tells and found.more > found.less for found in first)


# The valley that the true labels make.


def _valley_pairs(name: str) -> tuple[np.ndarray, np.ndarray]:
    """A number of the ball's end and of gradient descent's, on the slices of many wrong labels."""
    return values("corrupted", f"ball_{name}")[-1], values("corrupted", f"descent_{name}")[-1]


def _valley_text(m: Measured) -> str:
    ball, descent = _valley_pairs("away")
    return (
        "With the true labels the loss has its lowest point elsewhere in this picture: the clean valley. If "
        "a ball irons out what the wrong labels add, it should end nearer to it. "
        f"Here it ends {number(m.ball_away, 2)} picture widths away, gradient descent "
        f"{number(m.descent_away, 2)}. Over the seeds the means are {number(ball.mean(), 3)} and "
        f"{number(descent.mean(), 3)}; the ball is nearer {tally(ball, descent)}, and the clean loss "
        f"where it ends is lower {tally(*_valley_pairs('clean'))}."
    )


def _valley() -> bool:
    return not any(tally(*_valley_pairs(name)).tells for name in ("away", "clean"))


def _valley_evidence() -> Seeds:
    pairs = [np.stack(_valley_pairs(name)) for name in ("away", "clean")]
    names = "distance, in widths", "clean loss at end"
    return Seeds(("ball", "gradient descent"), names, np.stack(pairs), (0, VALLEY.seed))


SMOOTHED = shown("model", PLAIN, values("model", "minima")[-1])
WRINKLED = shown("corrupted", MANY, values("corrupted", "minima")[-1])
VALLEY = shown("corrupted", MANY, np.subtract(*_valley_pairs("away")))
STORIES = {
    "skips": Story(
        "Skips iron the loss",
        SMOOTHED,
        lambda: wrinkles("model", ("with skips", "without"), SMOOTHED),
        _skips_text,
        _skips,
    ),
    "noise": Story(
        "Wrong labels wrinkle it",
        WRINKLED,
        lambda: wrinkles("corrupted", tuple(percent(share) for share in (TRUE, FEW, MANY)), WRINKLED),
        _noise_text,
        _noise,
    ),
    "valley": Story(
        "Does the ball find the clean valley?",
        VALLEY,
        _valley_evidence,
        _valley_text,
        _valley,
        "Clean valley",
    ),
}
