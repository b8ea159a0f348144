"""Accuracy against epochs, gradients and seconds, one panel each, as an SVG: mean over seeds at the rate of
the table, a band of one standard deviation."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from rbo.experiments.methods import METHODS
from rbo.experiments.table1 import FIELDS, reach

Result = dict[str, Any]
WIDTH, HEIGHT, LEFT, TOP, GAP = 300, 240, 50, 40, 40  # of a panel, its margins
# colour-blind safe; a dash pattern of its own as well
LOOKS = {
    "sgd": ("#0B6BCB", ""),
    "momentum": ("#6E5E4E", "6 3"),
    "adamw": ("#009C6C", "2 2"),
    "entropy": ("#8C4787", "8 3 2 3"),
    "sam": ("#8E1B1B", "4 2"),
    "rbo": ("#E8701A", ""),
    "rbo-scaled": ("#E8701A", "10 3"),
    "rbo-stop": ("#E8701A", "6 3"),
    "rbo-shrink": ("#E8701A", "2 2"),
}


def curves(results: Sequence[Result], rows: Sequence[dict[str, Any]]) -> str:
    """The chart of one model.

    Args:
        results: its runs.
        rows: of the table; they say at which rate, and where the comparison is.
    """
    model = results[0]["run"]["model"]
    own = {(r["method"], r["equal"]): r for r in rows if r["model"] == model}
    shown = [m for m in METHODS if (METHODS[m].title, "epochs") in own]
    lowest = axis_floor([r["accuracy_mean"] for r in own.values()])
    panels = []
    for number, equal in enumerate(FIELDS):
        at = next(r["at"] for (_, kind), r in own.items() if kind == equal)
        lines = []
        for method in shown:
            row = own[METHODS[method].title, equal]
            runs = [r for r in results if r["run"]["method"] == method and r["run"]["lr"] == row["lr"]]
            lines.append(line(method, spread(runs, equal, at), at, lowest))
        x = LEFT + number * (WIDTH + GAP)
        panels.append(f'<g transform="translate({x},{TOP})">{frame(equal, at, lowest)}{"".join(lines)}</g>')
    width, height = LEFT + 3 * (WIDTH + GAP) + 150, TOP + HEIGHT + 60
    legend = "".join(key(m, i, width - 175) for i, m in enumerate(shown))
    title = f"{results[0]['run']['data']}, {model}: accuracy on test images in %, {rows[0]['seeds']} seeds"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>{"".join(panels)}{legend}</svg>\n'
    )


def spread(runs: Sequence[Result], equal: str, at: float) -> list[tuple[float, float, float]]:
    """Mean and standard deviation of the accuracy at 60 places up to `at`: (place, mean, deviation)."""
    places = [at * (i + 1) / 60 for i in range(60)]
    first = max(r["curve"][0][FIELDS[equal]] for r in runs)
    points = []
    for place in places:
        if place >= first:
            values = [reach(r, equal, place)["test"] for r in runs]
            deviation = statistics.stdev(values) if len(values) > 1 else 0.0
            points.append((place, statistics.mean(values), deviation))
    return points


def line(method: str, points: Sequence[tuple[float, float, float]], at: float, lowest: float) -> str:
    """A mean and its band."""
    if not points:
        return ""
    colour, dash = LOOKS[method]
    upper = [place(x, y + sd, at, lowest) for x, y, sd in points]
    lower = [place(x, y - sd, at, lowest) for x, y, sd in reversed(points)]
    mean = " ".join(place(x, y, at, lowest) for x, y, _ in points)
    return (
        f'<polygon points="{" ".join([*upper, *lower])}" fill="{colour}" opacity="0.1"/>'
        f'<polyline points="{mean}" fill="none" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{dash}"/>'
    )


def place(x: float, y: float, at: float, lowest: float) -> str:
    """Data to the panel; what is below the axis lies on it."""
    height = HEIGHT * (1 - (min(max(y, lowest), 100) - lowest) / (100 - lowest))
    return f"{WIDTH * x / at if at else 0:.1f},{height:.1f}"


def axis_floor(accuracies: Sequence[float]) -> float:
    """Where the accuracy axis begins: a multiple of 5 with room below the worst method."""
    return max(0.0, 5 * ((min(accuracies) - 5) // 5))


def frame(equal: str, at: float, lowest: float) -> str:
    """Axes with three ticks each."""
    names = {"epochs": "epochs", "gradients": "gradient evaluations", "seconds": "seconds"}
    parts = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>']
    for share in (0.0, 0.5, 1.0):
        y, value = HEIGHT * (1 - share), lowest + share * (100 - lowest)
        parts.append(f'<text x="-6" y="{y + 4:.0f}" text-anchor="end">{value:g}</text>')
        x = f"{share * at:.0f}" if equal == "gradients" else f"{share * at:.3g}"
        parts.append(f'<text x="{WIDTH * share:.0f}" y="{HEIGHT + 16}" text-anchor="middle">{x}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT + 36}" text-anchor="middle">{names[equal]}</text>')
    return "".join(parts)


def key(method: str, row: int, x: float) -> str:
    """An entry of the legend."""
    colour, dash = LOOKS[method]
    y = TOP + 10 + 20 * row
    return (
        f'<line x1="{x}" y1="{y}" x2="{x + 28}" y2="{y}" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{dash}"/><text x="{x + 34}" y="{y + 4}">{escape(METHODS[method].title)}</text>'
    )
