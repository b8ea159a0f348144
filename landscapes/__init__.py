"""Synthetic loss landscapes: fractal ones first, then the paper's, the classics and exact geometry.

    landscapes.names()                         the names, in the order in which to show them
    landscapes.specification(name)             title, description and parameters of one, without building it
    landscapes.get(name, **parameters)         the landscape: a callable (*B, d) -> (*B,) with its derivatives
    landscapes.section(landscape, y)           the curve of a surface at a fixed y
    landscapes.parse_formula(text)             the landscape of a formula in x and y that is written by hand

Every landscape keeps the dtype and the device of its argument and touches no global state.
"""

from __future__ import annotations

from difflib import get_close_matches

from landscapes import classic, exact, fractal, noise, paper, wrinkled
from landscapes.landscape import Landscape, Specification, build
from landscapes.parameter import Parameter
from landscapes.section import section
from landscapes.written import parse_formula

__all__ = [
    "Landscape",
    "Parameter",
    "Specification",
    "get",
    "names",
    "parse_formula",
    "section",
    "specification",
]

_MODULES = (wrinkled, fractal, noise, paper, classic, exact)  # the order in which to show them
_REGISTRY = {s.name: s for module in _MODULES for s in module.SPECIFICATIONS}


def names() -> tuple[str, ...]:
    """The names of all landscapes; the first one is the default."""
    return tuple(_REGISTRY)


def specification(name: str) -> Specification:
    """Title, description, reference and parameters of a landscape; ValueError if there is none so named."""
    if isinstance(name, str) and name in _REGISTRY:
        return _REGISTRY[name]
    close = get_close_matches(str(name), _REGISTRY, n=3)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    raise ValueError(f"there is no landscape {name!r}: {hint}landscapes.names() lists them all")


def get(name: str, **parameters: int | float | str) -> Landscape:
    """Build a landscape.

    Raises:
        ValueError: the name is unknown, or a parameter is unknown, of a wrong type or out of range.

    Example:
        >>> f = get("wrinkled_bowl", seed=3, octaves=2)
        >>> f.dim, f.domain
        (2, ((-3.0, 3.0), (-3.0, 3.0)))
    """
    return build(specification(name), parameters)
