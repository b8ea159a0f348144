// The page of the player: four views, the controls, the legend and the words.

import { html, stage, svg } from "./elements.js";
import { againstChoice } from "./losses.js";
import { dashArray, owned, shapeOf } from "./theme.js";

export function buildLayout(controls, readout, { onReset, onAgainst }, against) {
  const views = {};
  const view = (name, caption, ...extra) => {
    views[name] = stage();
    const heading = html("figcaption", {}, html("span", {}, caption), ...extra);
    return html("figure", { class: `view ${name}` }, heading, views[name]);
  };
  const reset = html("button", { type: "button", class: "text" }, "Reset view");
  reset.addEventListener("click", onReset);
  const legend = html("div", { class: "legend" });
  const title = html("span", { class: "film-title" });
  const note = html("p", { class: "grid-note" });
  const others = html("span", { class: "others" }, "faint: the other radii");
  const group = { class: "rbo-player", role: "group", "aria-label": "Player of the rolling ball", tabindex: 0 };
  const head = html("div", { class: "head" }, title, legend);
  const element = html("div", group,
    head,
    html("div", { class: "views" },
      view("scene", "", reset),
      view("map", ""),
      view("section", "Section along the direction of travel"),
      controls.element,
      readout.element,
      view("losses", "Loss against", againstChoice(onAgainst, against), others),
    ),
    note,
  );
  return { element, head, views, legend, title, note, others };
}

// What the views are and what a click in them does, where it does anything.
export function caption(views, takesStart) {
  const say = (view, text) => (view.previousSibling.firstChild.textContent = text);
  say(views.scene, takesStart ? "Drag to turn, click to place the start" : "Drag to turn");
  say(views.map, takesStart ? "From above: click to place the start" : "From above");
}

// Swatches with the names of what the views show: colour, and symbol or dash.
export function fillLegend(legend, film) {
  const entry = (label, ...marks) => html("span", { class: "entry" }, swatch(...marks), label);
  const line = (name, dash, d = "M0 8H26") => ["path", { class: `trail ${name}`, d, "stroke-dasharray": dash }];
  const trail = (point) => ["path", { ...owned(point, "trail"), d: "M0 8H26", "stroke-dasharray": dashArray(point.mark.dash) }];
  const mark = (point) => ["path", { ...owned(point, "mark"), d: shapeOf(point.mark), transform: "translate(13 8)" }];
  const dot = (name, cx) => ["circle", { class: name, cx, cy: 8, r: 5 }];
  legend.replaceChildren(
    entry("Ball and its contacts", line("ball", null, "M0 8H18"), dot("ball-swatch", 22)),
    entry("its centre", line("center", "4 3")),
    ...film.points.map((point) => entry(point.name, trail(point), mark(point))),
    entry("start", dot("start-ring", 20)),
  );
}

function swatch(...marks) {
  const drawn = marks.map(([name, attributes]) => svg(name, attributes));
  return svg("svg", { class: "swatch", viewBox: "0 0 28 16", "aria-hidden": "true" }, ...drawn);
}
