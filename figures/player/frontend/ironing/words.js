// The numbers of the picture: under the views, and as labels of the views for those who do not see them.

import { html, set } from "../elements.js";
import { percent, show } from "../numbers.js";

export class Words {
  constructor() {
    this.line = html("p", { class: "readout" });
    this.note = html("p", { class: "outcome", "aria-live": "polite" });
    this.element = html("div", { class: "words" }, this.line, this.note);
  }

  // `values`: [label, text] in their order; an entry keeps its element, so that nothing jumps.
  show(values) {
    const labels = values.map(([label]) => label).join("|");
    if (labels !== this.labels) {
      this.labels = labels;
      this.fields = values.map(() => html("b", {}));
      this.line.replaceChildren(
        ...values.map(([label], n) => html("span", { class: "field" }, label, " ", this.fields[n])),
      );
    }
    values.forEach(([, text], n) => (this.fields[n].textContent = text));
  }

  // Said once a scrub has ended.
  settle(note) {
    this.note.replaceChildren(...(note ? [html("span", {}, note)] : []));
  }
}

// What the reader is told of a ball {place, height, contacts, clearance} of a layer.
export function valuesOf({ radius, away }, { place, height, contacts, clearance, clipped }) {
  return [
    ["ρ", show(radius)],
    ["centre over", place],
    ["height of the centre", show(height)],
    ["contacts", clipped ? `${contacts}, at the edge` : `${contacts}`],
    ["out of reach", percent(away)],
    ["clearance", clearanceOf(clearance, radius)],
  ];
}

// Clearance: the distance from the centre to the nearest drawn point, less the radius.
function clearanceOf(clearance, radius) {
  const share = clearance / radius;
  if (Math.abs(share) < 5e-4) return "0 (touches)";
  return share < 0 ? `⚠ cuts in by ${percent(share)} of ρ` : `${percent(share)} of ρ`;
}

export const sentence = (values) => values.map(([label, text]) => `${label} ${text}`).join(", ");

export const name = (view, text) => set(view, { "aria-label": text });
