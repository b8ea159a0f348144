// Contour lines of the heights by marching squares, as one path of SVG.

const SIDE = 160; // cells a side at most: lines finer than a pixel help nobody

export function isolines(field, levels, toX, toY) {
  const strideX = Math.max(1, Math.ceil((field.nx - 1) / SIDE));
  const strideY = Math.max(1, Math.ceil((field.ny - 1) / SIDE));
  const segments = [];
  for (let j = 0; j + strideY < field.ny; j += strideY)
    for (let i = 0; i + strideX < field.nx; i += strideX) cell(field, i, j, strideX, strideY, levels, segments);
  return segments
    .map(([a, b, c, d]) => `M${toX(a).toFixed(1)} ${toY(b).toFixed(1)}L${toX(c).toFixed(1)} ${toY(d).toFixed(1)}`)
    .join("");
}

function cell({ x, y, heights, nx }, i, j, di, dj, levels, segments) {
  const corner = (p, q) => [x[p], y[q], heights[q * nx + p]];
  const corners = [corner(i, j), corner(i + di, j), corner(i + di, j + dj), corner(i, j + dj)];
  const low = Math.min(...corners.map((c) => c[2]));
  const high = Math.max(...corners.map((c) => c[2]));
  if (Number.isNaN(low + high)) return;
  for (const level of levels) {
    if (level <= low || level > high) continue;
    const cuts = [];
    for (let e = 0; e < 4; e++) {
      const [a, b] = [corners[e], corners[(e + 1) % 4]];
      if (a[2] < level === b[2] < level) continue;
      const share = (level - a[2]) / (b[2] - a[2]);
      cuts.push(a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share);
    }
    for (let c = 0; c + 3 < cuts.length; c += 4) segments.push(cuts.slice(c, c + 4));
  }
}
