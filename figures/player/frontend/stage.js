// A 3-D scene of Plotly in which a box has the same unit on all axes: drawn once, then changed in the scene object.
//
// Plotly's public calls re-process every trace for each frame (41-55 ms of JavaScript). What moves is therefore
// updated in the scene object itself; where that private path is missing, `Plotly.restyle` does the same, slower.

import { boxRatio } from "./box.js";
import { fittingCamera } from "./camera.js";
import { html, set } from "./elements.js";
import { loadPlotly } from "./plotly.js";
import { onPress, scrollUnlessPressed } from "./press.js";
import { landscapeUnder, multiply } from "./ray.js";
import { keepStill } from "./still.js";
import { sceneLayout } from "./traces.js";
import { drawnBySoftware, pixelRatio, renderer } from "./webgl.js";

const WIDEN = 90; // ms that a scrub rests before the box is fitted to the ball: Plotly is slow at it
const NEARER = 1e-4; // of the depth of the scene, about two of its hundredths
const NO_WEBGL = "This browser shows no WebGL, so the 3-D scene is left out. The other views work.";

export class Stage {
  #spared = new WeakSet();

  // onPick(start) is called with the point x, y of `this.field` that the reader clicks. `still`: trace 0 is a
  // landscape that nothing is drawn upon so closely that the finer picture kept of it would flicker there.
  constructor(element, onPick, still = true) {
    this.element = element;
    this.still = still;
    this.ready = false;
    this.plot = html("div", { class: "plot" });
    element.append(this.plot);
    onPress(element, (event) => {
      const start = this.#placeOf(event);
      if (start) onPick(start);
    });
    scrollUnlessPressed(element);
  }

  // Whether there is WebGL to draw with; where there is none, the reader is told.
  canDraw() {
    if (!this.plot.isConnected) this.element.replaceChildren(this.plot);
    clearTimeout(this.widening);
    if (renderer()) return true;
    this.#say(NO_WEBGL);
    return false;
  }

  // Draw what `makeTraces()` returns in `box`; the traces are named view0, view1 ... in their order.
  async draw(plotlyUrl, box, theme, heightName, makeTraces) {
    this.box = box;
    try {
      this.Plotly = await loadPlotly(plotlyUrl);
      const traces = makeTraces().map((trace, n) => ({ ...trace, uid: `view${n}` }));
      const config = { displayModeBar: false, plotGlPixelRatio: pixelRatio(), responsive: false };
      const letters = parseFloat(getComputedStyle(this.element).getPropertyValue("--letters")) || 1;
      const layout = sceneLayout(theme, this.box, this.#camera(), heightName, letters);
      await this.Plotly.react(this.plot, traces, layout, config);
    } catch (error) {
      return this.#say(`The 3-D scene could not be drawn: ${error.message}`);
    }
    if (this.turned === undefined) this.#watchCamera();
    this.ready = true;
    this.spareDrawing();
  }

  #watchCamera() {
    this.turned = false;
    this.plot.on("plotly_relayout", (change) => (this.turned ||= "scene.camera" in change));
  }

  // What Plotly's scene drew for trace k, or undefined.
  drawn(k) {
    return this.plot._fullLayout?.scene?._scene?.traces?.[this.plot._fullData[k].uid];
  }

  // The numbers of trace k, so that a later react or resize starts from them.
  remember(k, position) {
    Object.assign(this.plot.data[k], position);
    const full = Object.assign(this.plot._fullData[k], position);
    if (full.type === "scatter3d") full._length = position.x.length;
    return full;
  }

  // Give trace k its new coordinates {x, y, z}.
  move(k, position) {
    const object = this.drawn(k);
    if (object?.update) object.update(this.remember(k, position));
    else this.Plotly.restyle(this.plot, { x: [position.x], y: [position.y], z: [position.z] }, [k]);
  }

  // Another box, once a scrub rests.
  fitBox(box) {
    clearTimeout(this.widening);
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
      this.spareDrawing();
    });
  }

  resetCamera() {
    if (!this.ready) return;
    this.turned = false;
    this.#relayout({ "scene.camera": this.#camera() });
  }

  // Once the reader has turned the scene, its camera stays whatever the landscape.
  #camera() {
    if (this.turned) return this.plot._fullLayout.scene._scene.getCamera();
    return fittingCamera(this.box, this.plot.clientWidth / (this.plot.clientHeight || 1), this.side);
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
  // And it draws a still landscape anew each frame, though only the ball moves.
  spareDrawing() {
    const scene = this.plot._fullLayout?.scene?._scene;
    for (const object of scene?.glplot?.objects ?? []) object.drawPick = nothing;
    this.#raiseSymbols(scene);
    const surface = scene?.traces?.view0?.surface;
    if (!this.still || !surface || this.#spared.has(surface) || !drawnBySoftware()) return;
    this.#spared.add(surface);
    keepStill(scene.glplot.gl, surface);
  }

  // A symbol faces the reader: half of it would sink into the slope on which it lies. The contact stays below the ball.
  #raiseSymbols(scene) {
    for (const { data, scatterPlot } of Object.values(scene?.traces ?? {})) {
      if (!scatterPlot || data.marker.symbol === "circle" || this.#spared.has(scatterPlot)) continue;
      this.#spared.add(scatterPlot);
      raise(scene.glplot.gl, scatterPlot);
    }
  }

  #say(sentence) {
    this.ready = false;
    set(this.element, { role: null });
    this.element.replaceChildren(html("p", { class: "missing", role: "status" }, sentence));
  }

  #placeOf(event) {
    const scene = this.plot._fullLayout?.scene?._scene;
    if (!this.ready || !scene?.glplot?.cameraParams) return null;
    const box = scene.container.getBoundingClientRect();
    const { projection, view, model } = scene.glplot.cameraParams;
    const [sx, sy, sz] = scene.dataScale;
    const toScene = [sx, 0, 0, 0, 0, sy, 0, 0, 0, 0, sz, 0, 0, 0, 0, 1];
    const toClip = multiply(projection, multiply(view, multiply(model, toScene)));
    const px = (2 * (event.clientX - box.left)) / box.width - 1;
    const py = 1 - (2 * (event.clientY - box.top)) / box.height;
    return landscapeUnder(this.field, toClip, px, py);
  }
}

const nothing = () => {};

// Draw an object of Plotly's scene a little nearer to the reader than it is.
function raise(gl, object) {
  for (const name of ["draw", "drawTransparent"]) {
    const draw = object[name].bind(object);
    object[name] = (view) => {
      gl.depthRange(0, 1 - NEARER);
      draw(view);
      gl.depthRange(0, 1);
    };
  }
}
