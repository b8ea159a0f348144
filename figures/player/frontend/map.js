// The view from above: the landscape as a shaded map with contour lines, the paths, and the ball's outline to scale.

import { cividis, paperOf } from "./cividis.js";
import { html, moved, pathData, set, svg } from "./elements.js";
import { isolines } from "./isolines.js";
import { scale, show, ticks } from "./numbers.js";
import { DASHES, DASH_ARRAY, markShape } from "./theme.js";

const MARGIN = { left: 30, right: 8, top: 8, bottom: 20 };
const LEVELS = 12;

export class MapView {
  constructor(element, onPick) {
    this.element = element;
    this.canvas = html("canvas", { class: "relief" });
    this.layer = svg("svg", { class: "overlay" });
    element.append(this.canvas, this.layer);
    this.layer.addEventListener("click", (event) => {
      const start = this.#placeOf(event);
      if (start) onPick(start);
    });
  }

  load(film, field, theme) {
    Object.assign(this, { film, field, theme, frame: null }); // the old frame has another film's points
    this.resize();
  }

  resize() {
    if (!this.film || !this.element.clientWidth) return;
    this.#fit();
    this.#paint();
    this.#build();
    if (this.frame) this.show(this.frame);
  }

  // Equal scales on both axes, as large as the element allows.
  #fit() {
    const { x, y } = this.field;
    const [width, height] = [this.element.clientWidth, this.element.clientHeight];
    const [dx, dy] = [x.at(-1) - x[0], y.at(-1) - y[0]];
    const unit = Math.min((width - MARGIN.left - MARGIN.right) / dx, (height - MARGIN.top - MARGIN.bottom) / dy);
    const left = MARGIN.left + Math.max(0, (width - MARGIN.left - MARGIN.right - unit * dx) / 2);
    const top = MARGIN.top + Math.max(0, (height - MARGIN.top - MARGIN.bottom - unit * dy) / 2);
    Object.assign(this, { unit, width, height, box: { left, top, width: unit * dx, height: unit * dy } });
    this.toX = scale(x[0], x.at(-1), left, left + unit * dx);
    this.toY = scale(y[0], y.at(-1), top + unit * dy, top);
  }

  #paint() {
    const { nx, ny } = this.field;
    set(this.canvas, { width: nx, height: ny });
    Object.assign(this.canvas.style, px(this.box));
    const image = new ImageData(nx, ny);
    relief(this.field, paperOf(this.theme), image.data);
    this.canvas.getContext("2d").putImageData(image, 0, 0);
  }

  #build() {
    const { layer, width, height, box } = this;
    set(layer, { viewBox: `0 0 ${width} ${height}`, width, height });
    const area = { x: box.left, y: box.top, width: box.width, height: box.height };
    const clip = svg("clipPath", { id: this.#clipId() }, svg("rect", area));
    const inside = svg("g", { "clip-path": `url(#${this.#clipId()})` });
    const lines = isolines(this.field, levelsOf(this.field), this.toX, this.toY);
    inside.append(svg("path", { class: "isoline", d: lines }));
    this.pointPaths = this.film.points.map((_, k) => this.#path(inside, `point-${k % 4}`, DASHES[k % DASHES.length]));
    this.contactPath = this.#path(inside, "ball", "solid");
    this.pointMarks = this.film.points.map((_, k) =>
      inside.appendChild(svg("path", { class: `mark point-${k % 4}`, d: markShape(k) })),
    );
    this.outline = inside.appendChild(svg("circle", { class: "ball-outline" }));
    this.contact = inside.appendChild(svg("circle", { class: "contact", r: 3.2 }));
    this.start = inside.appendChild(svg("circle", { class: "start-ring", r: 6 }));
    layer.replaceChildren(clip, inside, this.#frame());
  }

  #path(group, name, dash) {
    const casing = group.appendChild(svg("path", { class: "casing" }));
    const line = group.appendChild(svg("path", { class: `trail ${name}`, "stroke-dasharray": DASH_ARRAY[dash] }));
    return (data) => (set(casing, { d: data }), set(line, { d: data }));
  }

  #frame() {
    const { box, field } = this;
    const area = { x: box.left, y: box.top, width: box.width, height: box.height };
    const frame = svg("g", { class: "axis" }, svg("rect", area));
    for (const value of ticks(field.x[0], field.x.at(-1), 5)) {
      const at = { x: this.toX(value), y: box.top + box.height + 14 };
      frame.append(svg("text", { ...at, "text-anchor": "middle" }, show(value)));
    }
    for (const value of ticks(field.y[0], field.y.at(-1), 5)) {
      const at = { x: box.left - 5, y: this.toY(value) + 3.5 };
      frame.append(svg("text", { ...at, "text-anchor": "end" }, show(value)));
    }
    return frame;
  }

  show(frame) {
    this.frame = frame;
    if (!this.contactPath) return;
    const { step, path, points } = frame;
    const trail = (xyz, end) => pathData(end + 1, (k) => this.toX(xyz[3 * k]), (k) => this.toY(xyz[3 * k + 1]));
    const place = (xyz, k) => ({ cx: this.toX(xyz[3 * k]), cy: this.toY(xyz[3 * k + 1]) });
    this.contactPath(trail(path.contacts, step));
    set(this.outline, { ...place(path.centers, step), r: path.radius * this.unit });
    set(this.contact, place(path.contacts, step));
    set(this.start, place(points.length ? points[0].contacts : path.contacts, 0));
    points.forEach((point, k) => {
      this.pointPaths[k](trail(point.contacts, step));
      const { cx, cy } = place(point.contacts, step);
      set(this.pointMarks[k], { transform: moved(cx, cy) });
    });
  }

  #placeOf(event) {
    const frame = this.layer.getBoundingClientRect();
    const [u, v] = [event.clientX - frame.left - this.box.left, event.clientY - frame.top - this.box.top];
    if (u < 0 || v < 0 || u > this.box.width || v > this.box.height) return null;
    return [this.field.x[0] + u / this.unit, this.field.y.at(-1) - v / this.unit];
  }

  #clipId() {
    return (this.id ??= `map-${Math.random().toString(36).slice(2, 8)}`);
  }
}

const px = (box) => Object.fromEntries(Object.entries(box).map(([name, value]) => [name, `${value}px`]));

function levelsOf({ low, high }) {
  return Array.from({ length: LEVELS }, (_, k) => low + ((high - low) * (k + 0.5)) / LEVELS);
}

// Colour by height, darkened where the ground faces away from a light in the north-west.
function relief({ heights, nx, ny, low, high, x }, paper, pixels) {
  const across = (nx - 1) / (x[nx - 1] - x[0]);
  for (let j = 0; j < ny; j++)
    for (let i = 0; i < nx; i++) {
      const z = heights[j * nx + i];
      const to = 4 * ((ny - 1 - j) * nx + i);
      if (Number.isNaN(z)) continue;
      const right = heights[j * nx + Math.min(i + 1, nx - 1)] - heights[j * nx + Math.max(i - 1, 0)];
      const up = heights[Math.min(j + 1, ny - 1) * nx + i] - heights[Math.max(j - 1, 0) * nx + i];
      const slope = ((right - up) * across) / 2;
      const shade = 1 + (0.16 * slope) / Math.sqrt(1 + slope * slope) || 1;
      const color = cividis((z - low) / (high - low || 1), paper);
      for (let c = 0; c < 3; c++) pixels[to + c] = Math.max(0, Math.min(255, color[c] * shade));
      pixels[to + 3] = 255;
    }
}
