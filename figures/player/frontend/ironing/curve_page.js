// The page of a profile: the curve with the ball that rolls along it.

import { html, set, stage } from "../elements.js";
import { show } from "../numbers.js";
import { CurveView, contactsAt } from "./curve.js";
import { Switches } from "./switches.js";
import { name, sentence, valuesOf } from "./words.js";

const ENTRIES = [
  ["ball", "Ball", "ball", true],
  ["centers", "Centre curve", "centers", true],
  ["ironed", "Ironed curve", "ironed", true],
  ["away", "Out of reach", "away", true],
  ["offset", "Raw offset p + ρν", "offset", true],
];
const EDGE = 0.1; // of the domain at either end, where the ball is not put at first
const STRIDE = 200; // an arrow key moves the ball by this part of the domain

export class CurvePage {
  static along = "Position";

  constructor(controls, words, { onPlace, onSwitch }) {
    this.words = words;
    this.switches = new Switches(ENTRIES, onSwitch);
    this.title = html("span", { class: "film-title" });
    const view = stage();
    this.views = { curve: view };
    this.around = html("button", { type: "button", class: "text", "aria-pressed": "false" }, "True shape, around the ball");
    this.around.addEventListener("click", () => this.#lookAround());
    this.caption = html("span", {});
    const heading = html("figcaption", {}, this.caption, this.around);
    const views = html("div", { class: "views one" },
      html("figure", { class: "view profile" }, heading, view), controls.element, words.element);
    this.elements = [html("div", { class: "head" }, this.title, this.switches.element), views];
    this.curve = new CurveView(view, onPlace);
  }

  #lookAround() {
    const around = !this.curve.around;
    set(this.around, { "aria-pressed": String(around) });
    this.curve.setAround(around);
    this.#tellScales();
  }

  load(family) {
    this.title.textContent = family.title;
    this.curve.load(family);
  }

  // Further radii of the same curve.
  adopt(family) {
    this.curve.adopt(family);
  }

  frames = (family) => family.nx;
  end = (family) => family.nx - 1;
  stride = (family) => Math.max(1, Math.round(family.nx / STRIDE));
  address = ({ center }) => ({ position: Number(center[0].toPrecision(4)) });

  // The step at which the ball's centre is over the position, or null without one.
  stepAt({ x, nx }, _, { position }) {
    return position === null ? null : ((position - x[0]) / (x.at(-1) - x[0])) * (nx - 1);
  }

  // At first the ball lies over the deepest place out of reach: it shows why it cannot go there.
  first(family, radiusIndex) {
    const { ironed } = family.layer(radiusIndex);
    const edge = Math.floor(EDGE * family.nx);
    let best = Math.floor((family.nx - 1) / 2);
    const depth = (k) => ironed[k] - family.heights[k];
    for (let k = edge; k < family.nx - edge; k++) if (depth(k) > depth(best) + 1e-6) best = k;
    return best;
  }

  frame(family, radiusIndex, step) {
    const layer = family.layer(radiusIndex);
    const center = [family.x[step], layer.centers[step]];
    const place = { text: `x = ${show(center[0])}`, spoken: `ball over x = ${show(center[0])}` };
    return { center, place, on: this.switches.on, family };
  }

  show(frame) {
    const { family, layer, step, center } = frame;
    this.curve.show(frame);
    this.#tellScales();
    const contacts = contactsAt(layer, step);
    const clipped = contacts.some((at) => at < family.x[0] || at > family.x.at(-1));
    const ball = { place: `x = ${show(center[0])}`, height: center[1], contacts: contacts.length, clearance: clearance(frame), clipped };
    this.values = valuesOf(layer, ball);
    this.words.show(this.values);
  }

  #tellScales() {
    this.caption.textContent = `Press or drag to move the ball · ${this.curve.text ?? ""}`;
    if (!this.curve.around) this.around.textContent = this.curve.equal ? "Zoom to the ball" : "True shape, around the ball";
  }

  name() {
    name(this.views.curve, `The curve with the ball and what it makes of it: ${sentence(this.values)}; ${this.curve.text}`);
  }

  resize() {
    this.curve.resize();
  }

  destroy() {}
}

// Distance from the centre to the nearest point of the curve, less the radius.
function clearance({ family: { x, heights }, layer, center }) {
  let nearest = Infinity;
  for (let k = 0; k < x.length; k++) nearest = Math.min(nearest, Math.hypot(x[k] - center[0], heights[k] - center[1]));
  return nearest - layer.radius;
}
