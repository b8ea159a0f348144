"""The player as Streamlit sees it: a film goes in, the start that the reader clicked comes out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st
import streamlit.runtime

from figures.film import Film
from figures.player import assets
from figures.player.encoding import encode

Start = tuple[float, float]
COMING, FAILED = "The other radii are being computed", "The other radii could not be computed"
ONLY = "This film has one radius"


@dataclass(frozen=True)
class PlayerEvent:
    """What happened in the browser since the last run of the script.

    Args:
        start: x, y where the reader clicked, or None.
        radius: the radius that the reader asked for, or None.
    """

    start: Start | None = None
    radius: float | None = None


def player(
    film: Film,
    *,
    radius: float,
    key: str = "player",
    step: int | None = None,
    play: str = "",
    on_start: Callable[[Start], None] | None = None,
    on_radius: Callable[[float], None] | None = None,
    alone: str = COMING,
) -> PlayerEvent:
    """Show a film; time and radius are scrubbed in the browser without a message to the server.

    Args:
        film: the paths of a family of radii on one landscape.
        radius: the ball to show, the nearest of `film.radii`. A new value moves the player, the same one
            does not.
        key: names the player; camera and playback live as long as it stays.
        step: frame to show at first, instead of playing from the start.
        play: a token; when it changes, the film plays from its start (a story begins).
        on_start: called with x, y when the reader clicks a start, before the script runs: it may set the
            state of widgets.
        on_radius: called likewise with one of `film.radii` when the reader, who has scrubbed to it, asks the
            page for it. Without it the player does not offer that.
        alone: what is said beside the slider of a film of one radius, which cannot be moved.

    Returns:
        What the reader did.

    Raises:
        ValueError: radius is not a positive number, or step is negative.
    """
    if not (math.isfinite(radius) and radius > 0):
        raise ValueError(f"radius must be > 0 and finite, got {radius}")
    if step is not None and step < 0:
        raise ValueError(f"step must be >= 0, got {step}")
    if not st.runtime.exists():
        return PlayerEvent()
    assets.register()
    setting = {"radius": float(radius), "step": step, "play": play, "takesRadius": on_radius is not None}
    setting |= {"takesStart": on_start is not None, "alone": alone}
    block = encode(film, **setting, plotly=assets.plotly_path())

    def clicked() -> None:
        start = _start(st.session_state.get(key))
        if start is not None and on_start is not None:
            on_start(start)

    def asked() -> None:
        wanted = _radius(st.session_state.get(key), film)
        if wanted is not None and on_radius is not None:
            on_radius(wanted)

    result = _renderer()(key=key, data=block, on_start_change=clicked, on_radius_change=asked)
    return PlayerEvent(start=_start(result), radius=_radius(result, film))


@cache
def _renderer() -> Callable[..., Any]:
    return st.components.v2.component(assets.NAME, js="main.js", css="style.css", isolate_styles=False)


def _start(state: Any) -> Start | None:
    """The clicked start in a component's state, or None; the browser's values are not to be trusted."""
    value = (state or {}).get("start")
    if not (isinstance(value, list) and len(value) == 2):
        return None
    if not all(isinstance(v, int | float) and math.isfinite(v) for v in value):
        return None
    return float(value[0]), float(value[1])


def _radius(state: Any, film: Film) -> float | None:
    """The radius asked for as the film has it (the browser's is a float32), or None."""
    value = (state or {}).get("radius")
    if not (isinstance(value, int | float) and math.isfinite(value) and value > 0):
        return None
    return float(min(film.radii, key=lambda radius: abs(math.log(radius / value))))
