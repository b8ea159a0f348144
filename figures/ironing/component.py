"""The viewer as Streamlit sees it: a profile or a relief goes in, the radius that the reader wants comes out.

The arrays travel in elements of their own ahead of the viewer's, which itself carries only the setting.
Streamlit does not send an element again whose bytes the browser has, so a lone radius beside a family costs
its own bytes and no more.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st
import streamlit.runtime

from figures.ironing.encoding import encode
from figures.player import assets
from figures.player.encoding import encode as encode_film
from figures.relief import Profile, Relief


@dataclass(frozen=True)
class ViewerEvent:
    """What happened in the browser since the last run of the script.

    Args:
        radius: the radius that the reader asked for, or None.
    """

    radius: float | None = None


def ironing_viewer(
    record: Profile | Relief,
    *,
    radius: float,
    key: str = "ironing",
    lone: Profile | Relief | None = None,
    position: float | None = None,
    across: float | None = None,
    step: int | None = None,
    begin: str = "",
    on_radius: Callable[[float], None] | None = None,
) -> ViewerEvent:
    """Show what the balls of a family of radii make of a landscape; all is scrubbed in the browser.

    Args:
        record: the family: the curve (1-D) or the surface (2-D) and what each radius makes of it.
        radius: the ball to show, the nearest of all radii. A new value moves the viewer, the same one does
            not, unless `begin` changes.
        key: names the viewer; what is switched on, camera and playback live as long as it stays.
        lone: further radii on the same grid, as one outside the family. The family is not sent again for it.
        position: x of the ball's centre to show at first, where no film says it.
        across: its y likewise (2-D).
        step: frame of the film to show at first (2-D with a film).
        begin: a token; when it changes, the viewer begins anew (a story does): at `radius`, with the ball in
            the place given here, or in its own.
        on_radius: called with one of the radii when the reader, who has scrubbed to it, asks the page for it,
            before the script runs. Without it the viewer does not offer that.

    Returns:
        What the reader did.

    Raises:
        ValueError: radius is not a positive number, or `lone` is on another grid.
    """
    if not (math.isfinite(radius) and radius > 0):
        raise ValueError(f"radius must be > 0 and finite, got {radius}")
    records = [record] if lone is None else [record, lone]
    if lone is not None and (type(lone) is not type(record) or lone.heights.shape != record.heights.shape):
        raise ValueError(f"lone must be on the grid of the family, got {lone.heights.shape}")
    if not st.runtime.exists():
        return ViewerEvent()
    assets.register()
    places = {"position": position, "across": across, "step": step}
    setting = {"radius": float(radius), "begin": begin, "takesRadius": on_radius is not None} | places
    radii = [float(value) for r in records for value in r.radii]

    def asked() -> None:
        wanted = _radius(st.session_state.get(key), radii)
        if wanted is not None and on_radius is not None:
            on_radius(wanted)

    data = setting | {"parts": _sent(records, key), "plotly": assets.plotly_path()}
    result = _renderer()(key=key, data=data, on_radius_change=asked)
    return ViewerEvent(_radius(result, radii))


def _sent(records: list[Profile | Relief], key: str) -> list[dict[str, str]]:
    """Send the blocks of all records; returns their identities by name, a record each."""
    return [
        {name: _send(block, f"{key}-{name}-{n}") for name, block in _blocks(r)} for n, r in enumerate(records)
    ]


def _blocks(record: Profile | Relief) -> list[tuple[str, bytes]]:
    """The blocks of a record by name: its surfaces, and its film where it has one."""
    film = getattr(record, "film", None)
    return [("surfaces", encode(record))] + ([("film", encode_film(film))] if film is not None else [])


def _send(block: bytes, key: str) -> str:
    """Send a block as an element of its own; returns the identity by which the viewer finds it."""
    _renderer()(key=key, data=block)
    length = int.from_bytes(block[:4], "little")
    return json.loads(block[4 : 4 + length])["identity"]


@cache
def _renderer() -> Callable[..., Any]:
    return st.components.v2.component(
        assets.IRONING, js="ironing/main.js", css="ironing/style.css", isolate_styles=False
    )


def _radius(state: Any, radii: list[float]) -> float | None:
    """The radius asked for as the record has it (the browser's is a float32), or None."""
    value = (state or {}).get("radius")
    if not (isinstance(value, int | float) and math.isfinite(value) and value > 0):
        return None
    return min(radii, key=lambda radius: abs(math.log(radius / value)))
