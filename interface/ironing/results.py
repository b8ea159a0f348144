"""Beside the viewer: the inequality of a story, the curve to growing balls, the measures and their tables."""

from __future__ import annotations

import streamlit as st

import figures
from interface import charts, snippet
from interface.ironing.picture import Picture, spectra, table
from interface.wording import setting


def show(picture: Picture) -> None:
    """Everything below the viewer."""
    theme = charts.theme()
    if picture.proof is not None:
        st.subheader(picture.proof.bounds.title)
        charts.show(
            figures.bounds.figure(picture.proof.bounds, theme),
            "proof",
            f"{picture.proof.bounds.title}. {picture.text}",
        )
    if picture.spread is not None:
        st.subheader("One curve to growing balls")
        said = figures.multiples.describe(picture.spread)
        charts.show(figures.multiples.figure(picture.spread, theme), "multiples", said)
        st.caption(
            "The same curve to balls of growing radius, on the same axes. The centre curve is lowered by ρ. "
            f"{said}"
        )
    st.subheader("What is ironed out")
    said = figures.measures.describe(picture.measures, picture.index)
    charts.show(figures.measures.figure(picture.measures, picture.index, theme), "measures", said)
    st.caption(
        f"{said} The energies of a spectrum add up "
        "to the variance of the heights. Everything is measured on the part that is shown."
    )
    with st.container(key="take-home"):
        st.subheader("Take home")
        _tables(picture)
        st.caption(
            "Pictures (PNG) and the ball's way as a film (WebM): **Save**, above the picture. The state as a "
            "file, and back: **Share**, at the top."
        )
        with st.expander("The same in a notebook"):
            st.code(code_of(picture), language="python")


def code_of(picture: Picture) -> str:
    """The picture as Python."""
    record = picture.record
    axes = (record.x,) if picture.experiment.dim == 1 else (record.x, record.y)
    return snippet.ironing(picture.experiment, tuple(len(axis) for axis in axes))


def _tables(picture: Picture) -> None:
    view = picture.experiment
    name = f"ironing_{view.landscape}_{view.dim}d"
    with st.container(horizontal=True):
        for label, lines, file in (
            ("Measures as CSV", table, f"{name}_measures.csv"),
            ("Spectra as CSV", spectra, f"{name}_spectra.csv"),
        ):
            st.download_button(
                label,
                "\n".join(lines(picture.measures)) + "\n",
                file_name=file,
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                help=f"All {len(picture.measures.radii)} radii, ρ = {setting(picture.measures.radii[0])} to "
                f"{setting(picture.measures.radii[-1])}; the raw landscape is radius 0.",
            )
