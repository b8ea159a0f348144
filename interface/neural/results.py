"""Below the player: the network under the ball, how true the picture is, and how it was trained."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import figures
from figures.disagreement import Path
from interface import attempt, charts, results, state
from interface.neural import controls, in_step, learning, leaving, networks
from interface.neural.picture import Picture
from interface.neural.stories import STORIES
from interface.neural.study import Study
from interface.neural.wording import UNDER
from interface.shared import telling
from interface.state import Session
from interface.stories import told_by
from interface.wording import setting

MEASURED = (
    "Each network is trained, cut and measured as on this page, on a plane of its own; every picture is "
    "drawn equally high for its width, and the ball has a tenth of that width. What is measured is the "
    "surface as it is drawn: wrinkles finer than the points at which the loss is evaluated are not in it."
)


def show(picture: Picture) -> DeltaGenerator:
    """Everything below the player; the place where the wait for the runs in all weights belongs."""
    study, theme = picture.experiment, charts.theme()
    results.show(picture.report)
    _evidence(study, theme)
    with_radius = f" with ρ = {setting(picture.run.radius)}" if study.under == "ball" else ""
    st.subheader(f"The network under {UNDER[study.under]}{with_radius}")
    controls.under(study)
    shown = networks.followed(picture.run, study.under)
    said = figures.decision.describe(shown)
    charts.show(figures.decision.figure(shown, theme), "network", said)
    in_step.keep(picture, shown.steps, "network")
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
    place = st.empty()
    paths = tuple(Path(s.name, s.steps, s.losses, s.plane, s.inside, s.whole) for s in picture.shadows)
    if paths:
        said = figures.disagreement.describe(paths)
        charts.show(figures.disagreement.figure(paths, theme), "disagreement", said)
        st.caption(said)
    if not study.weights:
        _training(picture)
    return place


def _evidence(study: Study, theme: str) -> None:
    """What bears a story out: the numbers of all its seeds."""
    name = told_by(study, STORIES)
    if name is None:
        return
    evidence = STORIES[name].evidence()
    st.subheader(f"Measured over {evidence.values.shape[-1]} seeds")
    said = figures.seeds.describe(evidence)
    charts.show(figures.seeds.figure(evidence, theme), "seeds", said)
    st.caption(f"{said} {MEASURED}")
    with st.expander("Numbers, seed by seed"):
        st.table(figures.seeds.numbers(evidence))


def _training(picture: Picture) -> None:
    """How the network was trained."""
    study, theme = picture.experiment, charts.theme()
    st.subheader("How it was trained")
    follow = picture.run.cut().course
    records = learning.learning(study, follow)
    said = figures.training.describe(records)
    parts = zip(st.columns(2), learning.both(records, theme), ("loss", "accuracy"), strict=True)
    for column, figure, name in parts:
        with column:
            charts.show(figure, f"training {name}", f"{name.capitalize()} of the training. {said}")
    st.caption(f"{said} {picture.shadows[0].outcome}")
    if study.stopped is not None and records.steps[-1] < records.total:
        st.button("Train on", icon=":material/play_arrow:", on_click=state.only_here(learning.go_on))


def complete(session: Session, place: DeltaGenerator) -> None:
    """At the end of a run of the page: the runs in all weights, if they are asked for and missing."""
    good = session.good
    if good is None or good.experiment != session.experiment or not session.experiment.free:
        return
    if leaving.has_shadows(good.leaving):
        return
    try:
        with place.container():
            queue = st.empty()
            with st.spinner("Ball and gradient descent in all weights"), telling(queue.caption):
                leaving.shadows(good.leaving)
    except Exception as error:
        place.empty()
        attempt.say("The run in all weights", error, session.experiment, "The picture shows the plane alone.")
    else:
        state.run_again(session)
