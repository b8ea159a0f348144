// The player's 3-D scene: the landscape stays, only the ball, the paths and the markers move.

import { poseSphere, unitSphere } from "./ball.js";
import { boundsOfBall, sceneBounds } from "./box.js";
import { Stage } from "./stage.js";
import { movingTraces, surfaceTrace } from "./traces.js";

const SURFACE_POINTS = 129; // Plotly upsamples below 128 a side: 129 is faster than 100
const LIFT = 0.006; // paths float above the drawn surface by this share of its height, or they would flicker in it

export class Scene extends Stage {
  #mesh = unitSphere();

  constructor(element, onPick) {
    super(element, onPick);
    const count = this.#mesh.vertices.length / 3;
    this.posed = { x: new Float64Array(count), y: new Float64Array(count), z: new Float64Array(count) };
  }

  // Draw the film's landscape (only if it is another one) with the paths as they stand in `frame`.
  async load(film, field, theme, frame, plotlyUrl) {
    if (!this.canDraw()) return;
    Object.assign(this, { field, theme });
    if (this.landscape !== film.landscape) this.surface = field.resample(SURFACE_POINTS);
    this.landscape = film.landscape;
    this.bounds = sceneBounds(film, field);
    const box = boundsOfBall(this.bounds, film, field, frame.radiusIndex);
    await this.draw(plotlyUrl, box, theme, film.lossScale === 1 ? "f" : "λf", () => {
      Object.assign(this, { film, shown: frame.radiusIndex });
      return this.#traces(film, frame);
    });
  }

  // Move everything that moves to `frame`.
  show(frame) {
    if (!this.ready || frame.film !== this.film) return;
    for (const [k, position] of this.#moving(frame).entries()) this.move(k + 1, position);
    this.spareDrawing();
    if (frame.radiusIndex === this.shown) return;
    this.shown = frame.radiusIndex;
    this.fitBox(boundsOfBall(this.bounds, this.film, this.field, this.shown)); // it holds the whole ball
  }

  #traces(film, frame) {
    const still = surfaceTrace(this.surface, this.field, this.bounds, this.theme);
    const places = this.#moving(frame);
    const moving = movingTraces(film, this.#mesh, this.theme).map((trace, n) => ({ ...trace, ...places[n] }));
    return [still, ...moving];
  }

  // Coordinates of the moving traces, in their order.
  #moving({ step, path, points }) {
    const t = 3 * step;
    const center = path.centers.subarray(t, t + 3);
    const turn = path.rotations.subarray(4 * step, 4 * step + 4);
    return [
      poseSphere(this.#mesh.vertices, center, path.radius, turn, this.posed),
      this.#lifted(path.contacts, 0, step),
      columns(path.centers, 0, step),
      columns(path.contacts, step, step),
      this.#lifted(path.contacts, 0, 0),
      ...points.flatMap(({ contacts }) => [this.#lifted(contacts, 0, step), this.#lifted(contacts, step, step)]),
    ];
  }

  #lifted(array, from, to) {
    const out = columns(array, from, to);
    const lift = LIFT * (this.bounds.z[1] - this.bounds.z[0]);
    for (let n = 0; n < out.z.length; n++) {
      const drawn = heightOfGrid(this.surface, out.x[n], out.y[n]);
      out.z[n] = (drawn > out.z[n] ? drawn : out.z[n]) + lift;
    }
    return out;
  }
}

// Frames from..to (inclusive) of an array (frames, 3), by column.
function columns(array, from, to) {
  const n = to - from + 1;
  const out = { x: new Float32Array(n), y: new Float32Array(n), z: new Float32Array(n) };
  for (let k = 0; k < n; k++) {
    out.x[k] = array[3 * (from + k)];
    out.y[k] = array[3 * (from + k) + 1];
    out.z[k] = array[3 * (from + k) + 2];
  }
  return out;
}

// Bilinear height of the drawn grid (evenly spaced), NaN outside.
function heightOfGrid({ x, y, z }, px, py) {
  const u = ((px - x[0]) / (x[x.length - 1] - x[0])) * (x.length - 1);
  const v = ((py - y[0]) / (y[y.length - 1] - y[0])) * (y.length - 1);
  if (!(u >= 0 && v >= 0 && u <= x.length - 1 && v <= y.length - 1)) return NaN;
  const i = Math.min(Math.floor(u), x.length - 2);
  const j = Math.min(Math.floor(v), y.length - 2);
  const [s, t] = [u - i, v - j];
  const along = (row) => (1 - s) * row[i] + s * row[i + 1];
  return (1 - t) * along(z[j]) + t * along(z[j + 1]);
}
