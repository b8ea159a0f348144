// The 3-D scene: the landscape stays, only the ball, the paths and the markers move.
//
// Plotly's public calls re-process every trace for each frame (41-55 ms of JavaScript). The moving traces are therefore
// updated in the scene object itself; where that private path is missing, `Plotly.restyle` does the same, slower.

import { poseSphere, unitSphere } from "./ball.js";
import { boxRatio, fittingCamera } from "./camera.js";
import { plotlyScale } from "./cividis.js";
import { html, set } from "./elements.js";
import { landscapeUnder, multiply } from "./ray.js";
import { DASHES, SYMBOLS, pointColor } from "./theme.js";

const SURFACE_POINTS = 129; // Plotly upsamples below 128 a side: 129 is faster than 100
const LIFT = 0.006; // paths float above the drawn surface by this share of its height, or they would flicker in it
const CLICK_MOVE = 5; // pixels
const CLICK_TIME = 600; // ms

export class Scene {
  #loading = null;
  #mesh = unitSphere();
  #wheelZooms = false;

  constructor(element, onPick) {
    this.element = element;
    this.onPick = onPick;
    this.ready = false;
    this.plot = html("div", { class: "plot" });
    element.append(this.plot);
    const count = this.#mesh.vertices.length / 3;
    this.posed = { x: new Float64Array(count), y: new Float64Array(count), z: new Float64Array(count) };
    this.#listen();
  }

  // Draw the film's landscape (only if it is another one) with the paths as they stand in `frame`.
  async load(film, field, theme, frame, plotlyUrl) {
    if (!this.plot.isConnected) this.element.replaceChildren(this.plot);
    if (!renderer()) return this.#say("This browser shows no WebGL, so the 3-D scene is left out. The other views work.");
    Object.assign(this, { field, theme });
    if (this.landscape !== film.landscape) this.surface = field.resample(SURFACE_POINTS);
    this.landscape = film.landscape;
    this.bounds = sceneBounds(film, field);
    this.#loading ??= import(plotlyUrl);
    try {
      this.Plotly = (await this.#loading).default;
      this.film = film;
      const traces = this.#traces(film, frame);
      await this.Plotly.react(this.plot, traces, this.#layout(), { displayModeBar: false, plotGlPixelRatio: pixelRatio(), responsive: false });
    } catch (error) {
      this.#loading = null;
      return this.#say(`The 3-D scene could not be drawn: ${error.message}`);
    }
    if (this.turned === undefined) this.plot.on("plotly_relayout", (change) => (this.turned ||= "scene.camera" in change));
    this.turned ??= false;
    this.ready = true;
    this.#forgoPicking();
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
    this.#forgoPicking();
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
    this.Plotly.relayout(this.plot, { "scene.camera": this.#camera() }).then(() => (this.turned = false));
  }

  // Once the reader has turned the scene, its camera stays whatever the landscape.
  #camera() {
    if (this.turned) return this.plot._fullLayout.scene._scene.getCamera();
    return fittingCamera(this.bounds, this.plot.clientWidth / (this.plot.clientHeight || 1));
  }

  resize() {
    if (this.ready && this.plot.clientWidth) this.Plotly.Plots.resize(this.plot);
  }

  destroy() {
    if (this.Plotly) this.Plotly.purge(this.plot);
    this.ready = false;
  }

  // Plotly finds what the mouse is over by drawing the scene a second time; clicks here are found by a ray instead.
  #forgoPicking() {
    for (const object of this.plot._fullLayout?.scene?._scene?.glplot?.objects ?? []) object.drawPick = nothing;
  }

  #say(sentence) {
    this.ready = false;
    set(this.element, { role: null });
    this.element.replaceChildren(html("p", { class: "missing", role: "status" }, sentence));
  }

  #traces(film, frame) {
    const { theme, surface, bounds } = this;
    const fixed = { hoverinfo: "skip", showlegend: false };
    const still = {
      type: "surface", ...surface, ...fixed, colorscale: plotlyScale(theme), showscale: false,
      cmin: bounds.z[0], cmax: Math.min(this.field.high, bounds.z[1]),
      contours: Object.fromEntries(["x", "y", "z"].map((a) => [a, { highlight: false }])),
      lighting: { ambient: 0.62, diffuse: 0.62, specular: 0.06, roughness: 0.9, fresnel: 0.02 },
      lightposition: { x: -2000, y: 1000, z: 8000 },
    };
    const { i, j, k, stripe } = this.#mesh;
    const ball = {
      type: "mesh3d", ...fixed, i, j, k, intensity: stripe, intensitymode: "cell", showscale: false,
      colorscale: [[0, theme.ball], [1, theme.stripe]], cmin: 0, cmax: 1,
      lighting: { ambient: 0.62, diffuse: 0.75, specular: 0.25, roughness: 0.4, fresnel: 0.1 },
      lightposition: { x: -2000, y: 1000, z: 8000 },
    };
    const line = (color, width, dash) => ({ type: "scatter3d", mode: "lines", ...fixed, line: { color, width, dash } });
    const dot = (color, size, symbol, edge) => ({
      type: "scatter3d", mode: "markers", ...fixed, marker: { color, size, symbol, line: { color: edge, width: 1 } },
    });
    const moving = [
      ball,
      line(theme.ball, 7, "solid"),
      line(theme.center, 3, "dash"),
      dot(theme.contact, 5, "circle", theme.stripe),
      dot(theme.text, 9, "circle-open", theme.text),
      ...film.points.flatMap((_, n) => [
        line(pointColor(theme, n), 6, DASHES[n % DASHES.length]),
        dot(pointColor(theme, n), 7, SYMBOLS[n % SYMBOLS.length], theme.casing),
      ]),
    ];
    const places = this.#moving(frame);
    return [still, ...moving.map((trace, n) => ({ ...trace, ...places[n] }))].map((trace, n) => ({ ...trace, uid: `view${n}` }));
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
      ...points.flatMap((point) => [this.#lifted(point.contacts, 0, step), this.#lifted(point.contacts, step, step)]),
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

  #layout() {
    const { theme, bounds } = this;
    const axis = (title, range) => ({
      title: { text: title, font: { size: 12, color: theme.faint } }, range, autorange: false, nticks: 4, tickangle: 0,
      tickfont: { size: 10, color: theme.faint }, color: theme.faint, showgrid: false, zeroline: false,
      showbackground: false, showspikes: false, linecolor: theme.line, linewidth: 1, ticks: "outside", ticklen: 3,
      tickcolor: theme.line,
    });
    return {
      autosize: true, margin: { l: 0, r: 0, t: 0, b: 0 }, hovermode: false, uirevision: "keep", showlegend: false,
      paper_bgcolor: theme.background, font: { family: theme.font, color: theme.text },
      scene: {
        // Not "data": with set ranges Plotly takes the ratio from the data, and the ball would not be round.
        aspectmode: "manual", aspectratio: boxRatio(bounds), uirevision: "keep", bgcolor: theme.background, hovermode: false, dragmode: "turntable",
        xaxis: axis("x", bounds.x), yaxis: axis("y", bounds.y), zaxis: axis("λf", bounds.z),
        camera: this.#camera(),
      },
    };
  }

  // A click that is not a drag places the start. The wheel zooms only after a press in the scene: else the page scrolls.
  #listen() {
    let down = null;
    this.element.addEventListener("pointerdown", (event) => {
      this.#wheelZooms = true;
      down = { x: event.clientX, y: event.clientY, time: event.timeStamp };
    }, true);
    this.element.addEventListener("pointerleave", () => (this.#wheelZooms = false));
    this.element.addEventListener("wheel", (event) => {
      if (!this.#wheelZooms && !event.ctrlKey) event.stopPropagation();
    }, { capture: true, passive: true });
    this.element.addEventListener("pointerup", (event) => {
      const still = down && Math.hypot(event.clientX - down.x, event.clientY - down.y) < CLICK_MOVE;
      if (still && event.button === 0 && event.timeStamp - down.time < CLICK_TIME) this.#pick(event);
      down = null;
    }, true);
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

// What draws WebGL here, or '' where nothing does.
function renderer() {
  const gl = document.createElement("canvas").getContext("webgl");
  if (!gl) return "";
  const detail = gl.getExtension("WEBGL_debug_renderer_info");
  const name = gl.getParameter(detail ? detail.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return String(name) || "unknown";
}

// A processor that draws instead of a graphics card is spared the finer pixels.
const pixelRatio = () => (/swiftshader|llvmpipe|software/i.test(renderer()) ? 1 : Math.min(2, window.devicePixelRatio || 1));

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
  return (1 - t) * ((1 - s) * z[j][i] + s * z[j][i + 1]) + t * ((1 - s) * z[j + 1][i] + s * z[j + 1][i + 1]);
}

// A box that holds the landscape and the balls, but no taller than the domain is wide: beyond, the scene is a needle.
function sceneBounds(film, field) {
  const across = Math.max(field.x.at(-1) - field.x[0], field.y.at(-1) - field.y[0]);
  const box = { x: [field.x[0], field.x.at(-1)], y: [field.y[0], field.y.at(-1)], z: [field.low, field.high] };
  const room = 0.2 * across;
  film.radii.forEach((radius, r) => {
    for (let t = 0; t < film.frames; t++) {
      const n = 3 * (r * film.frames + t);
      ["x", "y", "z"].forEach((axis, k) => {
        const c = film.centers[n + k];
        if (c - radius < box[axis][0]) box[axis][0] = c - radius;
        if (c + radius > box[axis][1]) box[axis][1] = c + radius;
      });
    }
  });
  const keep = ([low, high], least, most) => [Math.max(low, least - room), Math.min(high, most + room)];
  return {
    x: keep(box.x, field.x[0], field.x.at(-1)),
    y: keep(box.y, field.y[0], field.y.at(-1)),
    z: [box.z[0], Math.min(box.z[1], box.z[0] + 1.2 * across)],
  };
}
