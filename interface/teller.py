"""The stories on the page: a button each, and the text of the one that is shown."""

from __future__ import annotations

import streamlit as st

from interface import compute, state
from interface.experiment import Experiment
from interface.report import Report, report
from interface.stories import STORIES, told_by

KEY = "story"


def buttons(experiment: Experiment) -> None:
    """One button a story; the one that the experiment tells is marked."""
    st.session_state[KEY] = told_by(experiment)
    st.pills(
        "Stories",
        list(STORIES),
        format_func=lambda name: STORIES[name].title,
        key=KEY,
        on_change=_begin,
        args=(told_by(experiment),),
        label_visibility="collapsed",
    )


def _begin(shown: str | None) -> None:
    """A story begins, also the shown one once more."""
    state.take(STORIES[st.session_state[KEY] or shown].experiment, chosen=True)
    state.replay()


def text(experiment: Experiment, numbers: Report) -> str:
    """The two sentences of the story that the experiment tells, or ''."""
    name = told_by(experiment)
    if name is None:
        return ""
    story = STORIES[name]
    other = report(story.other, *compute.film(story.other, whole=False)) if story.other else None
    return story.text(numbers, other)
