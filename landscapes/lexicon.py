"""The words of a written formula, each with its place; and the one way in which a formula is refused.

Only ASCII letters and digits, a few signs and their typographic forms are read. Nothing is normalised, so no
character can pass for another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

MAX_LENGTH = 200  # characters

TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9]*)|(?P<symbol>\*\*|[-+*/^(),−·⋅×÷])|(?P<space>[ \t\r\n]+)"
)
SPELLINGS = {"**": "^", "−": "-", "·": "*", "⋅": "*", "×": "*", "÷": "/"}
ADVICE = {
    "=": "write the right-hand side of f(x, y) = … alone",
    "[": "use round parentheses",
    "]": "use round parentheses",
    "{": "use round parentheses",
    "}": "use round parentheses",
    "|": "write abs(…)",
    "_": "write numbers in digits and names in letters alone",
    "!": "write a product out",
    "²": "write ^2",
    "³": "write ^3",
    "π": "write pi",
    "√": "write sqrt(…)",
}


@dataclass(frozen=True)
class Token:
    """A number, a name, a symbol or the end of the text; columns count from 1."""

    kind: str
    text: str
    column: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else repr(shortened(self.text))


def shortened(text: str) -> str:
    return text if len(text) <= 12 else text[:11] + "…"


def refuse(column: int, wrong: str, advice: str) -> NoReturn:
    """The one way in which a formula is refused."""
    raise ValueError(f"column {column}: {wrong}; {advice}")


def tokens(text: str) -> list[Token]:
    """The words of a text and its end; ValueError at the first character that belongs to none."""
    if not isinstance(text, str):
        refuse(1, f"a formula must be a text, got {type(text).__name__}", "write it as x^2 + y^2")
    if len(text) > MAX_LENGTH:
        wrong = f"the formula has {len(text)} characters, {MAX_LENGTH} are the most"
        refuse(MAX_LENGTH + 1, wrong, "shorten it")
    found, place = [], 0
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            _refuse_character(text[place], place + 1)
        if match.lastgroup != "space":
            word = match[0]
            found.append(Token(match.lastgroup, SPELLINGS.get(word, word), place + 1))
        place = match.end()
    return [*found, Token("end", "", len(text.rstrip()) + 1)]


def _refuse_character(character: str, column: int) -> NoReturn:
    if not character.isascii() or not character.isprintable():  # never shown: it may look like another
        wrong = f"the character U+{ord(character):04X} is not part of a formula"
        refuse(column, wrong, ADVICE.get(character, "use plain letters, digits and + - * / ^ ( )"))
    advice = ADVICE.get(character, "use numbers, names and + - * / ^ ( ) alone")
    refuse(column, f"{character!r} is not part of a formula", advice)
