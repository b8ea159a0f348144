"""The page's own parts: the control, the answer and what is said to it, the formula behind it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from interface import address, attempt, presenting, state
from interface.controls import shows
from interface.experiment import Experiment
from interface.lessons import progress
from interface.lessons.course import COURSE, following
from interface.lessons.judging import Verdict, answer, judge
from interface.lessons.network import STUDY
from interface.lessons.sitting import Sitting, sit
from interface.neural import study
from interface.state import Session
from interface.wording import setting

CHECKED = "lesson checked"  # the sitting that was judged last
SOLVED = "lesson solved"  # which lesson was solved last, and how many were before


def steps(sitting: Sitting) -> None:
    """The way from lesson to lesson."""
    solved, count = st.session_state.get(SOLVED, (None, 0))
    progress.steps(sitting.name, solved, count, go)


def go(name: str) -> None:
    """Begin a lesson."""
    state.take(sit(name), chosen=True)
    state.replay()


def question(sitting: Sitting) -> None:
    """What is asked, and the slider that answers it, unless the player has it."""
    lesson, control = sitting.lesson, sitting.lesson.control
    if control.live:
        checked = "" if presenting.asked() else ", then check"  # there, nothing is checked
        st.markdown(f"**{lesson.question}** Drag *Ball radius* in the picture{checked}.")
        return
    st.markdown(f"**{lesson.question}**")
    st.select_slider(
        control.label,
        control.options,
        format_func=setting,
        **shows(sitting, control.name, sitting.value, lambda value: state.change(value=value)),
    )


def answering(session: Session) -> Verdict | None:
    """The button that checks the place of the control, the one that tells, and the verdict."""
    sitting: Sitting = session.experiment
    with st.container(horizontal=True):
        checks = st.button("Check my answer", type="primary", icon=":material/task_alt:")
        tells = st.button("Show me", icon=":material/visibility:")
    if tells:
        with st.spinner("Trying all values"):
            state.take(sit(sitting.name, answer(sitting.name)), chosen=True)
        st.session_state[CHECKED] = session.experiment
        state.run_again(session)
    if checks:
        st.session_state[CHECKED] = sitting
    if st.session_state.get(CHECKED) != sitting:
        return None
    with st.spinner("Trying the values beside it"):
        verdict = judge(sitting)
    if checks and verdict.right:
        st.session_state[SOLVED] = sitting.name, st.session_state.get(SOLVED, ("", 0))[1] + 1
        state.run_again(session)
    return verdict


def said(sitting: Sitting, verdict: Verdict | None) -> None:
    """The verdict, the next lesson, and the formula: it comes open with the right answer."""
    right = verdict is not None and verdict.right
    if verdict is not None:
        box, icon = (st.success, "check_circle") if right else (st.info, "arrow_forward")
        box(verdict.text, icon=f":material/{icon}:")
    later = following(sitting.name)
    if right and later:
        st.button(f"Next: {COURSE[later].title}", icon=":material/arrow_forward:", on_click=go, args=(later,))
    formula, meaning = sitting.lesson.formula
    with st.expander("The formula behind it", expanded=right, key=f"{sitting.landscape}/formula/{right}"):
        st.latex(formula)
        st.markdown(meaning)
    st.caption(f"Sources: {'; '.join(sitting.lesson.sources)}.")
    _elsewhere(sitting)


def _elsewhere(sitting: Sitting) -> None:
    """The same state where everything can be moved."""
    shown = sitting.experiment()
    if isinstance(shown, Experiment):
        page, name, query = "app.py", "playground", address.write(shown)
    else:
        page, name, query = "pages/real_losses.py", "page Real losses", study.write(_study(sitting))
    st.page_link(
        page, label=f"Go on with it on the {name}", icon=":material/open_in_new:", query_params=query
    )


def _study(sitting: Sitting) -> study.Study:
    return replace(STUDY, radius=sitting.radius)


def guarded(session: Session) -> Verdict | None:
    """The verdict; where it cannot be had, a sentence."""
    try:
        return answering(session)
    except Exception as error:  # a loss may raise anything: the reader keeps the page
        attempt.say("This check", error, session.experiment, "Another value may do.")
        return None
