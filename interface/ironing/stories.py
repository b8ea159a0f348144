"""Three ready-made views, each with an inequality that its own numbers must bear out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interface.ironing import proofs
from interface.ironing.proofs import Proof
from interface.ironing.view import View, usual
from interface.wording import number, percent, setting


@dataclass(frozen=True)
class Story:
    """One thing to see.

    Args:
        title: a few words, for a button.
        experiment: the view that shows it.
        prove: its numbers and its drawing.
        text: a few sentences with the numbers.
        claim: whether the numbers bear the sentences out.
    """

    title: str
    experiment: View
    prove: Callable[[View], Proof]
    text: Callable[[Proof], str]
    claim: Callable[[Proof], bool]


ROUNDING = 1e-12


def _weak_text(proof: Proof) -> str:
    n = proof.numbers
    return (
        f"This curve is bounded: nowhere is it higher than sup φ = {number(n['highest'])}. As the ball "
        f"grows from ρ = {setting(n['first radius'])} to {setting(n['last radius'])}, its centre curve less "
        f"ρ rises everywhere towards that height: the first falls short of it by up to "
        f"{number(n['first short'])}, the last by up to {number(n['last short'])}. At a distance d from the "
        f"nearest summit the shortfall is at most ρ − √(ρ² − d²), and no point is farther than "
        f"{number(n['summit'])} from a summit: weak ironing, F − ρ → sup φ."
    )


def _weak(proof: Proof) -> bool:
    n = proof.numbers
    bounded = min(n["below upper"], n["above lower"], n["rising"]) >= -ROUNDING
    return bounded and n["last short"] < 0.2 * n["first short"]


def _linear_text(proof: Proof) -> str:
    n = proof.numbers
    return (
        f"A slope w = {setting(n['slope'])} with wrinkles φ between {number(n['low'])} and "
        f"{number(n['high'])}. Seen from the centre of the ball it is the slope again, up to the wrinkles: "
        f"for every ρ from {setting(n['first radius'])} to {setting(n['last radius'])}, the centre curve "
        f"less that of the bare slope stays between {number(n['least'])} and {number(n['greatest'])}. What "
        f"the smallest of these balls feels of the wrinkles spans {number(n['first span'])}, what the "
        f"largest feels {number(n['last span'])}."
    )


def _linear(proof: Proof) -> bool:
    n = proof.numbers
    inside = n["low"] <= n["least"] and n["greatest"] <= n["high"] + ROUNDING
    return inside and n["last span"] < 0.5 * n["first span"]


def _rule_text(proof: Proof) -> str:
    n = proof.numbers
    return (
        f"The second derivative of this parabola is {setting(n['a'])} everywhere, so the rule 'out of reach "
        f"if ρ > 1/|H| = {setting(1 / n['a'])}' would put all of it out of reach of this ball with "
        f"ρ = {setting(proof.radius)}. Yet it misses {percent(n['out of reach'])} of the picture, and "
        f"touches all beyond |x| = {number(n['edge'])}, because ρ* = √(x² + 1/a²) grows with |x|. What stops "
        "a larger ball at x ≠ 0 is not the curvature there but the mirror point −x: with its centre over 0 "
        f"this one rests on {number(n['left'])} and {number(n['right'])} at once."
    )


def _rule(proof: Proof) -> bool:
    n = proof.numbers
    ends = (
        abs(n["left"] + n["exact edge"]),
        abs(n["right"] - n["exact edge"]),
        abs(n["edge"] - n["exact edge"]),
    )
    ruled_out = proof.radius > 1 / n["a"]
    return ruled_out and 0 < n["out of reach"] < 1 and n["error"] < 1e-6 and max(ends) < 2 * n["cell"]


STORIES = {
    "weak": Story("Weak ironing", usual("weierstrass", radius=1.0), proofs.weak, _weak_text, _weak),
    "linear": Story("Linear ironing", usual("tilted_wrinkles"), proofs.linear, _linear_text, _linear),
    "rule": Story("More than curvature", usual("parabolic_trough"), proofs.rule, _rule_text, _rule),
}
