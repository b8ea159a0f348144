"""One curve as balls of growing radius see it, in panels with the same axes.

Each panel has the raw curve, the ironed one and the centre curve less ρ, which stays on the same axes: as ρ
grows, it becomes flat (weak ironing), or straight where the curve is so at large (linear ironing).
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from figures.panels import Panels
from figures.relief import Profile
from figures.theme import CENTER, IRONED, RAW, axis

PANEL = 190  # pixels high
ROOM = 0.1  # of the height, above and below: a centre curve may leave the panel where it is steep


def figure(profile: Profile, theme: str = "light") -> go.Figure:
    """The raw curve, then one panel a radius.

    Args:
        profile: a curve and the surfaces of a few radii.
        theme: 'light' or 'dark'.
    """
    titles = ["the raw curve", *(f"ρ = {radius:.3g}" for radius in profile.radii)]
    plot = Panels(titles, PANEL, 40, theme, shared_xaxes="all", shared_yaxes="all", horizontal_spacing=0.04)
    low, high = float(profile.heights.min()), float(max(profile.heights.max(), profile.ironed.max()))
    room = ROOM * ((high - low) or 1.0)
    for k in range(len(titles)):
        plot.set_axes(k, axis(theme, ""), axis(theme, "", nticks=5, range=[low - room, high + room]))
        shown = {"showlegend": k == 1}
        plot.add_line(k, "Raw", profile.x, profile.heights, RAW, width=1.2, **shown)
        if k:
            plot.add_line(k, "Ironed φ", profile.x, profile.ironed[k - 1], IRONED, **shown)
            lowered = profile.centers[k - 1] - profile.radii[k - 1]
            plot.add_line(k, "Centre F − ρ", profile.x, lowered, CENTER, **shown)
    return plot.figure()


def describe(profile: Profile) -> str:
    """The panels in words: how much of the curve's height each centre curve still has."""
    raw, *spans = (float(np.ptp(curve)) for curve in (profile.heights, *profile.centers))
    parts = [f"ρ = {r:.3g}: {span:.3g}" for r, span in zip(profile.radii, spans, strict=True)]
    text = f"The raw curve spans {raw:.3g} in height; its centre curves span, at {'; at '.join(parts)}."
    if max(spans) > 1.001 * raw:  # more than rounding
        text += " The steeper the curve, the more its slope holds a ball up, so its centre rises more."
    return text
