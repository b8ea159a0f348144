// The ball over a place of a relief without a path: it rests on the grid, its centre F_ρ above the place.

const NEAR = 1e-3; // of the radius: what counts as touching
const APART = 0.2; // of the radius: contacts nearer than that are one

// Where the ball of a layer with its centre over grid point (i, j) touches, and how far it is from the surface.
export function drop({ x, y, heights, nx, ny }, { radius, centers }, i, j) {
  const center = [x[i], y[j], centers[j * nx + i]];
  const points = [];
  let nearest = Infinity;
  for (let q = 0; q < ny; q++) {
    const dy = y[q] - center[1];
    if (Math.abs(dy) > radius * 1.2) continue;
    for (let p = 0; p < nx; p++) {
      const dx = x[p] - center[0];
      const dz = heights[q * nx + p] - center[2];
      const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
      nearest = Math.min(nearest, distance);
      if (distance < radius * (1 + NEAR)) points.push([distance, x[p], y[q], heights[q * nx + p]]);
    }
  }
  const contacts = [];
  const apart = (point) => contacts.every((other) => Math.hypot(...point.map((v, k) => v - other[k])) > APART * radius);
  for (const [, ...point] of points.sort((a, b) => a[0] - b[0])) if (apart(point)) contacts.push(point);
  return { center, contacts, clearance: nearest - radius };
}
