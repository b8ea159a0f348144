// The camera that shows the whole box of the scene, from a fixed direction.

const DIRECTION = [-0.5, -0.72, 0.48]; // from the centre to the eye
const HALF_FIELD = Math.tan(Math.PI / 8); // Plotly's camera opens 45 degrees upwards
const FILLED = 0.9; // share of the view that the box may fill; the rest is for the axes' labels

// Plotly's `scene.aspectratio` with the same unit on all axes, of volume 1.
export function boxRatio(box) {
  const sizes = ["x", "y", "z"].map((axis) => box[axis][1] - box[axis][0]);
  const mean = Math.cbrt(sizes[0] * sizes[1] * sizes[2]);
  const [x, y, z] = sizes.map((size) => size / mean);
  return { x, y, z };
}

// Plotly's `scene.camera` for a box {x, y, z} of [low, high] in a view of the given width over height. It looks at the
// point of the box's vertical axis from which it may stand nearest.
export function fittingCamera(box, widthOverHeight) {
  const ratio = boxRatio(box);
  const half = [ratio.x / 2, ratio.y / 2, ratio.z / 2];
  const out = unit(DIRECTION);
  const tries = Array.from({ length: 41 }, (_, n) => half[2] * (n / 10 - 2));
  const distances = tries.map((z) => distanceTo(half, z, out, widthOverHeight));
  const best = distances.indexOf(Math.min(...distances));
  const [x, y, z] = out.map((v) => v * distances[best]);
  return { eye: { x, y, z: z + tries[best] }, center: { x: 0, y: 0, z: tries[best] }, up: { x: 0, y: 0, z: 1 } };
}

// From how far all corners of the box are in view when the camera looks at height z.
function distanceTo(half, z, out, widthOverHeight) {
  const right = unit(cross([0, 0, 1], out));
  const up = cross(out, right);
  const needs = corners(half).map(([a, b, c]) => {
    const corner = [a, b, c - z];
    const tall = Math.abs(dot(corner, up)) / (HALF_FIELD * FILLED);
    const wide = Math.abs(dot(corner, right)) / (HALF_FIELD * FILLED * widthOverHeight);
    return dot(corner, out) + Math.max(tall, wide);
  });
  return Math.max(...needs);
}

const corners = ([a, b, c]) => [-1, 1].flatMap((i) => [-1, 1].flatMap((j) => [-1, 1].map((k) => [i * a, j * b, k * c])));
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = (a) => a.map((v) => v / Math.sqrt(dot(a, a)));
