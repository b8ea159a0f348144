// Paths of SVG along the grid: curves, the stretches where something holds, and the pockets between two curves.

import { pathData } from "../elements.js";

// Runs [from, to] (inclusive) of indices between `first` and `last` at which holds(k).
export function runs(first, last, holds) {
  const out = [];
  for (let k = first; k <= last; k++) {
    if (!holds(k)) continue;
    if (out.length && out.at(-1)[1] === k - 1) out.at(-1)[1] = k;
    else out.push([k, k]);
  }
  return out;
}

export const curve = ([first, last], x, y) => pathData(last - first + 1, (k) => x(first + k), (k) => y(first + k));

// The stretches as one path; a single point gets a short stroke of its own, or it would not be seen.
export function stretches(spans, x, y) {
  return spans
    .map((span) => (span[0] === span[1] ? `M${x(span[0]).toFixed(1)} ${y(span[0]).toFixed(1)}h0.1` : curve(span, x, y)))
    .join("");
}

// The areas between a lower and an upper curve, from the neighbours of each span at which they meet.
export function pocketsBetween(spans, [first, last], x, lower, upper) {
  return spans
    .map(([from, to]) => {
      const [a, b] = [Math.max(first, from - 1), Math.min(last, to + 1)];
      const back = (k) => b - k;
      const along = curve([a, b], x, lower);
      return `${along}${pathData(b - a + 1, (k) => x(back(k)), (k) => upper(back(k))).replace("M", "L")}Z`;
    })
    .join("");
}
