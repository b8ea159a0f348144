// The camera that shows the whole box of the scene, from a side that shows most of the run.

import { boxRatio } from "./box.js";

const ACROSS = [-0.5, -0.72]; // from the centre to the eye
const TILTS = [0.48, 1.1]; // how far above; the second looks down into narrow valleys
const TURNS = [0, 90, -90, 180]; // degrees by which it may stand elsewhere, the likeliest first
const SPARE = 1; // point that may be hidden where another side shows it
const LOOKS = 96; // places at which a line of sight is compared with the ground
const OUT = TILTS.flatMap((tilt) => TURNS.map((turn) => looking(tilt, turn))); // the usual direction comes first
const HALF_FIELD = Math.tan(Math.PI / 8); // Plotly's camera opens 45 degrees upwards
const FILLED = { tall: 0.9, wide: 0.76 }; // share of the view that the box may fill; the rest is for the axes' labels

// Plotly's `scene.camera` for a box {x, y, z} of [low, high] in a view of the given width over height. It looks at
// that point of the box's vertical axis for which the box fills the height of the view best.
export function fittingCamera(box, widthOverHeight, out = OUT[0]) {
  const ratio = boxRatio(box);
  const half = [ratio.x / 2, ratio.y / 2, ratio.z / 2];
  const heights = Array.from({ length: 41 }, (_, n) => half[2] * (n / 10 - 2));
  const needs = heights.map((height) => distanceTo(half, height, out, Infinity));
  const height = heights[needs.indexOf(Math.min(...needs))];
  const [x, y, z] = out.map((v) => v * distanceTo(half, height, out, widthOverHeight));
  return { eye: { x, y, z: z + height }, center: { x: 0, y: 0, z: height }, up: { x: 0, y: 0, z: 1 } };
}

// The direction to the eye from which most of some points [x, y, z] are in view over the field, whose ground is cut
// off at the height `top`: the present one or else the usual one, unless another shows clearly more.
export function clearestSide(field, top, points, present) {
  const sides = present ? [present, ...OUT] : OUT;
  const seen = sides.map((out) => points.filter((point) => inView(field, top, point, out)).length);
  return sides[seen.findIndex((count) => count >= Math.max(...seen) - SPARE)];
}

function looking(tilt, degrees) {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return unit([c * ACROSS[0] - s * ACROSS[1], s * ACROSS[0] + c * ACROSS[1], tilt]);
}

// Whether no ground stands between a point and a far eye.
function inView(field, top, [x, y, z], [dx, dy, dz]) {
  const stride = Math.hypot(field.x.at(-1) - field.x[0], field.y.at(-1) - field.y[0]) / Math.hypot(dx, dy) / LOOKS;
  for (let n = 1; n <= LOOKS; n++) {
    const way = n * stride;
    const ground = field.at(x + way * dx, y + way * dy); // NaN beside it
    if (Math.min(ground, top) > z + way * dz) return false;
  }
  return true;
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

function unit(a) {
  const length = Math.hypot(...a);
  return a.map((v) => v / length);
}
