"""The way from lesson to lesson, with what was answered: kept in the browser, unknown to the server."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
import streamlit.runtime

from interface.lessons.course import COURSE

KEY = "progress"
STYLE = """
nav { scroll-margin-top: 8rem; }
nav { font-family: var(--st-font); color: var(--st-text-color); font-size: 0.875rem; padding-top: 0.4rem; }
ol { list-style: none; display: flex; flex-wrap: wrap; gap: 0.4rem; margin: 0; padding: 0; }
button { font: inherit; color: inherit; background: none; cursor: pointer; border-radius: 1.2rem; }
li button { display: flex; align-items: center; gap: 0.5em; padding: 0.3rem 0.85rem 0.3rem 0.35rem;
  border: 1px solid rgb(128 128 128 / 0.45); text-align: left; }
li button:hover { border-color: var(--st-primary-color); }
li button[aria-current] { border-color: var(--st-primary-color); font-weight: 600;
  box-shadow: inset 0 0 0 1px var(--st-primary-color); }
.mark { flex: none; width: 1.5em; height: 1.5em; line-height: 1.5em; border-radius: 50%; text-align: center;
  background: rgb(128 128 128 / 0.16); font-variant-numeric: tabular-nums; }
.done .mark { background: var(--st-text-color); color: var(--st-background-color); }
p { margin: 0.5rem 0 0; min-height: 1.5em; }
p button { border: 0; padding: 0 0.3em; text-decoration: underline; }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
"""
SCRIPT = """
const KEPT = "rolling ball lessons";

function recall() {
  try {
    const names = JSON.parse(window.localStorage.getItem(KEPT));
    return new Set(Array.isArray(names) ? names : []);
  } catch { return new Set(); }
}

function keep(names) {
  try { window.localStorage.setItem(KEPT, JSON.stringify([...names])); } catch { /* not kept, then */ }
}

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const begun = new WeakMap(); // the lesson that an element showed last: another one is read from its top
const counted = new WeakMap(); // answers that an element has kept: what was forgotten stays forgotten

export default function ({ data, parentElement, setTriggerValue }) {
  const { lessons, current, answered, count: answers } = data;
  const draw = () => {
    const done = recall();
    const items = lessons.map(([name, title], k) => {
      const has = done.has(name);
      const mark = element("span", { class: "mark", "aria-hidden": "true" }, has ? "✓" : `${k + 1}`);
      const said = element("span", { class: "unseen" }, has ? ", answered" : "");
      const here = name === current ? { "aria-current": "step" } : {};
      const button = element("button", { type: "button", ...here }, mark, title, said);
      button.addEventListener("click", () => setTriggerValue("lesson", name));
      return element("li", has ? { class: "done" } : {}, button);
    });
    const count = lessons.filter(([name]) => done.has(name)).length;
    const sentence = `${count} of ${lessons.length} answered, kept in this browser. `;
    const words = element("p", { role: "status" }, sentence);
    if (count) {
      const forget = element("button", { type: "button" }, "Forget it");
      forget.addEventListener("click", () => { keep(new Set()); draw(); });
      words.append(forget);
    }
    const focused = nav.contains(nav.getRootNode().activeElement);
    nav.replaceChildren(element("ol", {}, ...items), words);
    if (focused) nav.querySelector("[aria-current]")?.focus({ preventScroll: true });
  };
  let nav = parentElement.querySelector("nav");
  if (!nav) parentElement.append(nav = element("nav", { "aria-label": "Lessons" }));
  if (answered && answers !== counted.get(parentElement)) keep(recall().add(answered));
  counted.set(parentElement, answers);
  draw();
  if (![undefined, current].includes(begun.get(parentElement))) nav.scrollIntoView({ block: "nearest" });
  begun.set(parentElement, current);
}
"""


def steps(current: str, answered: str | None, count: int, on_lesson: Callable[[str], None]) -> None:
    """One button a lesson, the answered ones ticked.

    Args:
        current: the lesson that is shown.
        answered: the lesson that was answered last in this session, and `count`, how many were: the browser
            keeps an answer when the count is new to it.
        on_lesson: called with the name of the lesson that the reader goes to, before the script runs.
    """
    if not streamlit.runtime.exists():
        return

    def gone() -> None:
        name = (st.session_state.get(KEY) or {}).get("lesson")
        if name in COURSE:  # the browser's values are not to be trusted
            on_lesson(name)

    data = {
        "lessons": [[name, lesson.title] for name, lesson in COURSE.items()],
        "current": current,
        "answered": answered,
        "count": count,
    }
    component = st.components.v2.component("rolling_ball_lessons", js=SCRIPT, css=STYLE)
    component(key=KEY, data=data, on_lesson_change=gone)
