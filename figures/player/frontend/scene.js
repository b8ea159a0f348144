// The player's 3-D scene: the landscape stays, only the ball, the paths and the markers move.

import { poseSphere, unitSphere } from "./ball.js";
import { boundsOfBall, sceneBounds } from "./box.js";
import { clearestSide } from "./camera.js";
import { startOf } from "./decode.js";
import { Stage } from "./stage.js";
import { movingTraces, surfaceTrace } from "./traces.js";
import { LIFT, columns, lifted } from "./trails.js";

const SIGHTS = 9; // steps of the run that the camera is to see
const SURFACE_POINTS = 129; // Plotly upsamples below 128 a side: 129 is faster than 100

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
    const another = this.landscape !== film.landscape;
    if (another) this.surface = field.resample(SURFACE_POINTS);
    const reshaped = this.title === film.title; // the same with other parameters or another scale: no jump
    Object.assign(this, { landscape: film.landscape, title: film.title });
    if (another || film.radii.length > 1) this.bounds = sceneBounds(film, field); // a ball ahead of its family keeps its box
    const box = boundsOfBall(this.bounds, film, field, frame.radiusIndex);
    if (another) this.side = clearestSide(field, box.z[1], sights(frame, film.frames), reshaped ? this.side : null);
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
      this.#lifted(startOf(path, points), 0, 0),
      ...points.flatMap(({ contacts }) => [this.#lifted(contacts, 0, step), this.#lifted(contacts, step, step)]),
    ];
  }

  #lifted(array, from, to) {
    return lifted(this.surface, columns(array, from, to), LIFT * (this.bounds.z[1] - this.bounds.z[0]));
  }
}

// Points [x, y, z] of a run that a viewer wants to see: near the top of the ball, from the start to its end.
function sights({ path }, frames) {
  return Array.from({ length: SIGHTS }, (_, n) => {
    const t = 3 * Math.round((n * (frames - 1)) / (SIGHTS - 1));
    return [path.centers[t], path.centers[t + 1], path.centers[t + 2] + path.radius / 2];
  });
}
