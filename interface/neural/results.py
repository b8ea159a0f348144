"""Below the player: the network under the ball, how true the picture is, and how it was trained."""

from __future__ import annotations

import streamlit as st

import figures
from figures.disagreement import Path
from interface import attempt, results, state
from interface.neural import controls, learning, leaving, networks
from interface.neural.picture import Picture
from interface.neural.slicing import course
from interface.neural.wording import UNDER
from interface.state import Session

PLAIN = {"displayModeBar": False}


def show(picture: Picture) -> None:
    """Everything below the player."""
    study, theme = picture.experiment, learning.theme_of_page()
    results.show(picture.report)
    st.subheader(f"The network under {UNDER[study.under]}")
    controls.under(study)
    shown = networks.followed(picture.run, study.under)
    said = figures.decision.describe(shown)
    _chart(figures.decision.figure(shown, theme), "network", said)
    st.caption(said)
    with st.expander("Numbers, frame by frame"):
        st.table(figures.decision.numbers(shown))
    st.subheader("How true is the picture?")
    st.markdown(
        "A path in all weights, drawn on a plane, is a shadow: under it the picture shows the loss of the "
        "plane, not of the path. The gap between the two is shaded."
    )
    st.caption(picture.caption)
    controls.free(study)
    paths = tuple(Path(s.name, s.steps, s.losses, s.plane, s.inside, s.whole) for s in picture.shadows)
    if paths:
        said = figures.disagreement.describe(paths)
        _chart(figures.disagreement.figure(paths, theme), "disagreement", said)
        st.caption(said)
    if not study.weights:
        _training(picture)


def _training(picture: Picture) -> None:
    """How the network was trained."""
    study, theme = picture.experiment, learning.theme_of_page()
    st.subheader("How it was trained")
    follow = course(study.training())
    records = learning.learning(study, follow)
    said = figures.training.describe(records)
    parts = zip(st.columns(2), learning.both(records, theme), ("loss", "accuracy"), strict=True)
    for column, figure, name in parts:
        with column:
            _chart(figure, f"training {name}", f"{name.capitalize()} of the training. {said}")
    st.caption(f"{said} {picture.shadows[0].outcome}")
    if study.stopped is not None and records.steps[-1] < records.total:
        st.button("Train on", icon=":material/play_arrow:", on_click=learning.go_on)


def _chart(figure: object, key: str, alt: str) -> None:
    st.plotly_chart(figure, key=key, theme=None, config=PLAIN, alt=alt)


def complete(session: Session) -> None:
    """At the end of a run of the page: the runs in all weights, if they are asked for and missing."""
    good = session.good
    if good is None or good.experiment != session.experiment or not session.experiment.free:
        return
    if leaving.has_shadows(good.leaving):
        return
    bar = st.progress(0.0, text="Ball and gradient descent in all weights")
    try:
        leaving.shadows(
            good.leaving, lambda share: bar.progress(share, text="Ball and gradient descent in all weights")
        )
    except Exception as error:
        bar.empty()
        attempt.say("The run in all weights", error, session.experiment, "The picture shows the plane alone.")
    else:
        state.run_again(session)
