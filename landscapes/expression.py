"""The syntax of a written formula: a tree of nodes, each of which stands for one torch operation.

    x, y            the coordinates
    Constant        a number, or one number for each term of the sums around it
    Operation       a function of OPERATIONS, applied to its arguments
    Power           a base to a fixed exponent
    Sum             Σ of a body over an index

A sum is one more axis behind those of the batch, not a loop: inside it x and y have a last axis of size 1 and
the index is a constant (n,), so a formula costs as many operations as it has nodes. OPERATIONS is the
whitelist: nothing else can be in a tree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "abs": torch.abs,
    "tanh": torch.tanh,
    "min": torch.minimum,
    "max": torch.maximum,
}
OPERATORS: dict[str, Callable[..., Tensor]] = {
    "+": torch.add,
    "-": torch.sub,
    "*": torch.mul,
    "/": torch.div,
    "^": torch.pow,
    "negative": torch.neg,
}
OPERATIONS = FUNCTIONS | OPERATORS
PERIODIC = ("sin", "cos", "tan")


@dataclass(frozen=True, eq=False)
class Expression:
    """A node.

    `terms` is how many values it has along the axis of each sum around it, outermost first; `axes` are the
    coordinates that it depends on, 0 for x and 1 for y.
    """

    terms: tuple[int, ...]
    axes: frozenset[int]

    def at(self, x: Tensor, y: Tensor, phases: list[Tensor] | None = None) -> Tensor:
        """Its values at x and y, which broadcast with each other: (*B, *1) -> (*B, *terms) or a shape that
        broadcasts to it. What the arguments of periodic functions in it are is added to `phases`."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Constant(Expression):
    """Numbers (*terms), in double precision."""

    numbers: Tensor

    def at(self, x: Tensor, y: Tensor, phases: list[Tensor] | None = None) -> Tensor:
        return self.numbers.to(x)


@dataclass(frozen=True, eq=False)
class Coordinate(Expression):
    """x or y."""

    axis: int

    def at(self, x: Tensor, y: Tensor, phases: list[Tensor] | None = None) -> Tensor:
        return (x, y)[self.axis]


@dataclass(frozen=True, eq=False)
class Operation(Expression):
    """A function or an operator of OPERATIONS, by name."""

    name: str
    arguments: tuple[Expression, ...]

    def at(self, x: Tensor, y: Tensor, phases: list[Tensor] | None = None) -> Tensor:
        values = [argument.at(x, y, phases) for argument in self.arguments]
        if phases is not None and self.name in PERIODIC:
            phases += values
        return OPERATIONS[self.name](*values)


@dataclass(frozen=True, eq=False)
class Power(Expression):
    """base^exponent for one fixed exponent: torch multiplies where that is a small integer."""

    base: Expression
    exponent: float

    def at(self, x: Tensor, y: Tensor, phases: list[Tensor] | None = None) -> Tensor:
        return torch.pow(self.base.at(x, y, phases), self.exponent)


@dataclass(frozen=True, eq=False)
class Sum(Expression):
    """Σ of the body over an index of `count` values, the last axis of the body."""

    body: Expression
    count: int

    def at(self, x: Tensor, y: Tensor, phases: list[Tensor] | None = None) -> Tensor:
        values = self.body.at(x[..., None], y[..., None], phases)  # (*B, *terms, count or 1)
        total = values.sum(-1)
        return total if self.body.terms[-1] == self.count else self.count * total


def constant(numbers: Tensor) -> Constant:
    """Numbers (*terms)."""
    return Constant(tuple(numbers.shape), frozenset(), numbers)


def coordinate(axis: int, depth: int) -> Coordinate:
    """x or y inside `depth` sums."""
    return Coordinate((1,) * depth, frozenset({axis}), axis)


def applied(name: str, *arguments: Expression) -> Expression:
    """OPERATIONS[name] of the arguments: done at once on constants, else a node."""
    if all(isinstance(argument, Constant) for argument in arguments):
        return constant(OPERATIONS[name](*(argument.numbers for argument in arguments)))
    terms = tuple(max(counts) for counts in zip(*(argument.terms for argument in arguments), strict=True))
    axes = frozenset().union(*(argument.axes for argument in arguments))
    if name == "^" and isinstance(arguments[1], Constant) and arguments[1].numbers.numel() == 1:
        return Power(terms, axes, arguments[0], arguments[1].numbers.item())
    return Operation(terms, axes, name, arguments)


def summed(body: Expression, count: int) -> Expression:
    """Σ of the body over its last axis, an index of `count` values."""
    if isinstance(body, Constant):
        return constant(body.numbers.sum(-1) * (count / body.terms[-1]))
    return Sum(body.terms[:-1], body.axes, body, count)
