// The 1-D view: the curve, the ball that rolls on it, and what a ball of this radius sees of the curve.

import { set, svg } from "../elements.js";
import { extent } from "../field.js";
import { scale, show, ticks } from "../numbers.js";
import { stretch, windowOf } from "./frame.js";
import { curve, pocketsBetween, runs, stretches } from "./paths.js";
import { place, wheel } from "./wheel.js";

const MARGIN = { left: 46, right: 14, top: 10, bottom: 26 };
const LAYERS = ["pockets", "offset", "centers", "ironed", "raw", "away"]; // from back to front, beside the ball

export class CurveView {
  constructor(element, onPlace) {
    this.element = element;
    this.onPlace = onPlace;
    this.around = false;
    this.layer = svg("svg", { class: "overlay" });
    element.append(this.layer);
    const name = `curve-${Math.random().toString(36).slice(2, 8)}`;
    this.window = svg("rect", {});
    const hatch = { id: `${name}-hatch`, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
    const defs = svg("defs", {},
      svg("clipPath", { id: name }, this.window),
      svg("pattern", hatch, svg("line", { class: "hatch", x1: 0, x2: 0, y1: 0, y2: 7 })),
    );
    this.paths = Object.fromEntries(LAYERS.map((layer) => [layer, svg("path", { class: `line-${layer}` })]));
    this.paths.pockets.style.fill = `url(#${name}-hatch)`; // the sheet leaves paths unfilled
    this.ground = svg("path", { class: "ground" });
    this.wheel = wheel();
    this.center = svg("circle", { class: "center-dot", r: 3 });
    this.spoke = svg("path", { class: "spoke" });
    this.contacts = svg("g", {});
    this.rug = svg("path", { class: "rug" });
    this.axis = svg("g", { class: "axis" });
    const { pockets, offset, centers, ironed, raw, away } = this.paths;
    const inside = svg("g", { "clip-path": `url(#${name})` },
      this.ground, pockets, offset, this.wheel, centers, ironed, raw, away, this.spoke, this.center, this.contacts,
    );
    this.layer.append(defs, this.axis, inside, this.rug);
    this.#listen();
  }

  // A press moves the ball there; a drag of the ball takes it along.
  #listen() {
    const { layer } = this;
    let held = null;
    const to = (event) => this.onPlace(held.index + (event.clientX - held.from) / held.step, "moving");
    layer.addEventListener("pointerdown", (event) => {
      if (!this.view || event.button !== 0) return;
      const frame = layer.getBoundingClientRect();
      const [px, py] = [event.clientX - frame.left, event.clientY - frame.top];
      const { cx, cy, rx, ry } = this.drawn;
      const grabbed = ((px - cx) / rx) ** 2 + ((py - cy) / ry) ** 2 <= 1;
      const index = grabbed ? this.at : this.indexOf(this.fromX(px));
      held = { index, from: event.clientX, step: this.view.unitX * this.spacing };
      layer.setPointerCapture(event.pointerId);
      to(event);
    });
    layer.addEventListener("pointermove", (event) => held && to(event));
    const release = () => {
      if (held) this.onPlace(null, "placed");
      held = null;
    };
    layer.addEventListener("pointerup", release);
    layer.addEventListener("pointercancel", release);
  }

  load(family) {
    Object.assign(this, { family, frame: null });
    [this.low, this.high] = extent(family.heights);
    this.spacing = (family.x.at(-1) - family.x[0]) / (family.nx - 1);
    this.indexOf = (x) => ((x - family.x[0]) / (family.x.at(-1) - family.x[0])) * (family.nx - 1);
    this.tops = new Map();
  }

  adopt(family) {
    this.family = family;
    this.tops = new Map();
  }

  resize() {
    if (this.frame) this.show(this.frame);
  }

  setAround(around) {
    this.around = around;
    this.resize();
  }

  show(frame) {
    this.frame = frame;
    const [width, height] = [this.element.clientWidth, this.element.clientHeight];
    if (!width) return;
    set(this.layer, { viewBox: `0 0 ${width} ${height}`, width, height });
    this.inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
    set(this.window, { x: MARGIN.left, y: MARGIN.top, ...this.inner });
    this.at = frame.step;
    this.#lookAt(frame);
    this.#drawCurves(frame);
    this.#drawBall(frame);
    this.#drawAxes();
    this.#tellScales();
  }

  #lookAt({ step, radiusIndex, layer }) {
    const { family, low, high } = this;
    if (!this.tops.has(radiusIndex)) this.tops.set(radiusIndex, extent(layer.centers)[1] + layer.radius);
    const center = [family.x[step], layer.centers[step]];
    const of = { x: family.x, low, high, radius: layer.radius, center, top: this.tops.get(radiusIndex) };
    this.view = windowOf(of, this.inner, this.around);
    const { unitX, unitY, left, bottom } = this.view;
    this.toX = (x) => MARGIN.left + (x - left) * unitX;
    this.fromX = (px) => left + (px - MARGIN.left) / unitX;
    this.toY = (y) => MARGIN.top + this.inner.height - (y - bottom) * unitY;
    const within = (px) => Math.max(0, Math.min(family.nx - 1, Math.round(this.indexOf(this.fromX(px)))));
    this.span = [Math.max(0, within(MARGIN.left) - 1), Math.min(family.nx - 1, within(width(this)) + 1)];
  }

  #drawCurves({ layer, on }) {
    const { family, span, paths } = this;
    const limit = (y) => Math.max(-4000, Math.min(8000, y)); // steep walls leave the window
    const x = (k) => this.toX(family.x[k]);
    const of = (values) => (k) => limit(this.toY(values[k]));
    const [raw, ironed] = [of(family.heights), of(layer.ironed)];
    const draw = (name, shown, data) => set(paths[name], { d: shown ? data() : "" });
    const away = runs(...span, (k) => !layer.reachable[k]);
    const whole = curve(span, x, raw);
    const base = MARGIN.top + this.inner.height;
    set(this.ground, { d: `${whole}L${x(span[1])} ${base}L${x(span[0])} ${base}Z` });
    set(paths.raw, { d: whole });
    draw("pockets", on.away, () => pocketsBetween(away, span, x, raw, ironed));
    draw("away", on.away, () => stretches(away, x, raw));
    draw("ironed", on.ironed, () => curve(span, x, ironed));
    draw("centers", on.centers, () => curve(span, x, of(layer.centers)));
    draw("offset", on.offset, () => this.#offset(layer.radius, limit));
    const foot = () => base + 4;
    set(this.rug, { d: on.away ? stretches(away, x, foot) : "" });
  }

  // p + ρν: the slopes s give ν = (−s, 1)/√(1 + s²).
  #offset(radius, limit) {
    const { x, heights, slopes } = this.family;
    const reach = Math.ceil(radius / this.spacing); // points outside the window have their offset in it
    const span = [Math.max(0, this.span[0] - reach), Math.min(x.length - 1, this.span[1] + reach)];
    const norm = (k) => Math.hypot(1, slopes[k]);
    const px = (k) => this.toX(x[k] - (radius * slopes[k]) / norm(k));
    return curve(span, px, (k) => limit(this.toY(heights[k] + radius / norm(k))));
  }

  #drawBall({ step, layer, on }) {
    const { family, view } = this;
    const [x, y] = [family.x[step], layer.centers[step]];
    const [cx, cy] = [this.toX(x), this.toY(y)];
    this.drawn = { cx, cy, rx: layer.radius * view.unitX, ry: layer.radius * view.unitY };
    place(this.wheel, cx, cy, this.drawn.rx, this.drawn.ry, layer.turns[step]);
    set(this.center, { cx, cy });
    const touches = contactsAt(layer, step).map((at) => {
      const below = Math.sqrt(Math.max(0, layer.radius ** 2 - (at - x) ** 2));
      return [this.toX(at), this.toY(y - below)];
    });
    set(this.spoke, { d: on.ball ? touches.map(([px, py]) => `M${cx} ${cy}L${px} ${py}`).join("") : "" });
    this.contacts.replaceChildren(...touches.map(([px, py]) => svg("circle", { class: "contact", cx: px, cy: py, r: 4.2 })));
    for (const part of [this.wheel, this.center, this.contacts]) set(part, { display: on.ball ? null : "none" });
  }

  #drawAxes() {
    const { inner, view } = this;
    const base = MARGIN.top + inner.height;
    const parts = [svg("line", { x1: MARGIN.left, x2: MARGIN.left + inner.width, y1: base, y2: base })];
    for (const value of ticks(view.left, view.left + inner.width / view.unitX, Math.max(3, Math.round(inner.width / 130)))) {
      parts.push(svg("line", { x1: this.toX(value), x2: this.toX(value), y1: base, y2: base + 4 }));
      parts.push(svg("text", { x: this.toX(value), y: base + 18, "text-anchor": "middle" }, show(value)));
    }
    const to = scale(0, 1, base, MARGIN.top);
    for (const value of ticks(view.bottom, view.bottom + inner.height / view.unitY, 5)) {
      if (this.toY(value) > to(0) - 6) continue;
      const y = this.toY(value);
      parts.push(svg("line", { class: "grid", x1: MARGIN.left, x2: MARGIN.left + inner.width, y1: y, y2: y }));
      parts.push(svg("text", { x: MARGIN.left - 7, y: y + 3.5, "text-anchor": "end" }, show(value)));
    }
    this.axis.replaceChildren(...parts);
  }

  #tellScales() {
    const times = stretch(this.view);
    this.equal = Math.abs(times - 1) < 1e-9;
    const way = times > 1 ? `stretched ${show(times, 2)} ×` : `flattened ${show(1 / times, 2)} ×`;
    this.text = this.equal ? "equal scales: the ball is a circle" : `heights are ${way}: the ball is an ellipse here`;
  }
}

const width = (view) => MARGIN.left + view.inner.width;

// Abscissas of the contacts under a centre above point k: one, or the outermost two.
export function contactsAt({ touch }, k) {
  const [left, right] = [touch[2 * k], touch[2 * k + 1]];
  return left === right ? [left] : [left, right];
}
