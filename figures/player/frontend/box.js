// The box of the 3-D scene: what it holds, and the shape that Plotly gives it.

const ROOM = 0.2; // how far beside the domain a centre is followed, as a share of the domain's width
const TALLEST = 12; // of the box, in widths of the domain

// A box that holds the landscape and the family of balls, but hardly taller than the domain is wide: else it is a needle.
export function sceneBounds(film, field) {
  const across = Math.max(field.x.at(-1) - field.x[0], field.y.at(-1) - field.y[0]);
  const box = { x: [field.x[0], field.x.at(-1)], y: [field.y[0], field.y.at(-1)], z: [field.low, field.high] };
  const room = ROOM * across;
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
  const floor = Math.max(box.z[0], field.low - across); // a ball that falls into a pole is not followed
  return {
    x: keep(box.x, field.x[0], field.x.at(-1)),
    y: keep(box.y, field.y[0], field.y.at(-1)),
    z: [floor, Math.min(box.z[1], floor + 1.2 * across)],
  };
}

// The box, widened where needed so that the ball of radius index r is whole at every step (a run that leaves the
// domain for good, or falls into a pole, is not followed).
export function boundsOfBall(box, film, field, r) {
  const across = Math.max(field.x.at(-1) - field.x[0], field.y.at(-1) - field.y[0]);
  const radius = film.radii[r];
  const out = { x: [...box.x], y: [...box.y], z: [...box.z] };
  const near = (value, axis) => value >= axis[0] - ROOM * across && value <= axis.at(-1) + ROOM * across;
  const [bottom, top] = [box.z[0] - across, box.z[0] + TALLEST * across];
  for (let t = 0; t < film.frames; t++) {
    const center = film.centers.subarray(3 * (r * film.frames + t), 3 * (r * film.frames + t) + 3);
    if (!near(center[0], field.x) || !near(center[1], field.y) || !(center[2] - radius >= bottom && center[2] + radius <= top)) continue;
    ["x", "y", "z"].forEach((axis, k) => {
      out[axis][0] = Math.min(out[axis][0], center[k] - radius);
      out[axis][1] = Math.max(out[axis][1], center[k] + radius);
    });
  }
  return out;
}

// Plotly's `scene.aspectratio` with the same unit on all axes, of volume 1.
export function boxRatio(box) {
  const sizes = ["x", "y", "z"].map((axis) => box[axis][1] - box[axis][0]);
  const mean = Math.cbrt(sizes[0] * sizes[1] * sizes[2]);
  const [x, y, z] = sizes.map((size) => size / mean);
  return { x, y, z };
}
