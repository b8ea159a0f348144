// The page of the player: four views, the controls, the legend and the words.

import { html, svg } from "./elements.js";
import { againstChoice } from "./losses.js";
import { markShape } from "./map.js";

export function buildLayout(controls, readout, { onReset, onAgainst }) {
  const views = {};
  const view = (name, caption, ...extra) => {
    views[name] = html("div", { class: "stage", role: "img" });
    return html("figure", { class: `view ${name}` }, html("figcaption", {}, html("span", {}, caption), ...extra), views[name]);
  };
  const reset = html("button", { type: "button", class: "text" }, "Reset view");
  reset.addEventListener("click", onReset);
  const legend = html("div", { class: "legend" });
  const title = html("span", { class: "film-title" });
  const note = html("p", { class: "grid-note" });
  const element = html("div", { class: "rbo-player", role: "group", "aria-label": "Player of the rolling ball", tabindex: 0 },
    html("div", { class: "head" }, title, legend),
    html("div", { class: "views" },
      view("scene", "Drag to turn, click to place the start", reset),
      view("map", "From above: click to place the start"),
      view("section", "Section along the direction of travel"),
      html("div", { class: "desk" }, controls.element, readout.element),
      view("losses", "Loss against", againstChoice(onAgainst)),
    ),
    note,
  );
  return { element, views, legend, title, note };
}

// Swatches with the names of what the views show: colour, and symbol or dash.
export function fillLegend(legend, film) {
  const entry = (label, ...marks) => html("span", { class: "entry" }, swatch(...marks), label);
  legend.replaceChildren(
    entry("Ball and its contacts", ["path", { class: "trail ball", d: "M0 8H18" }], ["circle", { class: "ball-swatch", cx: 22, cy: 8, r: 5 }]),
    entry("its centre", ["path", { class: "trail center", d: "M0 8H26", "stroke-dasharray": "4 3" }]),
    ...film.points.map((point, k) =>
      entry(point.name, ["path", { class: `trail point-${k % 4}`, d: "M0 8H26", "stroke-dasharray": ["none", "6 4", "1.5 4", "7 3 1.5 3"][k % 4] }],
        ["path", { class: `mark point-${k % 4}`, d: markShape(k), transform: "translate(13 8)" }]),
    ),
    entry("start", ["circle", { class: "start-ring", cx: 20, cy: 8, r: 5 }]),
  );
}

const swatch = (...marks) =>
  svg("svg", { class: "swatch", viewBox: "0 0 28 16", "aria-hidden": "true" }, ...marks.map(([name, attributes]) => svg(name, attributes)));
