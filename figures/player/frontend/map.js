// The view from above: the landscape as a map, the paths, and the ball's outline to scale.

import { startOf } from "./decode.js";
import { moved, pathData, set, svg } from "./elements.js";
import { Ground } from "./ground.js";
import { dashArray, owned, shapeOf } from "./theme.js";

export class MapView extends Ground {
  // Put what moves into the group `inside`.
  build(inside) {
    const { points } = this.film;
    this.pointPaths = points.map((point) => this.#path(inside, owned(point, "trail"), point.mark.dash));
    this.contactPath = this.#path(inside, { class: "trail ball" }, "solid");
    this.pointMarks = points.map((point) =>
      inside.appendChild(svg("path", { ...owned(point, "mark"), d: shapeOf(point.mark) })),
    );
    this.outline = inside.appendChild(svg("circle", { class: "ball-outline" }));
    this.contact = inside.appendChild(svg("circle", { class: "contact", r: 3.2 }));
    this.start = inside.appendChild(svg("circle", { class: "start-ring", r: 6 }));
  }

  #path(group, attributes, dash) {
    const casing = group.appendChild(svg("path", { class: "casing" }));
    const line = group.appendChild(svg("path", { ...attributes, "stroke-dasharray": dashArray(dash) }));
    return (data) => (set(casing, { d: data }), set(line, { d: data }));
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
    set(this.start, place(startOf(path, points), 0));
    points.forEach((point, k) => {
      this.pointPaths[k](trail(point.contacts, step));
      const { cx, cy } = place(point.contacts, step);
      set(this.pointMarks[k], { transform: moved(cx, cy) });
    });
  }
}
