// The 3-D scene: the landscape stays, only the ball, the paths and the markers move.
//
// Plotly's public calls re-process every trace for each frame (41-55 ms of JavaScript). The moving traces are
// therefore updated in the scene object itself; where that private path is missing, `Plotly.restyle` does the same,
// slower.

import { poseSphere, unitSphere } from "./ball.js";
import { boundsOfBall, boxRatio, sceneBounds } from "./box.js";
import { fittingCamera } from "./camera.js";
import { html, set } from "./elements.js";
import { loadPlotly } from "./plotly.js";
import { onPress, scrollUnlessPressed } from "./press.js";
import { landscapeUnder, multiply } from "./ray.js";
import { keepStill } from "./still.js";
import { movingTraces, sceneLayout, surfaceTrace } from "./traces.js";
import { drawnBySoftware, pixelRatio, renderer } from "./webgl.js";

const SURFACE_POINTS = 129; // Plotly upsamples below 128 a side: 129 is faster than 100
const LIFT = 0.006; // paths float above the drawn surface by this share of its height, or they would flicker in it
const WIDEN = 90; // ms that a scrub of the radius rests before the box is fitted to the ball: Plotly is slow at it
const NO_WEBGL = "This browser shows no WebGL, so the 3-D scene is left out. The other views work.";

export class Scene {
  #mesh = unitSphere();
  #spared = new WeakSet();

  constructor(element, onPick) {
    this.element = element;
    this.onPick = onPick;
    this.ready = false;
    this.plot = html("div", { class: "plot" });
    element.append(this.plot);
    const count = this.#mesh.vertices.length / 3;
    this.posed = { x: new Float64Array(count), y: new Float64Array(count), z: new Float64Array(count) };
    onPress(element, (event) => this.#pick(event));
    scrollUnlessPressed(element);
  }

  // Draw the film's landscape (only if it is another one) with the paths as they stand in `frame`.
  async load(film, field, theme, frame, plotlyUrl) {
    if (!this.plot.isConnected) this.element.replaceChildren(this.plot);
    if (!renderer()) return this.#say(NO_WEBGL);
    Object.assign(this, { field, theme });
    if (this.landscape !== film.landscape) this.surface = field.resample(SURFACE_POINTS);
    this.landscape = film.landscape;
    clearTimeout(this.widening);
    this.bounds = sceneBounds(film, field);
    this.box = boundsOfBall(this.bounds, film, field, frame.radiusIndex);
    try {
      this.Plotly = await loadPlotly(plotlyUrl);
      Object.assign(this, { film, shown: frame.radiusIndex });
      const traces = this.#traces(film, frame);
      const config = { displayModeBar: false, plotGlPixelRatio: pixelRatio(), responsive: false };
      const layout = sceneLayout(theme, this.box, this.#camera(), film.lossScale === 1 ? "f" : "λf");
      await this.Plotly.react(this.plot, traces, layout, config);
    } catch (error) {
      return this.#say(`The 3-D scene could not be drawn: ${error.message}`);
    }
    if (this.turned === undefined) this.#watchCamera();
    this.ready = true;
    this.#spareDrawing();
  }

  #watchCamera() {
    this.turned = false;
    this.plot.on("plotly_relayout", (change) => (this.turned ||= "scene.camera" in change));
  }

  // Move everything that moves to `frame`.
  show(frame) {
    if (!this.ready || frame.film !== this.film) return;
    const moves = this.#moving(frame);
    const traces = this.plot._fullLayout?.scene?._scene?.traces;
    for (const [k, position] of moves.entries()) {
      const object = traces?.[this.plot._fullData[k + 1].uid];
      if (object?.update) this.#moveObject(object, k + 1, position);
      else this.Plotly.restyle(this.plot, { x: [position.x], y: [position.y], z: [position.z] }, [k + 1]);
    }
    this.#spareDrawing();
    if (frame.radiusIndex !== this.shown) this.#fitBox(frame.radiusIndex);
  }

  // The box holds the whole ball, whatever its radius.
  #fitBox(r) {
    this.shown = r;
    clearTimeout(this.widening);
    const box = boundsOfBall(this.bounds, this.film, this.field, r);
    const same = ["x", "y", "z"].every((axis) => box[axis].every((value, k) => value === this.box[axis][k]));
    if (same) return;
    this.widening = setTimeout(() => {
      this.box = box;
      const ranges = ["x", "y", "z"].map((axis) => [`scene.${axis}axis.range`, [...box[axis]]]);
      this.#relayout({ ...Object.fromEntries(ranges), "scene.aspectratio": boxRatio(box), "scene.camera": this.#camera() });
    }, WIDEN);
  }

  // The camera that the player sets is not one that the reader chose.
  #relayout(change) {
    const turned = this.turned;
    this.Plotly.relayout(this.plot, change).then(() => {
      this.turned = turned;
      this.#spareDrawing();
    });
  }

  #moveObject(object, k, position) {
    Object.assign(this.plot.data[k], position); // so that a later react or resize starts from here
    const full = Object.assign(this.plot._fullData[k], position);
    if (full.type === "scatter3d") full._length = position.x.length;
    object.update(full);
  }

  resetCamera() {
    if (!this.ready) return;
    this.turned = false;
    this.#relayout({ "scene.camera": this.#camera() });
  }

  // Once the reader has turned the scene, its camera stays whatever the landscape.
  #camera() {
    if (this.turned) return this.plot._fullLayout.scene._scene.getCamera();
    return fittingCamera(this.box, this.plot.clientWidth / (this.plot.clientHeight || 1));
  }

  resize() {
    if (this.ready && this.plot.clientWidth) this.Plotly.Plots.resize(this.plot);
  }

  destroy() {
    clearTimeout(this.widening);
    if (this.Plotly) this.Plotly.purge(this.plot);
    this.ready = false;
  }

  // Plotly finds what the mouse is over by drawing the scene a second time; clicks here are found by a ray instead.
  // And it draws the landscape anew each frame, though only the ball moves.
  #spareDrawing() {
    const scene = this.plot._fullLayout?.scene?._scene;
    for (const object of scene?.glplot?.objects ?? []) object.drawPick = nothing;
    const surface = scene?.traces?.view0?.surface;
    if (!surface || this.#spared.has(surface) || !drawnBySoftware()) return;
    this.#spared.add(surface);
    keepStill(scene.glplot.gl, surface);
  }

  #say(sentence) {
    this.ready = false;
    set(this.element, { role: null });
    this.element.replaceChildren(html("p", { class: "missing", role: "status" }, sentence));
  }

  #traces(film, frame) {
    const still = surfaceTrace(this.surface, this.field, this.bounds, this.theme);
    const places = this.#moving(frame);
    const moving = movingTraces(film, this.#mesh, this.theme).map((trace, n) => ({ ...trace, ...places[n] }));
    return [still, ...moving].map((trace, n) => ({ ...trace, uid: `view${n}` }));
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

  #pick(event) {
    const scene = this.plot._fullLayout?.scene?._scene;
    if (!this.ready || !scene?.glplot?.cameraParams) return;
    const box = scene.container.getBoundingClientRect();
    const { projection, view, model } = scene.glplot.cameraParams;
    const [sx, sy, sz] = scene.dataScale;
    const toScene = [sx, 0, 0, 0, 0, sy, 0, 0, 0, 0, sz, 0, 0, 0, 0, 1];
    const toClip = multiply(projection, multiply(view, multiply(model, toScene)));
    const px = (2 * (event.clientX - box.left)) / box.width - 1;
    const py = 1 - (2 * (event.clientY - box.top)) / box.height;
    const start = landscapeUnder(this.field, toClip, px, py);
    if (start) this.onPick(start);
  }
}

const nothing = () => {};

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
