// The heights λf between the grid points: Catmull-Rom (bicubic) inside, NaN outside the domain.

const TAIL = 0.02; // of the heights at either end, that may belong to poles
const POLE = 0.6; // widths of the domain: what falls so far within that share is a pole

export class Field {
  // `low` and `high`: the heights worth showing, all of them where there is no pole.
  constructor({ x, y, heights, nx, ny }) {
    Object.assign(this, { x, y, heights, nx, ny });
    [this.low, this.high] = worthShowing(heights, POLE * Math.max(x.at(-1) - x[0], y.at(-1) - y[0]));
  }

  at(px, py) {
    const u = place(this.x, px);
    const v = place(this.y, py);
    if (!(u >= 0 && v >= 0 && u <= this.nx - 1 && v <= this.ny - 1)) return NaN;
    const i = Math.min(Math.floor(u), this.nx - 2);
    const j = Math.min(Math.floor(v), this.ny - 2);
    const inner = i > 0 && j > 0 && i < this.nx - 2 && j < this.ny - 2;
    const cubic = inner ? this.#cubic(i, j, u - i, v - j) : NaN;
    return Number.isNaN(cubic) ? this.#linear(i, j, u - i, v - j) : cubic;
  }

  #linear(i, j, s, t) {
    const z = this.heights;
    const a = j * this.nx + i;
    const b = a + this.nx;
    return (1 - t) * ((1 - s) * z[a] + s * z[a + 1]) + t * ((1 - s) * z[b] + s * z[b + 1]);
  }

  #cubic(i, j, s, t) {
    const z = this.heights;
    const row = (k) => {
      const a = (j + k) * this.nx + i;
      return catmullRom(z[a - 1], z[a], z[a + 1], z[a + 2], s);
    };
    return catmullRom(row(-1), row(0), row(1), row(2), t);
  }

  // About n points a side, as rows z[j][i]; a side keeps its own points where n - 1 divides it.
  resample(n) {
    const x = spread(this.x, n);
    const y = spread(this.y, n);
    const z = y.map((py) => Float32Array.from(x, (px) => this.at(px, py)));
    return { x, y, z };
  }
}

// All heights, or without their tails where the lower one is deeper than `pole`.
function worthShowing(heights, pole) {
  const [low, high] = extent(heights);
  if (!(high - low > pole)) return [low, high];
  const sorted = Float32Array.from(heights.filter(Number.isFinite)).sort();
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  return at(TAIL) - low > pole ? [at(TAIL), at(1 - TAIL)] : [low, high];
}

function catmullRom(a, b, c, d, s) {
  return b + 0.5 * s * (c - a + s * (2 * a - 5 * b + 4 * c - d + s * (3 * (b - c) + d - a)));
}

// Position of p on an increasing axis, in fractional indices; outside it is extrapolated.
function place(axis, p) {
  const n = axis.length;
  let i = Math.floor(((p - axis[0]) / (axis[n - 1] - axis[0])) * (n - 1));
  i = Math.max(0, Math.min(n - 2, i));
  while (i < n - 2 && axis[i + 1] < p) i++;
  while (i > 0 && axis[i] > p) i--;
  return i + (p - axis[i]) / (axis[i + 1] - axis[i]);
}

function spread(axis, n) {
  const low = axis[0];
  const high = axis[axis.length - 1];
  return Array.from({ length: n }, (_, i) => (i === n - 1 ? high : low + ((high - low) * i) / (n - 1)));
}

export function extent(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high && v < Infinity) high = v;
  }
  return low <= high ? [low, high] : [0, 1];
}
