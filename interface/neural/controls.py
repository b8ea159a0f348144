"""The sidebar of the page of real losses, put together from the playground's parts."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import streamlit as st

from interface import controls, state
from interface.controls import number, shows, stride
from interface.experiment import METHODS, Limit, clipped, sides
from interface.neural import uploads, wording
from interface.neural.run import Run
from interface.neural.study import ALONG_TRAINING, CORNERS, LIMITS, MODELS, OPTIMISERS, Study, changed
from landscapes.neural import Unavailable
from landscapes.neural.models import ACTIVATIONS
from landscapes.neural.uploaded import LARGEST

FILE = "weights file"


def change(**settings: object) -> None:
    """Change settings of the study; what is not admissible costs a sentence and changes nothing."""
    session = state.here()
    lost = session.experiment.weights if "weights" not in settings else ""
    try:
        state.take(changed(session.experiment, **settings), chosen=True)
        if lost and not session.experiment.weights:
            session.notes = ("The weights from the file are of another network: this one is trained.",)
    except ValueError as error:
        session.notes = (f"Nothing was changed: {error}.",)


def click(start: tuple[float, float]) -> None:
    """Start where the reader clicked."""
    domain = sides(state.here().good.run.surface())
    x, y = (clipped(float(f"{value:.4g}"), limit) for value, limit in zip(start, domain, strict=True))
    change(x=x, y=y)


def study(asked: Study) -> None:
    """Data, network, training and plane."""
    with st.sidebar:
        st.subheader("Data")
        _choice(asked, "data", "Data", wording.DATA)
        _count(asked, "samples", "Samples", 50)
        if asked.planar:
            _slider(asked, "noise", "Noise of the points", 0.05)
        _slider(asked, "corrupted", "Share of wrong labels", 0.05)
        st.subheader("Network")
        _network(asked)
        if not asked.weights:
            with st.expander("Training", key="study/training"):
                _training(asked)
        with st.expander("Weights from a file", key="study/weights", expanded=bool(asked.weights)):
            _weights(asked)
        st.subheader("Plane")
        _plane(asked)


def rolling(found: Run) -> None:
    """Start, ball and steps on the slice."""
    with st.sidebar:
        st.subheader("Start")
        for axis, column in enumerate(st.columns(2)):
            name, limit = "xy"[axis], sides(found.surface())[axis]
            with column:
                shown = shows(
                    found, name, found.start[axis], lambda value, name=name: change(**{name: value})
                )
                number(shown, name, limit, stride(limit))
        st.caption("Or click on the landscape or on the map.")
        st.subheader("Ball and steps")
        controls.radius(found)
        controls.rates(found)
        controls.scale(found)
        controls.reset()


def free(asked: Study) -> None:
    """The runs in all weights, on the page itself."""
    st.toggle(
        "Let the ball and gradient descent leave the plane",
        help="They start at the same weights and run in all of them: the ball is the authors' solver.",
        **_shown(asked, "free"),
    )
    if not asked.free:
        return
    with st.container(horizontal=True):
        _count(asked, "free_radius", "Radius ρ in all weights", 0.1)
        _count(asked, "free_lr", "Learning rate η in all weights", 0.05)
        _count(asked, "inner_steps", "Inner steps N", 5)
        _count(asked, "inner_lr", "Inner rate γ", 0.01)

    def chosen(names: list[str]) -> None:
        change(methods=tuple(name for name in METHODS if name in names))

    st.multiselect(
        "Further methods in all weights",
        list(METHODS),
        format_func=lambda name: METHODS[name][0],
        placeholder="none",
        **shows(asked, "methods", list(asked.methods), chosen, default="default"),
    )


def under(asked: Study) -> None:
    """Whose network is shown."""
    st.segmented_control(
        "The network under",
        [name for name in wording.UNDER if name != "training" or not asked.weights],
        format_func=wording.UNDER.get,
        label_visibility="collapsed",
        **shows(
            asked, "under", asked.under, lambda name: change(under=name or asked.under), default="default"
        ),
    )


def _network(asked: Study) -> None:
    models = {name: wording.MODELS[name] for name in (MODELS[:1] if asked.planar else MODELS)}
    _choice(asked, "model", "Network", models)
    left, right = st.columns(2)
    if asked.model == "mlp":
        with left:
            _count(asked, "depth", "Hidden layers", 1)
        with right:
            _count(asked, "width", "Neurons in each", 4)
        _choice(asked, "activation", "Activation", {name: name for name in ACTIVATIONS})
        return
    with left:
        _count(asked, "channels", "Channels", 1)
    if asked.model != "cnn":
        with right:
            _count(asked, "blocks", "Blocks, twice", 1)


def _training(asked: Study) -> None:
    titles = dict(zip(OPTIMISERS, ("SGD, momentum 0.9", "Adam"), strict=True))
    _choice(asked, "optimiser", "Optimiser", titles)
    left, right = st.columns(2)
    with left:
        _count(asked, "rate", "Training rate", float(f"{asked.rate / 10:.0e}"))
        _count(asked, "train_steps", "Training steps", 50)
    with right:
        _count(asked, "batch", "Batch", 8)
        _count(asked, "seed", "Seed", 1, "Of the data, of the first weights and of the order of the samples.")


def _weights(asked: Study) -> None:
    if asked.weights:
        st.caption("These weights are used instead of trained ones.")
        train = state.only_here(lambda: change(weights=""))
        st.button("Train instead", icon=":material/model_training:", on_click=train)
    st.file_uploader(
        f"A state dict of {wording.network(asked)}",
        key=FILE,
        on_change=state.taking(FILE, take_weights),
        max_upload_size=LARGEST >> 20,
        help="Written by torch.save(model.state_dict(), file). Only tensors are read, nothing is executed.",
    )


def take_weights(file: BytesIO | None) -> None:
    """Use the weights of the file that the reader chose; one that does not fit costs a sentence."""
    session = state.here()
    if file is None:  # taken away, and what was said of it with it
        session.notes = ()
        return
    try:
        digest = uploads.keep(file.getvalue(), session.experiment)
    except (ValueError, Unavailable) as error:
        session.notes = (f"Nothing was changed: {error}.",)
    else:
        change(weights=digest)


def _plane(asked: Study) -> None:
    spanned = {
        name: words
        for name, words in wording.PLANES.items()
        if not (asked.weights and name in ALONG_TRAINING)
    }
    _choice(asked, "plane", "Directions", spanned)
    st.caption(wording.PLANE_WORDS[asked.plane])
    left, right = st.columns(2)
    with left:
        _count(asked, "span", "Size", 0.1, "Of the picture: 1 shows what the plane is about.")
    with right:
        _count(asked, "side", "Points across", 8, "At which the loss is evaluated; a spline joins them.")
    if asked.plane == "random":
        _count(asked, "plane_seed", "Seed of the directions", 1)
    if asked.plane == "three":
        _corners(asked)


def _corners(asked: Study) -> None:
    """The steps whose weights span the plane."""
    limit, stride = Limit(0, asked.end, whole=True), max(1, asked.end // 10)
    for name, step, column in zip(CORNERS, asked.corners, st.columns(3), strict=True):
        with column:
            chosen = shows(asked, name, step, lambda value, name=name: change(**{name: value}))
            number(chosen, f"{name.title()} step", limit, stride)


def _shown(asked: Study, name: str, among: Sequence[str] | None = None) -> dict[str, Any]:
    return shows(asked, name, getattr(asked, name), lambda value: change(**{name: value}), among=among)


def _choice(asked: Study, name: str, label: str, titles: dict[str, str]) -> None:
    st.selectbox(label, list(titles), format_func=titles.get, **_shown(asked, name, among=list(titles)))


def _count(asked: Study, name: str, label: str, step: float, help: str = "") -> None:
    number(_shown(asked, name), label, LIMITS[name], step, help)


def _slider(asked: Study, name: str, label: str, step: float) -> None:
    limit = LIMITS[name]
    st.slider(label, limit.low, limit.high, step=step, format="%g", **_shown(asked, name))
