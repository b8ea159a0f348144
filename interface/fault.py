"""Whose words an error carries: those of a check of ours are for readers, all others for the log."""

from __future__ import annotations

import traceback
from pathlib import Path

from rbo import LossRaised

ROOT = Path(__file__).parents[1]
OURS = tuple(ROOT / room for room in ("interface", "rbo", "landscapes", "figures"))


def plain(error: Exception) -> Exception:
    """What a loss raised, rather than that it did."""
    return error.__cause__ if isinstance(error, LossRaised) and error.__cause__ else error


def ours(error: Exception) -> bool:
    """Whether a check of our own raised it, in words for readers.

    Its last line is a `raise` of ours: what torch and numpy raise ends in a call. Nor may it pass on the
    words of another error.
    """
    if not isinstance(error, ValueError) or error.__cause__ or not error.__traceback__:
        return False
    last = traceback.extract_tb(error.__traceback__)[-1]
    return last.line.startswith("raise ") and any(Path(last.filename).is_relative_to(room) for room in OURS)
