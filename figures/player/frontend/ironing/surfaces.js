// The 3-D scene of a relief: the landscape, what a ball makes of it, and the ball.

import { poseSphere, unitSphere } from "../ball.js";
import { Stage } from "../stage.js";
import { movingTraces, surfaceTrace } from "../traces.js";
import { LIFT, columns, lifted } from "../trails.js";
import { SurfaceBuffer } from "./patch.js";

const POINTS = 129; // a side: Plotly refines grids of less than 128
const SKINS = [["ironed", "ironed"], ["centers", "center"]]; // the surfaces that follow the radius, with their colours
const VEIL = 0.62; // opacity of the ironed surface where it spans what the ball cannot reach
const BALL = 1; // the first trace that moves
const NOWHERE = { x: [], y: [], z: [] };

export class SurfaceScene extends Stage {
  #mesh = unitSphere();
  raised = new WeakSet();

  constructor(element, onPick) {
    super(element, onPick, false);
  }

  async load(family, field, theme, frame, plotlyUrl) {
    if (!this.canDraw()) return;
    Object.assign(this, { field, theme, family });
    this.#thin(family);
    await this.draw(plotlyUrl, this.#boxOf(frame), theme, family.heightName, () => this.#traces(frame));
  }

  // The drawn grid: every point of the family's, or as many of them as Plotly does not refine.
  #thin({ x, y, heights, nx, ny }) {
    const some = (n) => Int32Array.from({ length: Math.min(n, POINTS) }, (_, k) => Math.round((k * (n - 1)) / (Math.min(n, POINTS) - 1)));
    const [columns, rows] = [some(nx), some(ny)];
    this.grid = { x: Float32Array.from(columns, (i) => x[i]), y: Float32Array.from(rows, (j) => y[j]) };
    this.picked = new Int32Array(columns.length * rows.length);
    rows.forEach((j, q) => columns.forEach((i, p) => (this.picked[q * columns.length + p] = j * nx + i)));
    this.low = heights.reduce((least, z) => Math.min(least, z), Infinity);
    this.high = heights.reduce((most, z) => Math.max(most, z), -Infinity);
    this.buffers = SKINS.map(() => new SurfaceBuffer(this.grid.x, this.grid.y));
    this.thinned = new WeakMap();
  }

  // Heights of a skin of a layer at the drawn points, and its shades there: 1 where it is not the landscape itself.
  #skin(layer, name) {
    if (!this.thinned.has(layer)) this.thinned.set(layer, {});
    const kept = this.thinned.get(layer);
    const spans = (n) => (name === "ironed" && layer.reachable[n] ? 0 : 1);
    return (kept[name] ??= {
      z: Float32Array.from(this.picked, (n) => layer[name][n]),
      shades: Float32Array.from(this.picked, spans),
    });
  }

  #rows(values) {
    const n = this.grid.x.length;
    return Array.from(this.grid.y, (_, j) => values.subarray(j * n, (j + 1) * n));
  }

  #traces(frame) {
    const { theme, grid } = this;
    const bounds = { z: [this.low, this.high] };
    const surface = (values) => surfaceTrace({ ...grid, z: this.#rows(values) }, { high: this.high }, bounds, theme);
    this.ground = { ...grid, z: this.#rows(Float32Array.from(this.picked, (n) => this.family.heights[n])) };
    const raw = surfaceTrace(this.ground, { high: this.high }, bounds, theme);
    this.points = frame.points.length;
    const moving = movingTraces({ points: frame.points }, this.#mesh, theme).map((trace, n) => ({ ...trace, ...this.#moving(frame)[n] }));
    this.skins = moving.length + 1;
    const skins = SKINS.map(([name, color]) => {
      const { z, shades } = this.#skin(frame.layer, name);
      const colors = { surfacecolor: this.#rows(shades), cmin: 0, cmax: 1, colorscale: [[0, theme[color]], [1, theme[color]]] };
      return { ...surface(z), ...colors, opacityscale: opacityOf(name, frame.on) };
    });
    const traces = [raw, ...moving, ...skins];
    const seen = this.#seen(frame);
    this.visible = seen;
    this.layer = frame.layer;
    return traces.map((trace, k) => ({ ...trace, visible: seen[k] }));
  }

  // Which traces are shown, in their order.
  #seen({ on, path }) {
    const paths = Boolean(path) && on.path;
    const points = Array.from({ length: 2 * this.points }, () => paths);
    return [on.raw, on.ball, false, paths, on.ball, false, ...points, on.ironed, on.centers];
  }

  // Skins may touch the landscape: they are drawn a little nearer to the eye than they are, or the two would flicker.
  spareDrawing() {
    super.spareDrawing();
    const scene = this.plot._fullLayout?.scene?._scene;
    for (let k = this.skins; k < this.skins + SKINS.length; k++) {
      const surface = this.drawn(k)?.surface;
      if (!surface || this.raised.has(surface)) continue;
      this.raised.add(surface);
      raise(scene.glplot.gl, surface);
    }
  }

  show(frame) {
    if (!this.ready || frame.family !== this.family) return;
    const seen = this.#seen(frame);
    const turned = seen.some((shown, k) => shown !== this.visible[k]);
    const moves = this.#moving(frame);
    moves.forEach((position, n) => {
      if (turned || !seen[n + BALL]) this.remember(n + BALL, position);
      else this.move(n + BALL, position);
    });
    if (turned || frame.layer !== this.layer) SKINS.forEach(([name], n) => this.#reskin(n, this.#skin(frame.layer, name), turned || !seen[this.skins + n]));
    this.layer = frame.layer;
    this.on = frame.on;
    if (turned) this.#turn(seen);
    this.spareDrawing();
  }

  #turn(seen) {
    this.visible = seen;
    const opacities = this.plot.data.map((trace, k) => (k < this.skins ? undefined : opacityOf(SKINS[k - this.skins][0], this.on)));
    this.Plotly.restyle(this.plot, { visible: seen, opacityscale: opacities }).then(() => this.spareDrawing());
  }

  #reskin(n, { z, shades }, hidden) {
    const k = this.skins + n;
    const full = this.remember(k, { z: this.#rows(z), surfacecolor: this.#rows(shades) });
    if (hidden) return;
    const object = this.drawn(k);
    const scene = this.plot._fullLayout.scene._scene;
    const buffer = this.buffers[n];
    if (buffer.fits(object?.surface)) {
      object.data = full;
      buffer.put(object.surface, z, shades, scene.dataScale);
      scene.glplot.setDirty?.();
    } else if (object?.update) object.update(full);
    else this.Plotly.restyle(this.plot, { z: [full.z], surfacecolor: [full.surfacecolor] }, [k]);
  }

  // The box holds the landscape, the whole ball, and the surface of its centres where that is shown.
  fit(frame) {
    if (this.ready) this.fitBox(this.#boxOf(frame));
  }

  #boxOf({ ball: { center }, radius, layer, on, path }) {
    const { x, y } = this.family;
    const box = { x: [x[0], x.at(-1)], y: [y[0], y.at(-1)], z: [this.low, this.high] };
    const hold = (axis, low, high) => (box[axis] = [Math.min(box[axis][0], low), Math.max(box[axis][1], high)]);
    if (on.ball) ["x", "y", "z"].forEach((axis, k) => hold(axis, center[k] - radius, center[k] + radius));
    if (on.centers) hold("z", this.low, layer.centers.reduce((most, z) => Math.max(most, z), -Infinity));
    if (path && on.path) for (let t = 2; t < path.centers.length; t += 3) hold("z", path.centers[t], path.centers[t]);
    return box;
  }

  // Coordinates of the moving traces, in the order of `movingTraces`.
  #moving({ ball, radius, path, points, step }) {
    const count = this.#mesh.vertices.length / 3;
    this.posed ??= { x: new Float64Array(count), y: new Float64Array(count), z: new Float64Array(count) };
    const above = (array, from) => lifted(this.ground, columns(array, from, step), LIFT * (this.high - this.low));
    return [
      poseSphere(this.#mesh.vertices, ball.center, radius, ball.turn, this.posed),
      NOWHERE,
      path ? columns(path.centers, 0, step) : NOWHERE,
      columns(ball.contacts.flat(), 0, ball.contacts.length - 1),
      NOWHERE,
      ...points.flatMap(({ contacts }) => [above(contacts, 0), above(contacts, step)]),
    ];
  }
}

function raise(gl, surface) {
  for (const way of ["draw", "drawTransparent"]) {
    const draw = surface[way].bind(surface);
    surface[way] = (view) => {
      gl.enable(gl.POLYGON_OFFSET_FILL);
      gl.polygonOffset(-1, -2);
      draw(view);
      gl.disable(gl.POLYGON_OFFSET_FILL);
    };
  }
}

// Over the landscape the ironed surface is drawn only where it is another; alone it is whole.
function opacityOf(name, on) {
  if (name === "centers") return [[0, 0.5], [1, 0.5]];
  return on.raw ? [[0, 0], [1, VEIL]] : [[0, 1], [1, 1]];
}
