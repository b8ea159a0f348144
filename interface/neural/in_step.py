"""The network keeps step with the player: the frame that it has reached, in the browser alone.

The player says on its element which step and which radius it shows. Where that is the radius whose network is
drawn, the chart shows the last frame up to the step. A chart that its reader moves stays where it was moved
to until the player moves on; one that Streamlit draws anew, which puts its slider back, is moved again.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from interface.neural.picture import Picture

EVERY = 120  # milliseconds
SCRIPT = """
let timer = null, shown = null;
const watched = new WeakSet();
const keep = ({ interaction }) => { if (interaction && shown) shown.moved = true; };
const still = { mode: "immediate", frame: { duration: 0, redraw: true }, transition: { duration: 0 } };
const show = async (plot, k) => {
  await window.Plotly.animate(plot, [String(k)], still);
  // The slider does not hear of a frame that is shown for the second time.
  if (plot._fullLayout.sliders[0].active === k) return;
  await window.Plotly.relayout(plot, { "sliders[0].active": k });
};
export default function ({ data }) {
  const { steps, radius, chart, every } = data;
  const tick = () => {
    const state = document.querySelector(".rbo-player")?.rboState;
    const plot = document.querySelector(`.st-key-${chart} .js-plotly-plot`);
    if (!state || !plot?._fullLayout?.sliders?.length || !window.Plotly) return;
    if (radius !== null && Math.abs(state.radius / radius - 1) > 1e-3) return;
    const k = Math.max(0, steps.findLastIndex((step) => step <= state.step));
    const frames = plot._transitionData; // another object where the chart was made anew, at first empty
    if (!frames?._frameHash?.[k]) return;
    if (!watched.has(plot)) plot.on("plotly_sliderchange", keep);
    watched.add(plot);
    const there = shown?.moved || plot._fullLayout.sliders[0].active === k;
    if (shown?.frames === frames && shown.k === k && there) return;
    shown = { frames, k, moved: false };
    show(plot, k).catch(() => { shown = null; });
  };
  clearInterval(timer);
  shown = null;
  timer = setInterval(tick, every);
  return () => clearInterval(timer);
}
"""


def keep(picture: Picture, steps: np.ndarray, chart: str) -> None:
    """Let a chart with K frames follow the player.

    Args:
        picture: what the player shows.
        steps: (K,) of the walker whose network it is.
        chart: the key of the chart.
    """
    if not st.runtime.exists():
        return
    under, frames = picture.experiment.under, picture.film.frame_count
    reached = steps / max(1, steps[-1]) * (frames - 1) if under == "training" else steps
    data = {
        "steps": reached.astype(float).tolist(),
        "radius": picture.run.radius if under == "ball" else None,
        "chart": chart,
        "every": EVERY,
    }
    st.components.v2.component("rolling_ball_in_step", js=SCRIPT)(key="in step", data=data, height=0)
