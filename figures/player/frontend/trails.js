// Paths in the 3-D scene, by column, and above the drawn surface.

export const LIFT = 0.006; // paths float above the drawn surface by this share of its height, or they would flicker in it

// Columns {x, y, z} raised so that they lie `lift` above a drawn grid {x, y, z[j][i]}, or above themselves.
export function lifted(surface, out, lift) {
  for (let n = 0; n < out.z.length; n++) {
    const drawn = heightOfGrid(surface, out.x[n], out.y[n]);
    out.z[n] = (drawn > out.z[n] ? drawn : out.z[n]) + lift;
  }
  return out;
}

// Frames from..to (inclusive) of an array (frames, 3), by column.
export function columns(array, from, to) {
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
