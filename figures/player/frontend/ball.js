// The striped ball: a unit sphere of 362 vertices, posed by its centre, radius and orientation.

const SLICES = 24;
const STACKS = 16;

// Vertices (n, 3) row after row, the triangles i, j, k, and 0 or 1 for the stripe of each.
export function unitSphere() {
  const vertices = [0, 0, 1];
  for (let a = 1; a < STACKS; a++)
    for (let b = 0; b < SLICES; b++) {
      const polar = (Math.PI * a) / STACKS;
      const turn = (2 * Math.PI * b) / SLICES;
      vertices.push(Math.sin(polar) * Math.cos(turn), Math.sin(polar) * Math.sin(turn), Math.cos(polar));
    }
  vertices.push(0, 0, -1);
  const mesh = { vertices: Float64Array.from(vertices), i: [], j: [], k: [], stripe: [] };
  const last = vertices.length / 3 - 1;
  const at = (a, b) => (a === 0 ? 0 : a === STACKS ? last : 1 + (a - 1) * SLICES + (b % SLICES));
  for (let a = 0; a < STACKS; a++)
    for (let b = 0; b < SLICES; b++) {
      if (a < STACKS - 1) addTriangle(mesh, at(a, b), at(a + 1, b), at(a + 1, b + 1), b);
      if (a > 0) addTriangle(mesh, at(a, b), at(a + 1, b + 1), at(a, b + 1), b);
    }
  return mesh;
}

function addTriangle(mesh, p, q, r, slice) {
  mesh.i.push(p);
  mesh.j.push(q);
  mesh.k.push(r);
  mesh.stripe.push(Math.floor(slice / 3) % 2);
}

// x, y, z of the vertices of a ball: centre + radius R(q) v, with R the rotation of the quaternion q = (w, x, y, z).
export function poseSphere(vertices, center, radius, [w, x, y, z], out) {
  const rotation = [
    1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
    2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
    2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
  ];
  for (let n = 0; n < vertices.length / 3; n++) {
    const [a, b, c] = [vertices[3 * n], vertices[3 * n + 1], vertices[3 * n + 2]];
    out.x[n] = center[0] + radius * (rotation[0] * a + rotation[1] * b + rotation[2] * c);
    out.y[n] = center[1] + radius * (rotation[3] * a + rotation[4] * b + rotation[5] * c);
    out.z[n] = center[2] + radius * (rotation[6] * a + rotation[7] * b + rotation[8] * c);
  }
  return out;
}
