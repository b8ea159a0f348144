"""The address in the browser's bar, written there without a message to the server or a step of its history.

The experiment is written by the component below, the frame and a scrubbed radius by the player. At each run
Streamlit reports the address; but it prefers a query of its own to the true one, as long as it has any, and
then a scrubbed radius would never be heard of. It has one after `st.query_params` was written to, so that
this is done nowhere, and of the link by which the reader came, or came back: so it is told to forget that.
"""

from __future__ import annotations

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

from interface import navigation
from interface.address import AGAINST, FRAMES

SCRIPT = """
let last = null;
let made = null; // choices of a radius
const dropped = new Set([""]); // frames
let forget = null; // asks the server to empty Streamlit's own query
let shown = null; // which page this is, of which

// Streamlit writes its emptied query into the bar, as a step of the history or in place of one: not here.
function stay() {
  const bar = window.history;
  for (const name of ["pushState", "replaceState"])
    bar[name] = (state, title, url) => {
      if (url !== window.location.pathname) History.prototype[name].call(bar, state, title, url);
    };
}

// Whether the address is still that of the page: the reader may be on the way to another one.
function isHere({ page, pages }) {
  const part = window.location.pathname.split("/").filter(Boolean).at(-1);
  return (pages.includes(part) ? part : "") === page;
}

function linked() {
  if (!isHere(shown) || window.location.search === "") return;
  if (!Object.hasOwn(window.history, "pushState")) stay();
  forget();
}

function write({ query: wanted, leave, frames, drop, radii }) {
  const query = Object.assign(Object.create(null), wanted); // a link may say constructor=1
  const stale = !dropped.has(drop);
  dropped.add(drop);
  const chosen = made !== radii ? ["radius"] : [];
  made = radii;
  const url = new URL(window.location.href);
  const names = new Set([...Object.keys(query), ...url.searchParams.keys(), ...Object.keys(last ?? {})]);
  for (const name of names) {
    if (leave.includes(name) || name === "present" || name.startsWith("embed")) continue;
    if (frames.includes(name)) {
      if (stale) url.searchParams.delete(name);
    } else if (last === null || last[name] !== query[name] || chosen.includes(name)) {
      if (query[name] === undefined) url.searchParams.delete(name);
      else url.searchParams.set(name, query[name]);
    }
  }
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
  last = query;
}

export default function ({ data, setTriggerValue }) {
  const arrived = shown?.page !== data.page;
  forget = () => setTriggerValue("linked", true);
  shown = data;
  if (arrived) {
    last = null;
    linked();
    window.addEventListener("popstate", linked);
  }
  if (isHere(data)) write(data);
  return () => {
    if (shown?.page !== data.page) return; // the next page came before this one went
    last = shown = null;
    window.removeEventListener("popstate", linked);
  };
}
"""


def show(query: dict[str, str], leave: tuple[str, ...] = (), drop: str = "", radii: int = 0) -> None:
    """Write a query into the browser's address, as long as that is the address of the page.

    Only what changed since the last call is written: what the player wrote meanwhile stays.

    Args:
        query: of the experiment.
        leave: names not to touch, because the browser knows better.
        drop: names the last time that the film began anew, if it did: the frame in the address is of before.
            It is said at every run, since a browser that is slow to load sees the last run alone.
        radii: how many were chosen so far; after one more, the radius is written even if it is the same.
    """
    if not st.runtime.exists():
        return
    kept = [*leave, AGAINST]
    page, pages = navigation.place()
    data = {
        "page": page,
        "pages": pages,
        "query": query,
        "leave": kept,
        "frames": FRAMES,
        "drop": drop,
        "radii": radii,
    }
    component = st.components.v2.component("rolling_ball_address", js=SCRIPT)
    component(key="address", data=data, height=0, on_linked_change=_forget)


def _forget() -> None:
    """Empty the query that Streamlit keeps in the browser; `st.query_params` would leave `embed` in it."""
    message = ForwardMsg()
    message.page_info_changed.query_string = ""
    get_script_run_ctx().enqueue(message)
