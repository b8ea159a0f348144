// The numbers of the picture in words: under the views, and as labels of the views for those who do not see them.

import { html, set, svg } from "./elements.js";
import { show } from "./numbers.js";
import { owned, shapeOf } from "./theme.js";

export class Readout {
  constructor() {
    this.line = html("p", { class: "readout" });
    this.outcome = html("p", { class: "outcome", "aria-live": "polite" });
    this.element = html("div", { class: "words" }, this.line, this.outcome);
  }

  load(film) {
    this.film = film;
    this.fields = {};
    const field = (name, label, attributes = { class: "field" }, ...mark) => {
      this.fields[name] = html("b", {});
      return html("span", attributes, ...mark, label, " ", this.fields[name]);
    };
    const markOf = (point) => {
      const shape = svg("path", { ...owned(point, "mark"), d: shapeOf(point.mark) });
      return svg("svg", { class: "swatch", viewBox: "-8 -8 16 16", "aria-hidden": "true" }, shape);
    };
    this.line.replaceChildren(
      field("step", "step"),
      field("radius", "ρ"),
      field("loss", "ball", { class: "field ball" }),
      ...film.points.map((point, k) => field(`point${k}`, point.name.toLowerCase(), owned(point, "field"), markOf(point))),
      field("contact", "ball"),
    );
  }

  show(frame, section) {
    const { step, path, points } = frame;
    const { fields } = this;
    fields.step.textContent = `${step} / ${this.film.frames - 1}`;
    fields.radius.textContent = show(path.radius);
    fields.loss.textContent = show(path.losses[step]);
    points.forEach((point, k) => (fields[`point${k}`].textContent = show(point.losses[step])));
    fields.contact.textContent = section.text ?? "";
  }

  // Said once the film stands still: why each run ended, or the numbers of this frame.
  settle({ step, path, points }) {
    const done = [];
    if (step >= path.end) done.push(html("span", { class: "ball" }, `Ball: ${path.outcome}`));
    for (const point of points)
      if (step >= point.end) done.push(html("span", owned(point), `${point.name}: ${point.outcome}`));
    this.outcome.replaceChildren(...done);
  }

  quiet() {
    this.outcome.replaceChildren();
  }
}

export function nameViews(views, { step, path, points, film }) {
  const others = points.map((point) => `${point.name} loss ${show(point.losses[step])}`);
  const losses = [`ball loss ${show(path.losses[step])}`, ...others].join(", ");
  const clearance = `clearance ${show(path.clearance[step] / path.radius, 2)} radii`;
  const at = `step ${step} of ${film.frames - 1}, radius ${show(path.radius)}`;
  const where = `ball at ${show(path.contacts[3 * step])}, ${show(path.contacts[3 * step + 1])}`;
  const name = (view, text) => set(view, { "aria-label": text });
  name(views.scene, `3-D scene of the landscape with the rolling ball: ${at}, ${losses}, ${clearance}`);
  name(views.map, `View from above: ${at}, ${where}, ${losses}`);
  const touching = path.touching[step] === 1 ? "1 contact" : `${path.touching[step]} contacts`;
  name(views.section, `Vertical section through the ball: ${at}, ${touching}, ${clearance}`);
  name(views.losses, `Loss curves: ${at}, ${losses}`);
}
