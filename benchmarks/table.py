"""What a benchmark gives: rows of a table, some with a figure to reach."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """One thing measured; without a limit it is for information."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the figure is reached."""
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )


def printed(title: str, rows: Iterable[Row]) -> str:
    """A title and a line a row: what, value, figure to reach, whether it is reached."""
    lines = [f"\n{title}", "-" * len(title)]
    for row in rows:
        limit, verdict = "", ""
        if row.at_most is not None or row.at_least is not None:
            limit = f"<= {row.at_most:g}" if row.at_most is not None else f">= {row.at_least:g}"
            verdict = "reached" if row.holds else "NOT REACHED"
        lines.append(f"{row.what:<74} {row.value:>10.3g} {row.unit:<9} {limit:>9}  {verdict}")
    return "\n".join(lines)
