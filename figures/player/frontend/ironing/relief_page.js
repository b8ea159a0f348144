// The page of a relief: the surfaces in one 3-D scene, and from above what no ball of this radius can touch.

import { place, range } from "../controls.js";
import { ballPath } from "../decode.js";
import { html, stage } from "../elements.js";
import { Field } from "../field.js";
import { show } from "../numbers.js";
import { drop } from "./drop.js";
import { ReachMap } from "./reach.js";
import { SurfaceScene } from "./surfaces.js";
import { Switches } from "./switches.js";
import { name, sentence, valuesOf } from "./words.js";

const ENTRIES = [
  ["raw", "Landscape", "surfaceRaw", true],
  ["ironed", "Ironed surface", "surfaceIroned", true],
  ["centers", "Centre surface", "surfaceCenters", false],
  ["away", "Out of reach", "surfaceAway", true],
  ["ball", "Ball", "ball", true],
  ["path", "Paths", "path", true],
];

const EDGE = 0.2; // of either side of the domain, where the ball is not put at first

export class ReliefPage {
  static along = "Position";

  constructor(controls, words, { onPlace, onSwitch }) {
    this.words = words;
    this.controls = controls;
    this.onPlace = onPlace;
    this.switches = new Switches(ENTRIES, (which) => {
      onSwitch(which);
      this.scene.fit(this.frameShown);
    });
    this.title = html("span", { class: "film-title" });
    this.views = {};
    const view = (which, caption, ...extra) => {
      this.views[which] = stage();
      return html("figure", { class: `view ${which}` }, html("figcaption", {}, caption, ...extra), this.views[which]);
    };
    const reset = html("button", { type: "button", class: "text" }, "Reset view");
    reset.addEventListener("click", () => this.scene.resetCamera());
    this.captions = [html("span", {}), html("span", {})];
    this.across = range("Across", (row) => this.#cross(row), () => onPlace(null, "placed"));
    this.across.row.classList.add("across");
    const views = html("div", { class: "views two" },
      view("scene", this.captions[0], reset), view("map", this.captions[1], this.across.row), controls.element, words.element);
    this.elements = [html("div", { class: "head" }, this.title, this.switches.element), views];
    const pick = (place) => this.#pick(place);
    this.scene = new SurfaceScene(this.views.scene, pick);
    this.map = new ReachMap(this.views.map, pick);
    this.row = null;
  }

  async load(family, theme, plotlyUrl, frame) {
    this.title.textContent = family.title;
    const filmed = Boolean(frame.path);
    this.switches.element.classList.toggle("filmed", filmed);
    this.controls.call(filmed ? "Step" : "Position");
    this.captions[0].textContent = filmed ? "Drag to turn" : "Drag to turn, click to place the ball";
    this.captions[1].textContent = filmed ? "From above: out of reach" : "From above: out of reach. Click to place the ball";
    this.across.row.hidden = filmed;
    this.across.input.max = family.ny - 1;
    this.field = new Field(family);
    this.map.load(family, this.field, theme);
    this.map.show(frame);
    await this.scene.load(family, this.field, theme, frame, plotlyUrl);
  }

  // Further radii of the same landscape.
  adopt(family) {
    this.map.film = family;
    this.scene.family = family;
  }

  // Without a film the ball goes along a row of the grid.
  #pick([x, y]) {
    if (this.frameShown.path) return;
    const { family } = this.frameShown;
    this.row = nearest(family.y, y);
    this.onPlace(nearest(family.x, x), "placed");
  }

  #cross(row) {
    this.row = row;
    this.onPlace(this.frameShown.step, "moving");
  }

  frames = (family, index) => family.filmOf(index)?.film.frames ?? family.nx;
  stride = () => 1;
  address = ({ path, step, center }) => (path ? { step } : { position: rounded(center[0]), across: rounded(center[1]) });

  end(family, index) {
    const own = family.filmOf(index);
    if (!own) return family.nx - 1;
    return Math.max(1, own.film.ends[own.index], ...own.film.points.map((point) => point.end));
  }

  stepAt(family, index, { position, across, step }) {
    if (family.filmOf(index)) return step;
    this.row = across === null ? null : nearest(family.y, across);
    return position === null ? null : nearest(family.x, position);
  }

  // At first the ball lies over the deepest place out of reach; a film is shown at its end.
  first(family, index) {
    if (family.filmOf(index)) return this.end(family, index);
    const best = this.#deepest(family, index);
    return best % family.nx;
  }

  // Away from the edge, where the ball is supported on all sides.
  #deepest(family, index) {
    const { heights, nx, ny } = family;
    const { ironed } = family.layer(index);
    const [p, q] = [Math.floor(nx * EDGE), Math.floor(ny * EDGE)];
    let best = Math.floor(ny / 2) * nx + Math.floor(nx / 2);
    const depth = (n) => ironed[n] - heights[n];
    for (let j = q; j < ny - q; j++)
      for (let i = p; i < nx - p; i++) if (depth(j * nx + i) > depth(best) + 1e-6) best = j * nx + i;
    return best;
  }

  frame(family, index, step) {
    const layer = family.layer(index);
    const own = family.filmOf(index);
    const common = { family, radius: layer.radius, on: this.switches.on };
    if (own) return { ...common, ...this.#filmed(own, step) };
    this.row ??= Math.floor(this.#deepest(family, index) / family.nx);
    const ball = { ...drop(family, layer, step, Math.min(this.row, family.ny - 1)), turn: [1, 0, 0, 0] };
    const text = `x = ${show(ball.center[0])}`;
    return { ...common, ball, center: ball.center, points: [], place: { text, spoken: `ball over ${text}, y = ${show(ball.center[1])}` } };
  }

  #filmed({ film, index }, step) {
    if (this.pathOf?.film !== film || this.pathOf.index !== index) this.pathOf = { film, index, path: ballPath(film, index) };
    const { path } = this.pathOf;
    const at = (array) => [...array.subarray(3 * step, 3 * step + 3)];
    const ball = {
      center: at(path.centers), contacts: [at(path.contacts)], clearance: path.clearance[step],
      count: path.touching[step], turn: path.rotations.subarray(4 * step, 4 * step + 4),
    };
    return { film, ball, path, center: ball.center, points: film.points };
  }

  show(frame) {
    this.frameShown = frame;
    this.scene.show(frame);
    this.map.show(frame);
    const { ball, layer, path, step, points, film } = frame;
    const y = `y = ${show(ball.center[1])}`;
    if (!path) place(this.across, this.row, y, `ball over ${y}`);
    const values = valuesOf(layer, {
      place: `${show(ball.center[0])}, ${show(ball.center[1])}`, height: ball.center[2], contacts: ball.count ?? ball.contacts.length, clearance: ball.clearance,
    });
    const losses = path ? [["step", `${step} / ${film.frames - 1}`], ["ball's loss", show(path.losses[step])],
      ...points.map((point) => [point.name.toLowerCase(), show(point.losses[step])])] : [];
    this.values = [...values, ...losses];
    this.words.show(this.values);
  }

  name(frame) {
    this.scene.fit(frame);
    const shown = ENTRIES.filter(([which]) => this.switches.on[which]).map(([, label]) => label.toLowerCase()).join(", ");
    name(this.views.scene, `3-D scene with ${shown}: ${sentence(this.values)}`);
    name(this.views.map, `The landscape from above, with what is out of reach hatched: ${sentence(this.values)}`);
  }

  resize() {
    this.map.resize();
    this.scene.resize();
  }

  destroy() {
    this.scene.destroy();
  }
}

const rounded = (value) => Number(value.toPrecision(4));

function nearest(axis, value) {
  let best = 0;
  axis.forEach((v, k) => Math.abs(v - value) < Math.abs(axis[best] - value) && (best = k));
  return best;
}
