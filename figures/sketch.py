"""Loss and accuracy of a training that is under way, as a small drawing in SVG.

A chart of Plotly is drawn anew, after a blank, whenever its data change: several times a second there would
be nothing to see.
"""

from __future__ import annotations

from base64 import b64encode

import numpy as np

from figures.theme import IRONED, POINT_METHODS, RAW, palette
from figures.training import Learning, describe

FONT = 'font-family="sans-serif"'
WIDTH, HEIGHT = 300, 110
LEFT, TOP, BOTTOM = 34, 16, 94


def panels(learning: Learning, theme: str = "light") -> tuple[str, str]:
    """Loss and accuracies, an SVG each."""
    top = max(float(np.max(learning.losses)), 1e-9)
    loss = _curve(learning, learning.losses / top, POINT_METHODS["Momentum"].color(theme))
    given = _curve(learning, learning.accuracies, RAW.color(theme))
    held = _curve(learning, learning.held, IRONED.color(theme), "6 3")
    return (
        _panel("loss", f"{top:.2g}", loss, theme),
        _panel("accuracy: labels as given (line), held out (dashes)", "100 %", given + held, theme),
    )


def html(learning: Learning, theme: str = "light") -> str:
    """Both as images beside each other, on a phone below, described for those who do not see them."""
    words = (describe(learning), "")
    images = "".join(
        f'<img alt="{alt}" style="flex:1 1 260px;max-width:480px;min-width:0" '
        f'src="data:image/svg+xml;base64,{b64encode(panel.encode()).decode()}"/>'
        for panel, alt in zip(panels(learning, theme), words, strict=True)
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:1rem">{images}</div>'


def _panel(title: str, top: str, curves: str, theme: str) -> str:
    colors = palette(theme)
    text = f'fill="{colors.text}" font-size="11"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {FONT}>'
        f'<text x="{LEFT}" y="10" {text}>{title}</text>'
        f'<text x="{LEFT - 4}" y="{TOP + 6}" text-anchor="end" {text}>{top}</text>'
        f'<text x="{LEFT - 4}" y="{BOTTOM}" text-anchor="end" {text}>0</text>'
        f'<path d="M{LEFT} {TOP}V{BOTTOM}H{WIDTH - 4}" fill="none" stroke="{colors.grid}"/>{curves}</svg>'
    )


def _curve(learning: Learning, shares: np.ndarray, color: str, dash: str = "none") -> str:
    """A line through shares (T,) of the height."""
    x = LEFT + (WIDTH - 4 - LEFT) * learning.steps / max(learning.total, 1)
    y = BOTTOM - (BOTTOM - TOP) * np.nan_to_num(shares)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    stroke = f'stroke="{color}" stroke-width="2" stroke-dasharray="{dash}"'
    return f'<polyline points="{points}" fill="none" {stroke}/>'
