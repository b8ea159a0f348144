// The camera that shows the whole box of the scene, from a fixed direction.

import { boxRatio } from "./box.js";

const DIRECTION = [-0.5, -0.72, 0.48]; // from the centre to the eye
const HALF_FIELD = Math.tan(Math.PI / 8); // Plotly's camera opens 45 degrees upwards
const FILLED = { tall: 0.9, wide: 0.76 }; // share of the view that the box may fill; the rest is for the axes' labels

// Plotly's `scene.camera` for a box {x, y, z} of [low, high] in a view of the given width over height. It looks at
// that point of the box's vertical axis for which the box fills the height of the view best.
export function fittingCamera(box, widthOverHeight) {
  const ratio = boxRatio(box);
  const half = [ratio.x / 2, ratio.y / 2, ratio.z / 2];
  const out = unit(DIRECTION);
  const heights = Array.from({ length: 41 }, (_, n) => half[2] * (n / 10 - 2));
  const needs = heights.map((height) => distanceTo(half, height, out, Infinity));
  const height = heights[needs.indexOf(Math.min(...needs))];
  const [x, y, z] = out.map((v) => v * distanceTo(half, height, out, widthOverHeight));
  return { eye: { x, y, z: z + height }, center: { x: 0, y: 0, z: height }, up: { x: 0, y: 0, z: 1 } };
}

// From how far all corners of the box are in view when the camera looks at height z.
function distanceTo(half, z, out, widthOverHeight) {
  const right = unit(cross([0, 0, 1], out));
  const up = cross(out, right);
  const needs = corners(half).map(([a, b, c]) => {
    const corner = [a, b, c - z];
    const tall = Math.abs(dot(corner, up)) / (HALF_FIELD * FILLED.tall);
    const wide = Math.abs(dot(corner, right)) / (HALF_FIELD * FILLED.wide * widthOverHeight);
    return dot(corner, out) + Math.max(tall, wide);
  });
  return Math.max(...needs);
}

const SIDES = [-1, 1];
const corners = ([a, b, c]) => SIDES.flatMap((i) => SIDES.flatMap((j) => SIDES.map((k) => [i * a, j * b, k * c])));
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = (a) => a.map((v) => v / Math.sqrt(dot(a, a)));
