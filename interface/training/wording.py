"""What the numbers bear out, in sentences, and no more than that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from figures.basins import Ends
from figures.maps import Counts, RateMap
from interface.wording import number, percent, setting

WAYS = {
    "epochs": "by epochs",
    "gradients": "at equal gradients",
    "seconds": "at equal wall time",
}
BALL = "RBO"
PAPER = (  # arXiv 2505.19527, Table 1: validation accuracy in %, 10 epochs, SGD rate 0.01
    ("MNIST, MLP", 91.77, 95.22, 97.22, 97.51),
    ("MNIST, ResNet-6", 97.59, 98.18, 99.11, 99.07),
    ("MNIST, VGG-9", 98.78, 98.57, 99.39, 99.27),
    ("CIFAR-10, ResNet-8", 56.54, 59.16, 69.09, 71.58),
    ("CIFAR-10, VGG-9", 66.04, 65.46, 77.81, 81.87),
    ("CIFAR-100, ResNet-8", 19.28, 28.33, 36.26, 37.11),
    ("CIFAR-100, VGG-9", 29.37, 28.98, 47.17, 50.07),
)
PAPER_METHODS = ("SGD", "Entropy-SGD", "SAM", "RBO")


def rates(found: RateMap) -> str:
    """What the map shows: the best of each, and at how many rates some ball ends lower than the point."""
    best = found.best()
    runs = int(found.done.sum()) * len(found.rates)
    if not runs:
        return "No ball has run yet; gradient descent has."
    if best is None:
        return f"All of {runs} balls diverged."
    lost = int(found.diverged.sum())
    said = (
        f"Of {runs} balls, {lost or 'none'} diverged. The lowest loss, {number(found.losses[best])}, is "
        f"reached with ρ = {setting(found.radii[best[0]])} and η = {setting(found.rates[best[1]])}; "
    )
    if np.isnan(found.points).all():
        return f"{said}gradient descent diverges at every rate."
    k = int(np.nanargmin(found.points))
    lower = lower_rates(found)
    return (
        f"{said}the best rate of gradient descent, η = {setting(found.rates[k])}, reaches "
        f"{number(found.points[k])}. At {lower or 'none'} of {len(found.rates)} rates some ball ends lower "
        "than gradient descent does."
    )


def lower_rates(found: RateMap) -> int:
    """At how many rates some ball ends lower than gradient descent, by more than rounding."""
    balls = np.where(np.isnan(found.losses), np.inf, found.losses).min(0)
    points = np.where(np.isnan(found.points), np.inf, found.points)
    slack = 1e-3 * max(1e-9, found.start - min(balls.min(), points.min()))
    return int((balls < points - slack).sum())


def starts(ball: Ends | None, point: Ends) -> str:
    """How many ends each has, and how sure that is."""
    said = [one(shown) for shown in (point, ball) if shown is not None]
    return " ".join(said)


def one(shown: Ends) -> str:
    total, lost, moving = shown.basin.size, int((~shown.settled).sum()), int(shown.moving.sum())
    ends = "one end" if shown.count == 1 else f"{shown.count or 'no'} distinct ends"
    rest = [f"{lost} diverge" if lost else "", f"{moving} are still moving" if moving else ""]
    doubt = f" ({', '.join(part for part in rest if part)})" if any(rest) else ""
    return f"{shown.name}: {total} starts lead to {ends}{doubt}."


def counts(found: Counts) -> str:
    """Whether larger balls have fewer ends here."""
    if len(found.radii) < 2:
        return ""
    small, large = int(found.ends[0]), int(found.ends[-1])
    least = int(found.ends.argmin())
    said = (
        f"From {found.starts} starts, gradient descent has {found.point[0]} distinct ends, the ball {small} "
        f"with ρ = {setting(found.radii[0])} and {large} with ρ = {setting(found.radii[-1])}"
    )
    if (np.diff(found.ends) <= 0).all() and large < small:
        said += ": the larger the ball, the fewer."
    elif large < small:
        said += ": fewer, though not at every step."
    else:
        said += f": not fewer. The fewest, {found.ends[least]}, are at ρ = {setting(found.radii[least])}."
    unsure = found.moving.sum() + found.point[1]
    if unsure:
        share = percent(unsure / (found.starts * (len(found.radii) + 1)))
        said += f" {share} of all runs were still moving when the steps ran out: their ends are no rests."
    return said


def verdict(rows: Sequence[dict[str, Any]], equal: str) -> str:
    """Whether the ball is ahead in one comparison, by what its seeds can tell."""
    own = [row for row in rows if row["equal"] == equal]
    ball = next((row for row in own if row["method"] == BALL), None)
    others = [row for row in own if not row["method"].startswith(BALL)]
    if ball is None or not others:
        return ""
    best = max(others, key=lambda row: row["accuracy_mean"])
    gap = ball["accuracy_mean"] - best["accuracy_mean"]
    other = f"the best other, {best['method']}, {score(best)}"
    said = f"{WAYS[equal].capitalize()}, RBO reaches {score(ball)}, {other}"
    if min(ball["seeds"], best["seeds"]) < 2:
        return f"{said}; one seed does not tell whether {abs(gap):.2f} points are more than chance."
    spread = math.hypot(ball["accuracy_sd"], best["accuracy_sd"])
    if abs(gap) <= spread:
        return f"{said}: {abs(gap):.2f} points apart, within the spread of the seeds."
    ahead = "ahead" if gap > 0 else "behind"
    count = min(ball["seeds"], best["seeds"])
    weak = ", and two seeds hardly tell the spread" if count == 2 else ""
    return f"{said}: RBO is {ahead} by {abs(gap):.2f} points, more than the spread of {count} seeds{weak}."


def score(row: dict[str, Any]) -> str:
    """Mean of a row, and its deviation where there is one."""
    deviation = f" ± {row['accuracy_sd']:.2f}" if row["seeds"] > 1 else ""
    return f"{row['accuracy_mean']:.2f}{deviation} %"


def order(rows: Sequence[dict[str, Any]]) -> str:
    """The order of the paper's methods by epochs, here and there."""
    own = [row for row in rows if row["equal"] == "epochs" and row["method"] in PAPER_METHODS]
    if len(own) < len(PAPER_METHODS):
        return ""
    here = sorted(own, key=lambda row: -row["accuracy_mean"])
    there = sorted(zip(PAPER_METHODS, PAPER[0][1:], strict=True), key=lambda pair: -pair[1])
    names = [row["method"] for row in here], [name for name, _ in there]
    same = "as" if names[0] == names[1] else "not as"
    return (
        f"The order of the paper's four methods by epochs is {', '.join(names[0])}: {same} on the paper's "
        f"{PAPER[0][0]} ({', '.join(names[1])})."
    )
