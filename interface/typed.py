"""What is typed into a field and is no number costs a sentence below it.

The browser hands Streamlit such a text, `1e999` or `--`, as an emptied field, which shows its number again
without a word. A number out of range Streamlit speaks of by itself, in the same place.
"""

from __future__ import annotations

import streamlit as st

KEY = "typed"  # the page's style leaves no room for it
SCRIPT = """
const SAID = "Error: What was typed is no number. The last one stays.";
const fields = "[data-testid=stNumberInputField]";
const box = (field) => field.closest("[data-testid=stNumberInputContainer]");

function tell({ target, type, key }) {
  if (!target.matches?.(fields) || !target.validity.badInput) return;
  if (type === "keydown" && key !== "Enter") return;
  forget({ target });
  const told = document.createElement("span");
  told.className = "no-number";
  told.role = "alert";
  box(target).append(told);
  told.textContent = SAID; // once it is there: only then do screen readers speak of it
}

function forget({ target }) {
  if (target.matches?.(fields)) box(target).querySelector(".no-number")?.remove();
}

export default function () {
  const heard = { keydown: tell, focusout: tell, input: forget };
  for (const [event, act] of Object.entries(heard)) document.addEventListener(event, act, true);
  return () => {
    for (const [event, act] of Object.entries(heard)) document.removeEventListener(event, act, true);
  };
}
"""


def watch() -> None:
    """Let every field of the page tell what is no number."""
    if st.runtime.exists():
        st.components.v2.component("rolling_ball_typed", js=SCRIPT)(key=KEY, height=0)
