"""What a reader takes home from the playground: the animation as one file, the paths as a table, and Python.

Nothing is made before it is asked for. Pictures and the film are made in the browser (`frontend/saving`), the
state as a file is a part of 'Share'.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import streamlit as st

from figures import Film
from figures.player import size, standalone
from interface import snippet
from interface.picture import Picture
from interface.wording import setting

COLUMNS = (
    *("run", "radius", "step", "x", "y", "loss", "center_x", "center_y", "center_height"),
    *("clearance", "contacts", "gradient_evaluations"),
)
ROW = 110  # bytes, about
NOTE = (
    "The file opens offline in any browser, with both sliders. Pictures (PNG) and the animation as a film "
    "(WebM): **Save**, above the picture. The state as a file, and back: **Share**, at the top."
)


def show(picture: Picture) -> None:
    """The buttons, each with the size of what it gives, and the snippet."""
    film, experiment = picture.film, picture.experiment
    name = f"rolling_ball_{experiment.landscape}_radius_{setting(experiment.radius)}"
    code = snippet.playground(experiment)
    with st.container(key="take-home"):
        st.subheader("Take home")
        with st.container(horizontal=True):
            _button(
                f"Animation as HTML, {told(size(film))}",
                lambda: standalone(film, radius=experiment.radius, title=film.title, text=picture.text),
                f"{name}.html",
                "text/html",
            )
            rows = film.losses.size + sum(len(point.losses) for point in film.points)
            _button(
                f"Paths as CSV, {told(ROW * rows)}",
                lambda: "\n".join(paths(film)) + "\n",
                f"{name}.csv",
                "text/csv",
            )
            _button("Python", lambda: code, f"{name}.py", "text/x-python")
        st.caption(NOTE)
        with st.expander("The same in a notebook"):
            st.code(code, language="python")


def _button(label: str, make: object, file: str, kind: str) -> None:
    st.download_button(
        label,
        make,
        file_name=file,
        mime=kind,
        icon=":material/download:",
        on_click="ignore",
        key=f"take {kind}",
    )


def told(count: int) -> str:
    """A size as a reader sees it.

    >>> told(5_340_000), told(123_456)
    ('5.3 MB', '123 kB')
    """
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def paths(film: Film) -> Iterator[str]:
    """All runs as lines with commas, a line a step; the height of a centre is in units of λf."""
    yield ",".join(COLUMNS)
    for k, radius in enumerate(film.radii):
        columns = [
            *film.contacts[k, :, :2].T, film.losses[k], *film.centers[k].T, film.clearance[k],
            film.touching[k], film.evaluations[k],
        ]  # fmt: skip
        yield from _lines("Ball", f"{float(radius)!r}", columns)
    for point in film.points:
        empty = [None] * 5
        yield from _lines(point.name, "", [*point.contacts[:, :2].T, point.losses, *empty, point.evaluations])


def _lines(name: str, radius: str, columns: list[np.ndarray | None]) -> Iterator[str]:
    steps = len(columns[0])
    texts = [[""] * steps if column is None else [_text(value) for value in column] for column in columns]
    for step, row in enumerate(zip(*texts, strict=True)):
        yield f"{name},{radius},{step},{','.join(row)}"


def _text(value: np.number) -> str:
    return f"{value:.10g}"
