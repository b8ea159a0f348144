// The legend is the switchboard: each entry shows how a thing is drawn, and switches it on and off.

import { html, set, svg } from "../elements.js";

const SWATCH = { viewBox: "0 0 28 16", class: "swatch", "aria-hidden": "true" };
const line = (name) => svg("path", { class: `line-${name}`, d: "M1 8H27" });
const drawing = {
  ball: () => [svg("circle", { class: "ball-swatch", cx: 14, cy: 8, r: 6 })],
  raw: () => [line("raw")],
  centers: () => [line("centers")],
  ironed: () => [line("ironed")],
  offset: () => [svg("path", { class: "line-offset", d: "M1 12C18 12 24 9 20 5S10 5 12 9S22 13 27 6" })],
  away: () => [svg("path", { class: "line-away", d: "M1 8H27" })],
  surfaceRaw: () => [svg("rect", { class: "area-raw", x: 2, y: 2, width: 24, height: 12 })],
  surfaceIroned: () => [svg("rect", { class: "area-ironed", x: 2, y: 2, width: 24, height: 12 })],
  surfaceCenters: () => [svg("rect", { class: "area-centers", x: 2, y: 2, width: 24, height: 12 })],
  surfaceAway: () => [svg("path", { class: "area-away", d: "M2 2H26V14H2Z" }), svg("path", { class: "area-hatch", d: "M4 14L16 2M12 14L24 2M20 14L26 8M2 8L8 2" })],
  path: () => [svg("path", { class: "trail ball", d: "M1 8H27" })],
};

export class Switches {
  // `entries`: [name, label, swatch, on]; onChange(on) gets {name: whether it is on}.
  constructor(entries, onChange) {
    this.on = Object.fromEntries(entries.map(([name, , , on]) => [name, on]));
    this.element = html("div", { class: "legend switches", role: "group", "aria-label": "Shown" });
    for (const [name, label, swatch] of entries) {
      const button = html("button", { type: "button", class: "switch", "data-name": name, "aria-pressed": String(this.on[name]) });
      button.append(svg("svg", SWATCH, ...drawing[swatch]()), html("span", {}, label));
      button.addEventListener("click", () => {
        this.on[name] = !this.on[name];
        set(button, { "aria-pressed": String(this.on[name]) });
        onChange(name);
      });
      this.element.append(button);
    }
  }
}
