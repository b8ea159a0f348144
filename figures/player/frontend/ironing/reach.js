// The map of what no ball of this radius can touch: purple and hatched on the landscape from above.

import { html, moved, pathData, set, svg } from "../elements.js";
import { Ground } from "../ground.js";
import { dashArray, owned, shapeOf } from "../theme.js";

const HATCH = 6; // pixels between the lines

export class ReachMap extends Ground {
  constructor(element, onPick) {
    super(element, onPick);
    this.veil = html("canvas", { class: "relief veil" });
    element.insertBefore(this.veil, this.layer);
  }

  build(inside) {
    const { left, top, width, height } = this.box;
    set(this.veil, { width: Math.round(width), height: Math.round(height) });
    Object.assign(this.veil.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    this.image = new ImageData(this.veil.width, this.veil.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.#index();
    this.veiled = null;
    const path = (attributes, dash) => inside.appendChild(svg("path", { ...attributes, "stroke-dasharray": dashArray(dash) }));
    this.methods = (this.film.films[0]?.points ?? []).map((point) => ({
      line: path(owned(point, "trail"), point.mark.dash),
      mark: inside.appendChild(svg("path", { ...owned(point, "mark"), d: shapeOf(point.mark) })),
    }));
    this.trail = path({ class: "trail center" }, "dash");
    this.outline = inside.appendChild(svg("circle", { class: "ball-outline" }));
    this.contacts = inside.appendChild(svg("g", {}));
    this.center = inside.appendChild(svg("circle", { class: "center-dot", r: 3 }));
  }

  // Grid point of each pixel.
  #index() {
    const { nx, ny } = this.field;
    const { width, height } = this.image;
    this.columns = Uint16Array.from({ length: width }, (_, u) => Math.round(((u + 0.5) / width) * (nx - 1)));
    this.rows = Uint16Array.from({ length: height }, (_, v) => Math.round((1 - (v + 0.5) / height) * (ny - 1)));
  }

  show(frame) {
    this.frame = frame;
    if (!this.outline) return;
    this.#veil(frame);
    const { ball, radius, on, path, points, step } = frame;
    const place = (p) => ({ cx: this.toX(p[0]), cy: this.toY(p[1]) });
    const line = (xyz, end) => pathData(end + 1, (k) => this.toX(xyz[3 * k]), (k) => this.toY(xyz[3 * k + 1]));
    set(this.outline, { ...place(ball.center), r: radius * this.unit });
    set(this.center, place(ball.center));
    this.contacts.replaceChildren(...ball.contacts.map((p) => svg("circle", { class: "contact", r: 3.2, ...place(p) })));
    for (const part of [this.outline, this.center, this.contacts]) set(part, { display: on.ball ? null : "none" });
    set(this.trail, { d: path && on.path ? line(path.centers, step) : "" });
    this.methods.forEach(({ line: drawn, mark }, k) => {
      const { contacts } = points[k];
      set(drawn, { d: on.path ? line(contacts, step) : "" });
      set(mark, { transform: moved(this.toX(contacts[3 * step]), this.toY(contacts[3 * step + 1])), display: on.path ? null : "none" });
    });
  }

  #veil({ layer, on }) {
    const shown = on.away ? layer : null;
    if (this.veiled === shown && this.veiled !== undefined && this.painted === this.image) return;
    [this.veiled, this.painted] = [shown, this.image];
    const { pixels, columns, rows, image } = this;
    const { nx } = this.field;
    const [wash, line] = tints(this.theme);
    pixels.fill(0);
    for (let v = 0, to = 0; shown && v < image.height; v++) {
      const row = rows[v] * nx;
      for (let u = 0; u < image.width; u++, to++)
        if (!layer.reachable[row + columns[u]]) pixels[to] = (u + v) % HATCH < 1.5 ? line : wash;
    }
    this.veil.getContext("2d").putImageData(image, 0, 0);
  }
}

// The wash and the hatch as 0xAABBGGRR (the order of ImageData on a little-endian machine).
function tints(theme) {
  const [r, g, b] = theme.dark ? [201, 155, 255] : [138, 63, 191];
  const color = (alpha) => ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
  return [color(52), color(150)];
}
