// The ground of a view from above: the landscape as a shaded map with contour lines, at equal scales.

import { cividis, paperOf } from "./cividis.js";
import { html, letters, set, svg } from "./elements.js";
import { isolines } from "./isolines.js";
import { scale, show, ticks } from "./numbers.js";

const MARGIN = { left: 30, right: 8, top: 8, bottom: 20 };
const LEVELS = 12;

export class Ground {
  // onPick([x, y]) is called with the point that the reader clicks.
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
    const beside = MARGIN.left * letters(this.layer);
    const unit = Math.min((width - beside - MARGIN.right) / dx, (height - MARGIN.top - MARGIN.bottom) / dy);
    const left = beside + Math.max(0, (width - beside - MARGIN.right - unit * dx) / 2);
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
    this.build(inside);
    layer.replaceChildren(clip, inside, this.#frame());
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
