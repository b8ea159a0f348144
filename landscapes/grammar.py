"""The grammar of a written formula: from a text to an `Expression`, or one sentence with the place of the
error.

    expression = term {("+" | "-") term}            term  = factor {("*" | "/") factor}
    factor     = ("+" | "-") factor | power         power = atom ["^" factor]
    atom       = number | name | "(" expression ")" | function "(" expression {"," expression} ")"
               | "sum" "(" index "," expression "," expression "," expression ")"

This is a parser of its own (operator precedence by recursive descent): no part of the text ever reaches
Python's. It knows decimal numbers, the names x, y, pi, those of FUNCTIONS and the indices of sums, and
nothing else. How long, how deep, how large and how costly a formula may be is bounded by the constants below.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

import torch

from landscapes.expression import FUNCTIONS, Constant, Expression, applied, constant, coordinate, summed
from landscapes.lexicon import Token, refuse, tokens

MAX_DEPTH = 30  # parentheses, signs and exponents within each other
MAX_POWER = 8  # |exponent| of anything that varies with x or y
MAX_TERMS = 400  # of a sum and all sums around it, multiplied
MAX_WORK = 2000  # operations at a point, each counted once for every term that it has
LARGEST = 1e30  # |number|: within single precision

PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2}
LISTS = ("min", "max")  # functions of two arguments or more; the others take one
RESERVED = ("x", "y", "pi", "sum", *FUNCTIONS)
NAMES = f"use x, y, pi, sum, {', '.join(FUNCTIONS)}"


@dataclass(frozen=True)
class Work:
    """How many operations a formula takes at a point, and how many of these depend on both x and y: on a grid
    the others are done along one axis alone."""

    total: int
    joint: int


def read(text: str) -> tuple[Expression, Work]:
    """The expression that a text stands for, and what it costs.

    Raises:
        ValueError: it stands for none or goes beyond a limit: one sentence that starts with the column.
    """
    reader = Reader(tokens(text))
    if reader.next.kind == "end":
        refuse(1, "the formula is empty", "write one in x and y, such as x^2 + y^2")
    expression = reader.expression()
    if reader.next.kind != "end":
        reader.refuse_what_follows()
    return expression, Work(reader.work, reader.joint)


class Reader:
    """Reads an expression off a list of tokens, in one pass and with one token of foresight."""

    def __init__(self, words: list[Token]) -> None:
        self.words = words
        self.place = self.depth = self.work = self.joint = 0
        self.indices: list[tuple[str, torch.Tensor]] = []  # of the sums around, outermost first

    @property
    def next(self) -> Token:
        return self.words[self.place]

    def take(self) -> Token:
        word = self.next
        self.place += word.kind != "end"
        return word

    def follows(self, symbol: str) -> bool:
        return self.next.kind == "symbol" and self.next.text == symbol

    def expression(self, precedence: int = 1) -> Expression:
        """A chain of operators of at least this precedence; from left to right among equals."""
        left = self.factor()
        while PRECEDENCE.get(self.next.text, 0) >= precedence:
            operator = self.take()
            right = self.expression(PRECEDENCE[operator.text] + 1)
            left = self.apply(operator.text, operator.column, left, right)
        return left

    def factor(self) -> Expression:
        """A power with signs before it: −x² = −(x²)."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            wrong = f"the formula is nested more than {MAX_DEPTH} deep"
            refuse(self.next.column, wrong, "remove parentheses, signs or exponents")
        sign = self.take() if self.follows("+") or self.follows("-") else None
        read = self.power() if sign is None else self.factor()
        if sign is not None and sign.text == "-":
            read = self.apply("negative", sign.column, read)
        self.depth -= 1
        return read

    def power(self) -> Expression:
        """An atom to an exponent, which may have signs and an exponent of its own: 2^3^2 = 2^9."""
        base = self.atom()
        if not self.follows("^"):
            return base
        operator = self.take()
        exponent = self.factor()
        varies = isinstance(exponent, Constant) and not isinstance(base, Constant)
        if varies and exponent.numbers.abs().max() > MAX_POWER:
            wrong = f"the exponent is beyond {MAX_POWER} in size"
            refuse(operator.column, wrong, f"use one from -{MAX_POWER} to {MAX_POWER}")
        return self.apply("^", operator.column, base, exponent)

    def atom(self) -> Expression:
        word = self.take()
        if word.kind == "number":
            return self.number(float(word.text), word.column)
        if word.kind == "name":
            return self.named(word)
        if word.kind == "symbol" and word.text == "(":
            inside = self.expression()
            self.close(word)
            return inside
        refuse(word.column, f"a number, a name or a ( is missing before {word}", "write one here")

    def named(self, word: Token) -> Expression:
        """What a name stands for: a coordinate, π, an index, a function of what follows, or a sum."""
        if word.text in FUNCTIONS:
            return self.function(word)
        if word.text == "sum":
            return self.sum(word)
        if word.text in ("x", "y"):
            return coordinate("xy".index(word.text), len(self.indices))
        if word.text == "pi":
            return self.number(math.pi, word.column)
        for axis, (name, values) in enumerate(self.indices):
            if name == word.text:
                shape = [len(values) if i == axis else 1 for i in range(len(self.indices))]
                return constant(values.reshape(shape))
        close = get_close_matches(word.text.lower()[:12], RESERVED, n=1)
        refuse(word.column, f"the name {word} is unknown", f"did you mean {close[0]}" if close else NAMES)

    def number(self, number: float, column: int) -> Constant:
        if not number <= LARGEST:
            refuse(column, f"the number is beyond {LARGEST:g}", "use a smaller one")
        shape = (1,) * len(self.indices)
        return constant(torch.full(shape, number, dtype=torch.float64, device="cpu"))

    def function(self, word: Token) -> Expression:
        opened = self.open(word, f"{word.text}(x, y)" if word.text in LISTS else f"{word.text}(x)")
        arguments = [self.expression()]
        while self.follows(","):
            self.take()
            arguments.append(self.expression())
        self.close(opened)
        if word.text not in LISTS:
            if len(arguments) > 1:
                refuse(
                    word.column, f"{word.text} takes one argument, got {len(arguments)}", "remove the others"
                )
            return self.apply(word.text, word.column, *arguments)
        if len(arguments) < 2:
            refuse(word.column, f"{word.text} takes two arguments or more, got 1", "add one after a comma")
        total = arguments[0]
        for argument in arguments[1:]:
            total = self.apply(word.text, word.column, total, argument)
        return total

    def sum(self, word: Token) -> Expression:
        """sum(k, first, last, body)."""
        opened = self.open(word, "sum(k, 1, 20, sin(k*x)/k)")
        index = self.index()
        first = self.bound()
        last = self.bound()
        around = math.prod(len(values) for _, values in self.indices)
        if last < first:
            refuse(word.column, f"the sum ends at {last:g} before it starts at {first:g}", "swap the two")
        if (last - first + 1) * around > MAX_TERMS:
            wrong = f"the sum has {(last - first + 1) * around:g} terms, {MAX_TERMS} are the most"
            refuse(word.column, wrong, "sum over fewer")
        values = first + torch.arange(int(last - first) + 1, dtype=torch.float64, device="cpu")
        self.indices.append((index.text, values))
        body = self.expression()
        self.indices.pop()
        self.close(opened)
        return self.bounded(word.text, word.column, summed(body, len(values)), math.prod(body.terms))

    def index(self) -> Token:
        """The letter of a sum, and the comma behind it."""
        word = self.take()
        if word.kind != "name" or len(word.text) > 1 or word.text in RESERVED:
            refuse(word.column, f"a sum needs a letter other than x and y before {word}", "write sum(k, …)")
        if any(word.text == name for name, _ in self.indices):
            refuse(word.column, f"{word} is the index of a sum around this one", "use another letter")
        self.comma()
        return word

    def bound(self) -> float:
        """A whole number, and the comma behind it."""
        column, bound = self.next.column, self.expression()
        if not isinstance(bound, Constant) or math.prod(bound.terms) > 1 or bound.numbers.item() % 1:
            refuse(column, "a sum runs between whole numbers that are known", "write it as sum(k, 1, 20, …)")
        self.comma()
        return bound.numbers.item()

    def comma(self) -> None:
        if not self.follows(","):
            refuse(self.next.column, f"a comma is missing before {self.next}", "write sum(k, 1, 20, …)")
        self.take()

    def open(self, word: Token, example: str) -> Token:
        if not self.follows("("):
            refuse(word.column, f"{word.text} needs its argument in parentheses", f"write {example}")
        return self.take()

    def close(self, opened: Token) -> None:
        if self.next.kind == "end":
            refuse(opened.column, "this ( is never closed", "add a ) behind what belongs to it")
        if not self.follows(")"):
            self.refuse_what_follows()
        self.take()

    def refuse_what_follows(self) -> NoReturn:
        """What follows does not go on with the expression that ends here."""
        word = self.next
        if word.text == ")":
            refuse(word.column, "this ) closes nothing", "remove it or open a ( before it")
        if word.text == ",":
            advice = "separate only the arguments of a function by commas, and write decimals with a point"
            refuse(word.column, "this comma is out of place", advice)
        refuse(word.column, f"an operator is missing before {word}", "write a product with *, as in 2*x")

    def apply(self, name: str, column: int, *arguments: Expression) -> Expression:
        """An operation, within the limits."""
        divisor = arguments[-1]
        if name == "/" and isinstance(divisor, Constant) and (divisor.numbers == 0).any():
            refuse(column, "this divides by zero", "change what is behind the /")
        result = applied(name, *arguments)
        return self.bounded(name, column, result, math.prod(result.terms))

    def bounded(self, name: str, column: int, result: Expression, work: int) -> Expression:
        """The result of an operation that is done `work` times a point, unless it goes beyond a limit."""
        if isinstance(result, Constant):
            if not (result.numbers.abs() <= LARGEST).all():  # also rejects nan
                wrong = f"{name!r} gives no finite number here"
                refuse(column, wrong, f"change its numbers to get one up to {LARGEST:g}")
            return result
        self.work += work
        self.joint += work if len(result.axes) == 2 else 0
        if self.work > MAX_WORK:
            wrong = f"the formula takes more than {MAX_WORK} operations at a point"
            refuse(column, wrong, "sum over fewer terms or shorten it")
        return result
