// The vertical section through the ball along its direction of travel, at true aspect: the circle touches the curve.

import { pathData, set, svg } from "./elements.js";
import { percent, show, ticks } from "./numbers.js";

const HALF_WIDTH = 3; // radii to either side of the centre
const SAMPLES = 261;
const NEAR = 0.006; // of the radius: what counts as touching in the picture
const AXIS = 18;

export class SectionView {
  constructor(element) {
    this.element = element;
    this.layer = svg("svg", { class: "overlay" });
    element.append(this.layer);
    const add = (name, attributes) => this.layer.appendChild(svg(name, attributes));
    this.window = svg("rect", { x: 0, y: 0 });
    const name = `section-${Math.random().toString(36).slice(2, 8)}`;
    add("clipPath", { id: name }).append(this.window);
    this.ground = add("path", { class: "ground", "clip-path": `url(#${name})` });
    this.curve = add("path", { class: "curve", "clip-path": `url(#${name})` });
    this.circle = add("circle", { class: "ball-disc" });
    this.spoke = add("line", { class: "spoke" });
    this.center = add("circle", { class: "center-dot", r: 2.5 });
    this.others = add("g", {});
    this.contact = add("circle", { class: "contact", r: 4 });
    this.spokeLabel = add("text", { class: "spoke-label" }, "ρ");
    this.arrow = add("path", { class: "arrow" });
    this.axis = add("g", { class: "axis" });
    this.note = add("text", { class: "note", x: 10, y: 18 });
    this.s = new Float64Array(SAMPLES);
    this.z = new Float64Array(SAMPLES);
  }

  load(field) {
    Object.assign(this, { field, frame: null });
  }

  resize() {
    if (this.frame) this.show(this.frame);
  }

  show(frame) {
    this.frame = frame;
    const [width, height] = [this.element.clientWidth, this.element.clientHeight];
    if (!this.field || !width) return;
    set(this.layer, { viewBox: `0 0 ${width} ${height}`, width, height });
    set(this.window, { width, height: height - AXIS });
    const { step, path, travel } = frame;
    const center = path.centers.subarray(3 * step, 3 * step + 3);
    const direction = travel.along.subarray(2 * step, 2 * step + 2);
    const unit = Math.min(width / (2 * HALF_WIDTH), (height - AXIS) / 3) / path.radius;
    const half = width / (2 * unit);
    this.#sample(center, direction, half);
    const toX = (s) => width / 2 + s * unit;
    const toY = (z) => (height - AXIS) / 2 + (center[2] - z) * unit - 0.1 * path.radius * unit;
    this.#drawGround(toX, toY, height);
    this.#drawBall(frame, center, direction, unit, toX, toY);
    this.#drawAxis(center, half, toX, toY, width, height);
    this.#drawNote(frame, width);
  }

  #sample(center, [dx, dy], half) {
    for (let k = 0; k < SAMPLES; k++) {
      this.s[k] = -half + (2 * half * k) / (SAMPLES - 1);
      this.z[k] = this.field.at(center[0] + this.s[k] * dx, center[1] + this.s[k] * dy);
    }
  }

  #drawGround(toX, toY, height) {
    const limit = (y) => Math.max(-4 * height, Math.min(5 * height, y)); // steep walls leave the window
    const data = pathData(SAMPLES, (k) => toX(this.s[k]), (k) => limit(toY(this.z[k])));
    set(this.curve, { d: data });
    const known = [...this.z.keys()].filter((k) => Number.isFinite(this.z[k]));
    const closing = known.length ? `L${toX(this.s[known.at(-1)])} ${height}L${toX(this.s[known[0]])} ${height}Z` : "";
    set(this.ground, { d: data && data.lastIndexOf("M") === 0 ? data + closing : "" });
  }

  #drawBall({ step, path, travel }, center, [dx, dy], unit, toX, toY) {
    const p = path.contacts.subarray(3 * step, 3 * step + 3);
    const along = (p[0] - center[0]) * dx + (p[1] - center[1]) * dy;
    const aside = Math.abs((p[1] - center[1]) * dx - (p[0] - center[0]) * dy);
    const [cx, cy, px, py] = [toX(0), toY(center[2]), toX(along), toY(p[2])];
    set(this.circle, { cx, cy, r: path.radius * unit });
    set(this.center, { cx, cy });
    set(this.spoke, { x1: cx, y1: cy, x2: px, y2: py });
    set(this.spokeLabel, { x: (cx + px) / 2 + 7, y: (cy + py) / 2 + 4 });
    this.beside = aside > 0.05 * path.radius;
    set(this.contact, { cx: px, cy: py, class: this.beside ? "contact beside" : "contact" });
    const others = this.#touches(center[2], path.radius)
      .filter((k) => Math.abs(this.s[k] - along) > 0.1 * path.radius)
      .map((k) => svg("circle", { class: "contact other", cx: toX(this.s[k]), cy: toY(this.z[k]), r: 4 }));
    this.others.replaceChildren(...others);
    const sign = travel.sign[step];
    const from = cx + sign * (path.radius * unit + 14);
    set(this.arrow, { d: sign ? `M${from} ${cy}h${18 * sign}m${-5 * sign}-4l${5 * sign} 4l${-5 * sign} 4` : "" });
  }

  // Samples at which the curve comes nearest to the centre and touches the circle.
  #touches(height, radius) {
    const distance = (k) => Math.hypot(this.s[k], this.z[k] - height);
    const out = [];
    for (let k = 1; k < SAMPLES - 1; k++) {
      const d = distance(k);
      if (d <= distance(k - 1) && d < distance(k + 1) && Math.abs(d - radius) < NEAR * radius) out.push(k);
    }
    return out;
  }

  #drawAxis(center, half, toX, toY, width, height) {
    const base = height - AXIS;
    const parts = [svg("line", { x1: 0, x2: width, y1: base, y2: base })];
    for (const s of ticks(-half, half, 6)) {
      if (Math.abs(toX(s) - width / 2) > width / 2 - 14) continue;
      parts.push(svg("line", { x1: toX(s), x2: toX(s), y1: base, y2: base + 3 }));
      parts.push(svg("text", { x: toX(s), y: height - 4, "text-anchor": "middle" }, show(s, 2)));
    }
    this.axis.replaceChildren(...parts);
  }

  #drawNote({ step, path }) {
    const share = path.clearance[step] / path.radius;
    const count = path.touching[step];
    const cuts = share < -0.005;
    this.text = cuts
      ? `cuts in by ${percent(share)} of ρ`
      : share > 0.005
        ? `${percent(share)} of ρ above the surface`
        : `touches at ${count} ${count === 1 ? "point" : "points"}${this.beside ? " beside this plane" : ""}`;
    set(this.note, { class: cuts ? "note warn" : "note" });
    this.note.textContent = cuts ? `⚠ ${this.text}` : this.text;
  }
}
