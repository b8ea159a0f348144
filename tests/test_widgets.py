"""What a widget shows is its default, too: the browser may know nothing else of it when its code arrives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[1]
LINKS = {
    "playground": ("app.py", {"landscape": "gaussian_mse", "sigma": "0.2", "steps": "12", "methods": "adam"}),
    "own function": (
        "app.py",
        {"landscape": "formula", "formula": "x^2 + 2*y^2", "x_to": "2", "steps": "12"},
    ),
    "ironing": ("pages/ironing.py", {"dim": "1", "radius": "0.4", "paths": "yes", "lr": "0.02"}),
    "real losses": (
        "pages/real_losses.py",
        {"model": "mlp", "width": "8", "train_steps": "50", "noise": "0.1"},
    ),
    "radius x rate": ("pages/train.py", {"lr": "0.02", "steps": "40", "cells": "32"}),
    "networks": ("pages/train.py", {"show": "networks", "model": "vgg9", "epochs": "2"}),
}


def opened(link: str) -> AppTest:
    """The page of a link, once it has run."""
    script, query = LINKS[link]
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if script != "app.py":
        at.switch_page(script)
    for name, text in query.items():
        at.query_params[name] = text
    return at.run()


@pytest.mark.parametrize("link", LINKS)
def test_every_widget_has_what_it_shows_as_its_default(link: str):
    at = opened(link)
    assert not at.exception and [note.value for note in at.warning] == []
    at.run()  # a value is set in one run only
    for number in at.number_input:
        assert not number.proto.set_value
        assert number.proto.HasField("default") and number.proto.default == number.value
    for slider in at.slider:
        assert list(slider.proto.default) == [slider.value]
    for box in at.selectbox:
        assert box.options[box.proto.default] == box.format_func(box.value)
    for several in at.multiselect:
        given = [several.options[k] for k in several.proto.default]
        assert given == [several.format_func(value) for value in several.value]
    for toggle in at.toggle:
        assert toggle.proto.default == toggle.value
    for text in at.text_input:
        assert text.proto.default == text.value
    assert len(at.number_input) > 0


@pytest.mark.parametrize("link", ["playground", "real losses", "radius x rate", "networks"])
def test_what_is_no_whole_number_costs_a_sentence_and_changes_nothing(link: str):
    at = opened(link)
    whole = [number for number in at.number_input if number.proto.format == "%.0f"]
    assert whole
    field, before = whole[-1].key, whole[-1].value
    at.number_input(key=field).set_value(before + 0.5).run()
    assert not at.exception and at.number_input(key=field).value == before
    (note,) = [note.value for note in at.warning]
    assert re.fullmatch(r"Nothing was changed: .+ must be a whole number .+\.5\.", note)
    at.number_input(key=field).set_value(before + 1.0).run()
    assert not at.exception and not at.warning and at.number_input(key=field).value == before + 1


def late_messages() -> None:
    import streamlit as st

    from interface import state, widgets
    from interface.ironing.view import PAGE

    taken = st.session_state["taken"] = []
    experiment = state.current({}, True).experiment
    box = state.taking("box", taken.append)
    box()
    st.session_state["box"] = "what was chosen"
    box()
    button = state.only_here(lambda: taken.append("pressed"))
    button()
    radius = widgets.shows(experiment, "radius", 0.7, taken.append)["on_change"]
    radius()
    state.change_landscape("plane")
    radius()
    state.current({}, True, PAGE)
    box()
    button()


def test_what_a_widget_says_late_changes_neither_another_landscape_nor_another_page():
    at = AppTest.from_function(late_messages).run()
    assert not at.exception and at.session_state["taken"] == ["what was chosen", "pressed", 0.7]
