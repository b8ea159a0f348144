"""A job on the page: how far it is, a button that stops it, one that goes on, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from interface import attempt, state
from interface.state import Session
from interface.training.jobs import Job, scheduler

OFTEN = 0.7  # seconds between two looks


def download(label: str, lines: list[str], name: str) -> None:
    """A table as a file."""
    st.download_button(
        label,
        "\n".join(lines) + "\n",
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def follow(session: Session, job: Job, what: str, label: str, auto: bool) -> None:
    """Draw how far a job is, and run the page again whenever it has more to show.

    Args:
        session: of the page.
        job: what to follow.
        what: what it computes, as the subject of a sentence.
        label: of the button that begins it.
        auto: whether it begins by itself.
    """
    if auto and not job.halted and job.error is None:
        job.start()
    now = lambda: (job.running, len(job.results))  # noqa: E731
    before = now()
    if job.running:
        watch(session, job.look, now, before, what, job.stop)
        return
    if job.error is not None:
        attempt.say(what, job.error, session.experiment, "What is done is kept.")
    if not job.done:
        again = "Go on" if job.results else label
        st.button(again, icon=":material/play_arrow:", on_click=job.start, key=f"start {what}")
        if job.halted or (job.results and job.error is None):
            st.caption(f"{what} was stopped after {job.look()}: what is done is kept.")


def watch(
    session: Session,
    look: Callable[[], str],
    now: Callable[[], object],
    before: object,
    what: str,
    stop: Callable[[], None],
    often: float = OFTEN,
) -> None:
    """Progress and a stop button, looked at again and again until there is more to show than before."""
    place = " on the cluster" if scheduler() else ""

    @st.fragment(run_every=often)
    def watching() -> None:
        if now() != before:
            state.run_again(session)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/hourglass_top: {what}{place}: {look()}", width="stretch")
            st.button("Stop", icon=":material/stop_circle:", key=f"stop {what}", on_click=stop)

    watching()
