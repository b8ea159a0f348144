// The block of bytes of encoding.py as a film: its header, and each array as a typed array of its own type.

const TYPES = { "<f4": Float32Array, "<i4": Int32Array, "<i2": Int16Array, "|u1": Uint8Array };
const MISSING = -32768;
const QUATERNION_UNIT = 32767;

export function decode(bytes) {
  return asFilm(unpack(bytes));
}

// The header of a block, and its arrays by name.
export function unpack(bytes) {
  const block = bytes.slice(); // typed arrays need an aligned start
  const length = new DataView(block.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(block.subarray(4, 4 + length)));
  const arrays = {};
  for (const { name, dtype, shape, offset } of header.arrays) {
    const size = shape.reduce((product, n) => product * n, 1);
    arrays[name] = new TYPES[dtype](block.buffer, 4 + length + offset, size);
  }
  return { header, arrays };
}

export function asFilm({ header, arrays }) {
  const radii = arrays.radii;
  const frames = arrays.losses.length / radii.length;
  const points = header.points.map((point, k) => ({
    ...point,
    contacts: arrays[`points/${k}/contacts`],
    losses: arrays[`points/${k}/losses`],
    evaluations: arrays[`points/${k}/evaluations`],
  }));
  const heights = restoreHeights(arrays.heights, header.heights);
  return { ...header, ...arrays, heights, radii, frames, points, nx: arrays.x.length, ny: arrays.y.length };
}

// Heights from their levels and the scale of `quantise`, or as they came.
export function restoreHeights(levels, scale) {
  if (!scale) return levels;
  return Float32Array.from(levels, (q) => (q === MISSING ? NaN : scale.low + (q + QUATERNION_UNIT) * scale.unit));
}

// The path of the ball of radius index r: views into the film, nothing is copied but the quaternions.
export function ballPath(film, r) {
  const part = (array, width) => array.subarray(r * film.frames * width, (r + 1) * film.frames * width);
  return {
    radius: film.radii[r],
    end: film.ends[r],
    outcome: film.outcomes[r],
    contacts: part(film.contacts, 3),
    centers: part(film.centers, 3),
    rotations: Float32Array.from(part(film.rotations, 4), (q) => q / QUATERNION_UNIT),
    losses: part(film.losses, 1),
    clearance: part(film.clearance, 1),
    touching: part(film.touching, 1),
    evaluations: part(film.evaluations, 1),
  };
}

// A path that begins where the run starts: a ball is dropped above its start, and may touch elsewhere.
export const startOf = (path, points) => (points.length ? points[0].contacts : path.contacts);

// Index of the radius nearest to `radius` on the logarithmic scale.
export function nearestRadius(film, radius) {
  let best = 0;
  const distance = (r) => Math.abs(Math.log(film.radii[r] / radius));
  for (let r = 1; r < film.radii.length; r++) if (distance(r) < distance(best)) best = r;
  return best;
}
