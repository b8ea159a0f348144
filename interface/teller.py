"""The stories on the page: a button each, and the text of the one that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from interface import compute, state
from interface.experiment import Experiment
from interface.report import Report, report
from interface.stories import STORIES, told_by

KEY = "story"


def buttons(experiment: Experiment, stories: Mapping[str, Any] = STORIES) -> None:
    """One button a story; the one that the experiment tells is marked."""
    shown = told_by(experiment, stories)
    st.session_state[KEY] = shown

    def begin(name: str | None) -> None:
        """A story begins, also the shown one once more."""
        state.take(stories[name or shown].experiment, chosen=True)
        state.replay()

    st.pills(
        "Stories",
        list(stories),
        format_func=lambda name: stories[name].title,
        default=shown,
        key=KEY,
        on_change=state.taking(KEY, begin),
        label_visibility="collapsed",
    )


def text(experiment: Experiment, numbers: Report) -> str:
    """The two sentences of the story that the experiment tells, or ''."""
    name = told_by(experiment)
    if name is None:
        return ""
    story = STORIES[name]
    other = report(story.other, *compute.film(story.other, whole=False)) if story.other else None
    return story.text(numbers, other)
