"""The two maps as SVG files: radius × rate as cells, distinct ends against the radius as a line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

Row = dict[str, Any]
CELL, LEFT, TOP, GAP = 22, 90, 50, 8
LOST = "#B5418A"
SHADES = ("#00224E", "#35456C", "#666970", "#948E77", "#C8B866", "#FEE838")  # cividis
BALL, POINT = "#E8701A", "#0B6BCB"


def cells(rows: Sequence[Row], title: str) -> str:
    """The map: dark is a low loss, the brightest the worst tenth; what diverged has a colour and a cross.

    Args:
        rows: of `rates`, those of gradient descent, radius 0, among them.
        title: above it.
    """
    radii, rates = (sorted({r[name] for r in rows}) for name in ("radius", "lr"))
    losses = sorted(r["loss"] for r in rows if not r["diverged"])
    low, high = (losses[0], losses[int(0.9 * (len(losses) - 1))]) if losses else (0.0, 1.0)
    parts = []
    for r in rows:
        x = LEFT + CELL * rates.index(r["lr"])
        y = TOP + CELL * (len(radii) - 1 - radii.index(r["radius"])) + (GAP if r["radius"] == 0 else 0)
        parts.append(cell(x, y, None if r["diverged"] else shade(r["loss"], low, high)))
    bottom = TOP + CELL * len(radii) + GAP
    for k, radius in enumerate(reversed(radii)):
        if radius == 0 or k % 3 == 0:
            y = TOP + CELL * (k + 0.7) + (GAP if radius == 0 else 0)
            name = f"{radius:g}" if radius else "GD"
            parts.append(text(LEFT - 6, y, name, "end"))
    parts += [text(LEFT + CELL * (k + 0.5), bottom + 16, f"{rates[k]:g}") for k in range(0, len(rates), 3)]
    parts.append(text(LEFT + CELL * len(rates) / 2, bottom + 36, "learning rate η"))
    parts.append(text(10, TOP - 10, "radius ρ", "start"))
    parts.append(key(LEFT, bottom + 50, low, high))
    return sheet(max(LEFT + CELL * len(rates) + 40, 520), bottom + 90, title, parts)


def shade(loss: float, low: float, high: float) -> str:
    """The colour of a loss, by the root, so that low ones are told apart."""
    share = math.sqrt(min(max((loss - low) / (high - low), 0), 1)) if high > low else 0.0
    return SHADES[min(int(share * len(SHADES)), len(SHADES) - 1)]


def cell(x: float, y: float, color: str | None) -> str:
    """A square; None: a run that diverged."""
    square = f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="{color or LOST}"/>'
    if color:
        return square
    a, b = CELL * 0.3, CELL * 0.7
    cross = f"M{x + a:g},{y + a:g}L{x + b:g},{y + b:g}M{x + a:g},{y + b:g}L{x + b:g},{y + a:g}"
    return f'{square}<path d="{cross}" stroke="white" class="diverged"/>'


def key(x: float, y: float, low: float, high: float) -> str:
    """What the colours mean."""
    count = len(SHADES)
    parts = [
        f'<rect x="{x + 24 * k}" y="{y}" width="24" height="14" fill="{SHADES[k]}"/>' for k in range(count)
    ]
    parts.append(text(x + 24 * count + 8, y + 12, f"final loss {low:.3g} to ≥ {high:.3g}", "start"))
    parts.append(f'<rect x="{x + 24 * count + 190}" y="{y}" width="24" height="14" fill="{LOST}"/>')
    parts.append(text(x + 24 * count + 220, y + 12, "diverged", "start"))
    return "".join(parts)


def counts(rows: Sequence[Row], title: str) -> str:
    """Distinct ends against the radius, on a logarithmic axis, with gradient descent as a level."""
    width, height = 420, 240
    balls = [r for r in rows if r["radius"] > 0]
    point = next(r["distinct_ends"] for r in rows if r["radius"] == 0)
    most = max(r["distinct_ends"] for r in rows)
    first, last = math.log(balls[0]["radius"]), math.log(balls[-1]["radius"])

    def at(radius: float, ends: int) -> tuple[float, float]:
        across = (math.log(radius) - first) / (last - first) if last > first else 0.5
        return LEFT + width * across, TOP + height * (1 - ends / max(most, 1))

    places = [at(r["radius"], r["distinct_ends"]) for r in balls]
    level = at(balls[0]["radius"], point)[1]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts = [
        f'<rect x="{LEFT}" y="{TOP}" width="{width}" height="{height}" fill="none" stroke="#999"/>',
        f'<path d="M{LEFT},{level:.1f}h{width}" stroke="{POINT}" stroke-width="2" stroke-dasharray="6 3"/>',
        f'<polyline points="{line}" fill="none" stroke="{BALL}" stroke-width="2"/>',
        text(LEFT + width - 4, level - 6, f"gradient descent: {point}", "end", POINT),
    ]
    for r, (x, y) in zip(balls, places, strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{BALL}"/>')
        parts.append(text(x + 6, y + (-8 if y > TOP + 20 else 16), str(r["distinct_ends"]), "start"))
        parts.append(text(x, TOP + height + 16, f"{r['radius']:.2g}"))
    parts.append(text(LEFT + width / 2, TOP + height + 36, "radius ρ"))
    parts.append(text(10, TOP - 10, f"distinct ends of {rows[0]['starts']} starts", "start"))
    return sheet(LEFT + width + 50, TOP + height + 50, title, parts)


def text(x: float, y: float, words: str, anchor: str = "middle", color: str = "#222") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{color}">{escape(words)}</text>'


def sheet(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    """A picture with its title."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f'<text x="10" y="20" font-size="14">{escape(title)}</text>{"".join(parts)}</svg>\n'
    )
