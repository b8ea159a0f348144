// The direction in which the ball travels over the ground, at every frame.

const STILL = 1e-9;

// Unit vectors (dx, dy) per frame, and the sign of the ball's motion along them. A ball at rest keeps its last
// direction; before its first move it has its first one. A ball that turns back moves backwards along the same vector,
// so that the section does not flip over from frame to frame.
export function directions(path, frames) {
  const out = { along: new Float32Array(2 * frames), sign: new Int8Array(frames) };
  const scale = STILL * path.radius;
  let [dx, dy] = firstDirection(path, frames, scale);
  for (let t = 0; t < frames; t++) {
    if (t + 1 < frames) {
      const mx = path.centers[3 * t + 3] - path.centers[3 * t];
      const my = path.centers[3 * t + 4] - path.centers[3 * t + 1];
      const length = Math.hypot(mx, my);
      out.sign[t] = length > scale ? (mx * dx + my * dy < 0 ? -1 : 1) : 0;
      if (out.sign[t]) [dx, dy] = [(out.sign[t] * mx) / length, (out.sign[t] * my) / length];
    }
    out.along[2 * t] = dx;
    out.along[2 * t + 1] = dy;
  }
  return out;
}

function firstDirection({ centers, contacts }, frames, scale) {
  for (let t = 1; t < frames; t++) {
    const mx = centers[3 * t] - centers[0];
    const my = centers[3 * t + 1] - centers[1];
    const length = Math.hypot(mx, my);
    if (length > scale) return [mx / length, my / length];
  }
  // It never moves: the plane through its contact, else the first axis.
  const mx = centers[0] - contacts[0];
  const my = centers[1] - contacts[1];
  const length = Math.hypot(mx, my);
  return length > scale ? [mx / length, my / length] : [1, 0];
}
