// The records of encoding.py, the family and a lone radius beside it, as one family of layers by growing radius.

import { asFilm, restoreHeights } from "../decode.js";

// `parts`: blocks {surfaces, film}, each {header, arrays} (a film may be missing). What the family `before` has
// restored of the same blocks is taken over.
export class Family {
  constructor(parts, before) {
    const [first] = parts;
    const { x, y, heights, slopes } = first.surfaces.arrays;
    Object.assign(this, { x, y, heights, slopes, kind: first.surfaces.header.kind });
    this.title = first.surfaces.header.title;
    this.lossScale = first.surfaces.header.lossScale;
    this.heightName = this.lossScale === 1 ? "f" : "λf";
    this.landscape = first.surfaces.header.landscape;
    this.nx = x.length;
    this.ny = y?.length ?? 1;
    this.restored = new Map();
    const once = (name, make) => {
      this.restored.set(name, before?.restored.get(name) ?? make());
      return this.restored.get(name);
    };
    this.films = parts.map(({ film }) => film && once(film.header.identity, () => asFilm(film)));
    const every = parts.flatMap(({ surfaces }, part) =>
      Array.from(surfaces.arrays.radii, (radius, r) => ({ radius, r, part, surfaces, name: `${surfaces.header.identity}/${r}` })),
    );
    this.sources = every.sort((a, b) => a.radius - b.radius);
    this.radii = Float32Array.from(this.sources, ({ radius }) => radius);
    for (const { name } of this.sources) if (before?.restored.has(name)) once(name);
  }

  // Whether another family shows other radii of the same landscape, with the same methods beside the ball.
  isOf(other) {
    const methods = (family) => family.films.map((film) => film && film.identity);
    const same = (name) => this[name] === other[name];
    return same("kind") && same("landscape") && methods(this)[0] === methods(other)[0];
  }

  // The layer of a radius index, restored when it is first asked for.
  layer(index) {
    const source = this.sources[index];
    if (!this.restored.has(source.name)) this.restored.set(source.name, this.#restore(source));
    return this.restored.get(source.name);
  }

  #restore({ radius, r, surfaces: { header, arrays } }) {
    const over = (name) => {
      const lift = restoreHeights(arrays[name], header.lifts[name]);
      return lift.map((value, n) => value + this.heights[n]);
    };
    const reached = arrays[`reachable/${r}`];
    const reachable = Uint8Array.from(this.heights, (_, n) => (reached[n >> 3] >> (n & 7)) & 1);
    return {
      radius, reachable,
      centers: over(`centers/${r}`),
      ironed: over(`ironed/${r}`),
      touch: arrays[`touch/${r}`],
      turns: arrays[`turns/${r}`],
      note: header.notes[r],
      away: 1 - reachable.reduce((sum, one) => sum + one, 0) / reachable.length, // share out of reach
    };
  }

  // The film that has the ball of a radius index, and its index there; null without a film.
  filmOf(index) {
    const { part, radius } = this.sources[index];
    const film = this.films[part];
    if (!film) return null;
    let best = 0;
    film.radii.forEach((value, r) => Math.abs(value - radius) < Math.abs(film.radii[best] - radius) && (best = r));
    return { film, index: best };
  }
}
