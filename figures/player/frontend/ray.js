// Where the ray through a pixel of the 3-D scene first meets the landscape.

const STEPS = 600;

// Point (x, y) of the field under a pixel, or null. `toClip` is the column-major 4x4 matrix from data to clip space,
// (px, py) the pixel in [-1, 1]² with y upwards.
export function landscapeUnder(field, toClip, px, py) {
  const inverse = invert(toClip);
  if (!inverse) return null;
  const near = unproject(inverse, px, py, -1);
  const far = unproject(inverse, px, py, 1);
  const point = (s) => near.map((v, k) => v + (far[k] - v) * s);
  const above = (s) => {
    const [x, y, z] = point(s);
    return z - field.at(x, y);
  };
  const [enter, leave] = crossing(near, far, field);
  let before = enter;
  for (let n = 1; n <= STEPS; n++) {
    const s = enter + ((leave - enter) * n) / STEPS;
    if (above(before) >= 0 && above(s) < 0) return point(bisect(above, before, s)).slice(0, 2);
    before = s;
  }
  return null;
}

// The part of the ray above or below the domain, as shares of near to far.
function crossing(near, far, { x, y }) {
  let [enter, leave] = [0, 1];
  [x, y].forEach((axis, k) => {
    const at = (edge) => (edge - near[k]) / (far[k] - near[k]);
    const [a, b] = [at(axis[0]), at(axis[axis.length - 1])].sort((p, q) => p - q);
    [enter, leave] = [Math.max(enter, a), Math.min(leave, b)];
  });
  return [enter + 1e-9, leave - 1e-9];
}

function bisect(f, positive, negative) {
  for (let n = 0; n < 30; n++) {
    const middle = (positive + negative) / 2;
    if (f(middle) >= 0) positive = middle;
    else negative = middle;
  }
  return (positive + negative) / 2;
}

function unproject(inverse, x, y, z) {
  const row = (k) => inverse[k] * x + inverse[4 + k] * y + inverse[8 + k] * z + inverse[12 + k];
  const w = row(3);
  return [row(0) / w, row(1) / w, row(2) / w];
}

export function multiply(a, b) {
  return Array.from({ length: 16 }, (_, n) => {
    const [column, row] = [n >> 2, n & 3];
    return [0, 1, 2, 3].reduce((sum, k) => sum + a[4 * k + row] * b[4 * column + k], 0);
  });
}

// Gauss-Jordan with pivoting; null where the matrix has no inverse.
function invert(matrix) {
  const four = [0, 1, 2, 3];
  const rows = four.map((r) => [...four.map((c) => matrix[4 * c + r]), ...four.map((c) => Number(c === r))]);
  for (let c = 0; c < 4; c++) {
    const larger = (p, r) => (Math.abs(rows[r][c]) > Math.abs(rows[p][c]) ? r : p);
    const pivot = four.slice(c).reduce(larger);
    if (!rows[pivot][c]) return null;
    [rows[c], rows[pivot]] = [rows[pivot], rows[c]];
    rows[c] = rows[c].map((v) => v / rows[c][c]);
    for (let r = 0; r < 4; r++) if (r !== c) rows[r] = rows[r].map((v, k) => v - rows[r][c] * rows[c][k]);
  }
  return Array.from({ length: 16 }, (_, n) => rows[n & 3][4 + (n >> 2)]);
}
