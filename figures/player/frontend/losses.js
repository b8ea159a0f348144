// Loss against step, or against gradient evaluations: the whole family of balls behind, this ball and the points in
// front.

import { html, letters, moved, pathData, set, svg } from "./elements.js";
import { extent } from "./field.js";
import { scale, show, ticks } from "./numbers.js";
import { dashArray, owned, shapeOf } from "./theme.js";

const MARGIN = { left: 52, right: 14, top: 12, bottom: 24 }; // for letters of the usual size
const LOG_FROM = 20; // evaluations of one run over another's from which their axis is logarithmic
const STEEP = 100; // the highest start over the middle loss from which that of the losses is
const LEAST = 1e-6; // of the highest loss: what is lower is drawn at the foot of a logarithmic axis

export const AXES = ["step", "evaluations"]; // what the losses are drawn against

export class LossView {
  constructor(element, against) {
    Object.assign(this, { element, against });
    this.layer = svg("svg", { class: "overlay" });
    element.append(this.layer);
  }

  load(film) {
    Object.assign(this, { film, frame: null }); // the old frame has another film's points
    Object.assign(this, lossRange(film));
    this.resize();
  }

  setAgainst(against) {
    this.against = against;
    this.resize();
  }

  resize() {
    const [width, height] = [this.element.clientWidth, this.element.clientHeight];
    if (!this.film || !width) return;
    Object.assign(this, { width, height, left: MARGIN.left * letters(this.layer) });
    set(this.layer, { viewBox: `0 0 ${width} ${height}`, width, height });
    const toY = scale(...this.range.map(this.warp), height - MARGIN.bottom, MARGIN.top);
    this.toY = (loss) => toY(this.warp(loss));
    this.#layAxis();
    this.#build();
    if (this.frame) this.show(this.frame);
  }

  // `place(evaluations, k)` is the abscissa of frame k in pixels.
  #layAxis() {
    const { film, width } = this;
    const [left, right] = [this.left, width - MARGIN.right];
    if (this.against === "step") {
      const toX = scale(0, film.frames - 1, left, right);
      this.axis = { ticks: ticks(0, film.frames - 1, 6), toX };
      this.place = (_, k) => toX(k);
      return;
    }
    const runs = [film.evaluations, ...film.points.map((p) => p.evaluations)];
    const totals = runs.map((evaluations) => Math.max(1, extent(evaluations)[1]));
    const most = Math.max(...totals);
    const log = most / Math.min(...totals) >= LOG_FROM;
    const warp = log ? (e) => Math.log10(1 + e) : (e) => e;
    const toX = scale(0, warp(most), left, right);
    const values = log ? [0, ...powersOfTen(most)] : ticks(0, most, 6);
    this.axis = { ticks: values, toX: (v) => toX(warp(v)) };
    this.place = (evaluations, k) => toX(warp(evaluations[k]));
  }

  #build() {
    const { film, layer } = this;
    const family = Array.from({ length: film.radii.length }, (_, r) => {
      const part = (array) => array.subarray(r * film.frames, (r + 1) * film.frames);
      return this.#data(part(film.losses), part(film.evaluations), film.frames - 1);
    }).join("");
    const points = film.points.map((point) =>
      svg("path", {
        ...owned(point, "curve-line"), "stroke-dasharray": dashArray(point.mark.dash),
        d: this.#data(point.losses, point.evaluations, film.frames - 1),
      }),
    );
    this.curve = svg("path", { class: "curve-line ball" });
    this.cursor = svg("line", { class: "cursor", y1: MARGIN.top, y2: this.height - MARGIN.bottom });
    this.dot = svg("circle", { class: "dot ball", r: 4.5 });
    this.marks = film.points.map((point) => svg("path", { ...owned(point, "mark"), d: shapeOf(point.mark) }));
    const behind = [svg("path", { class: "family", d: family }), this.#frame(), ...points];
    layer.replaceChildren(...behind, this.curve, this.cursor, ...this.marks, this.dot);
  }

  #data(losses, evaluations, end) {
    const bottom = this.height - MARGIN.bottom;
    const y = (k) => Math.max(-20, Math.min(bottom, this.toY(losses[k])));
    return pathData(end + 1, (k) => this.place(evaluations, k), y);
  }

  #frame() {
    const base = this.height - MARGIN.bottom;
    const group = svg("g", { class: "axis" });
    const [values, digits] = this.warp === Math.log10 ? [decades(...this.range), 1] : [ticks(...this.range, 4), 3];
    for (const value of values) {
      const y = this.toY(value);
      group.append(svg("line", { class: "grid", x1: this.left, x2: this.width - MARGIN.right, y1: y, y2: y }));
      group.append(svg("text", { x: this.left - 7, y: y + 3.5, "text-anchor": "end" }, show(value, digits)));
    }
    for (const value of this.axis.ticks)
      group.append(svg("text", { x: this.axis.toX(value), y: base + 15, "text-anchor": "middle" }, show(value)));
    return group;
  }

  show(frame) {
    this.frame = frame;
    if (!this.curve) return;
    const { step, path, points } = frame;
    if (this.drawn !== path || this.drawnIn !== this.curve)
      set(this.curve, { d: this.#data(path.losses, path.evaluations, this.film.frames - 1) });
    [this.drawn, this.drawnIn] = [path, this.curve];
    const x = this.place(path.evaluations, step);
    set(this.cursor, { x1: x, x2: x });
    set(this.dot, { cx: x, cy: this.#height(path.losses[step]) });
    points.forEach((point, k) => {
      set(this.marks[k], { transform: moved(this.place(point.evaluations, step), this.#height(point.losses[step])) });
    });
  }

  #height(loss) {
    if (!Number.isFinite(loss)) return MARGIN.top;
    return Math.max(MARGIN.top, Math.min(this.height - MARGIN.bottom, this.toY(loss)));
  }
}

// What the axis of the losses shows: from the least loss to the 99th percentile, with all starts, so that a run that
// diverges does not flatten the others; and how it is warped, so that high starts do not either.
export function lossRange(film) {
  const finite = (losses) => losses.filter(Number.isFinite);
  const runs = [film.losses, ...film.points.map((point) => point.losses)];
  const all = finite(Float32Array.from(runs.flatMap((losses) => [...losses]))).sort();
  if (!all.length) return { range: [0, 1], warp: linear };
  const starts = finite([...film.losses.filter((_, n) => n % film.frames === 0), ...film.points.map(({ losses }) => losses[0])]);
  const low = all[0];
  const high = Math.max(all[Math.floor(0.99 * (all.length - 1))], ...starts);
  const middle = all[all.length >> 1];
  if (low > 0 && high > STEEP * middle)
    return { range: [Math.max(low, LEAST * high) / 1.2, high * 1.2], warp: Math.log10 };
  const room = 0.04 * (high - low || 1);
  return { range: [low - room, high + room], warp: linear };
}

const linear = (value) => value;
const powersOfTen = (most) => Array.from({ length: Math.floor(Math.log10(most)) + 1 }, (_, k) => 10 ** k);

// Powers of ten within a range; all of them, or every second, third ... where they are many.
function decades(low, high) {
  const [first, last] = [Math.ceil(Math.log10(low)), Math.floor(Math.log10(high))];
  const apart = Math.ceil((last - first + 1) / 5);
  return Array.from({ length: Math.floor((last - first) / apart) + 1 }, (_, k) => 10 ** (first + k * apart));
}

// The choice of the abscissa, as a group of radio buttons.
export function againstChoice(onChange, against) {
  const name = `against-${Math.random()}`;
  const choice = (value, label) => {
    const input = html("input", { type: "radio", name, value, checked: value === against });
    input.addEventListener("change", () => onChange(value));
    return html("label", {}, input, html("span", {}, label));
  };
  const group = { class: "choice", role: "radiogroup", "aria-label": "Loss against" };
  return html("div", group, choice("step", "step"), choice("evaluations", "gradient evaluations"));
}
