"""Numbers and foreign text as a reader sees them."""

from __future__ import annotations

import math
import re

import rbo
from interface.report import Run

ROUNDING = 1e-12  # what is smaller is rounding, and said to be 0


def number(value: float, digits: int = 3) -> str:
    """A measured number to so many significant digits, with a true minus sign.

    >>> number(-0.07575), number(1.5), number(2e-7), number(12345.6), number(0.0)
    ('−0.0757', '1.50', '2.00e−7', '12346', '0')
    """
    if not math.isfinite(value):
        return "not finite"
    size = abs(value) if abs(value) > ROUNDING else 0.0
    if size and (size < 1e-4 or size >= 1e6):
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    else:
        text = f"{value:.{max(0, digits - 1 - math.floor(math.log10(size)))}f}" if size else "0"
    return text.replace("-", "−")


def setting(value: float) -> str:
    """A number that somebody chose, without superfluous digits.

    >>> setting(0.6), setting(1.0), setting(1e-05)
    ('0.6', '1', '1e−05')
    """
    return f"{value:.6g}".replace("-", "−")


def percent(share: float) -> str:
    """A share as a percentage.

    >>> percent(0.329), percent(3e-8), percent(0.0041), percent(math.nan)
    ('33 %', '0 %', '0.41 %', 'not finite')
    """
    if not math.isfinite(share):
        return "not finite"
    hundredths = 100 * share
    return f"{number(hundredths, 2)} %" if abs(hundredths) >= 1e-3 else "0 %"


def about(count: int) -> str:
    """A count of which only the first two digits mean something.

    >>> about(27840), about(85)
    ('about 28000', 'about 85')
    """
    return f"about {float(f'{count:.2g}'):.0f}"


def place(point: tuple[float, ...]) -> str:
    """A point of the plane.

    >>> place((0.074, -0.086)), place((-0.001, 2.0))
    ('(0.07, −0.09)', '(0.00, 2.00)')
    """
    return "(" + ", ".join(f"{round(value, 2) + 0.0:.2f}".replace("-", "−") for value in point) + ")"


def quoted(text: object, longest: int = 40) -> str:
    """Text from outside, set as code and cut short, so that it can be neither markup nor a flood.

    >>> quoted("[a](b)`x`")
    '`[a](b)x`'
    """
    printable = "".join(c if c.isprintable() else " " for c in str(text).replace("`", ""))
    plain = re.sub(r"\s+", " ", printable).strip()
    return f"`{plain[:longest]}…`" if len(plain) > longest else f"`{plain or ' '}`"


def escaped(text: object) -> str:
    r"""Text in which no character is markup.

    >>> print(escaped("2*x_1 <b>"))
    2\*x\_1 \<b\>
    """
    return re.sub(r"([\\`*_{}\[\]<>|~$:])", r"\\\1", str(text))


def went(run: Run) -> str:
    """From which loss to which a run went, as a predicate; a run that was cut short is said to be so."""
    if run.ended(rbo.Outcome.LEFT):
        return f"left the domain at a loss of {number(run.loss)}"
    if run.ended(rbo.Outcome.NOT_FINITE):
        return f"stopped at a loss of {number(run.loss)}, because its next step was not finite"
    verb = "rises" if run.loss > run.first else "goes"
    return f"{verb} from a loss of {number(run.first)} to {number(run.loss)}{_still(run)}"


def reached(run: Run) -> str:
    """The loss where a run ended, and whether it was still moving there."""
    return f"{number(run.loss)}{_still(run)}"


def _still(run: Run) -> str:
    return f", still moving at step {run.end}" if run.ended(rbo.Outcome.STEPS) else ""
