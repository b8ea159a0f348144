// A surface of Plotly's scene given other heights on the same grid, in its vertex buffer itself.
//
// Plotly's own update of a surface of 129² points takes 50 ms and more; most of the numbers (place, order of the
// vertices) stay. Ten floats a vertex: i, j, x, y, z, level, intensity, and the normal. See gl-surface3d.

const FLOATS = 10;
const CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1], [1, 0], [0, 1]]; // two triangles a cell
const [X, Z, INTENSITY, NORMAL] = [2, 4, 6, 7];

// The buffer of a grid with axes x, y: `put(surface, z, scale)` fills it and hands it to the graphics card.
export class SurfaceBuffer {
  constructor(x, y) {
    const [nx, ny] = [x.length, y.length];
    Object.assign(this, { x, y, nx, ny });
    this.data = new Float32Array((nx - 1) * (ny - 1) * CORNERS.length * FLOATS);
    this.order = new Int32Array(this.data.length / FLOATS); // point j nx + i of each vertex
    this.normals = new Float32Array(3 * nx * ny);
    let v = 0;
    for (let i = 0; i < nx - 1; i++)
      for (let j = 0; j < ny - 1; j++)
        for (const [di, dj] of CORNERS) {
          this.data[FLOATS * v] = i + di;
          this.data[FLOATS * v + 1] = j + dj;
          this.order[v++] = (j + dj) * nx + i + di;
        }
  }

  // Whether Plotly has this very grid in its buffer (it refines coarse ones, and leaves out what is not finite).
  fits(surface) {
    const { shape, _vertexCount: count, _coordinateBuffer: buffer } = surface ?? {};
    return shape?.[0] === this.nx && shape[1] === this.ny && count === this.order.length && Boolean(buffer?.update);
  }

  // `z` and `shades` (colours, or null to colour by height) by point j nx + i; `scale` from data to scene on each axis.
  put(surface, z, shades, scale) {
    const { data, order, normals, nx } = this;
    const [ox, oy, oz] = surface.objectOffset;
    const [low, high] = surface.intensityBounds;
    this.#setNormals(z, scale);
    for (let v = 0, at = 0; v < order.length; v++, at += FLOATS) {
      const n = order[v];
      const i = n % nx;
      data[at + X] = this.x[i] * scale[0] - ox;
      data[at + X + 1] = this.y[(n - i) / nx] * scale[1] - oy;
      const height = z[n] * scale[2];
      data[at + Z] = height - oz;
      data[at + INTENSITY] = ((shades ? shades[n] : height) - low) / (high - low);
      data[at + NORMAL] = normals[3 * n];
      data[at + NORMAL + 1] = normals[3 * n + 1];
      data[at + NORMAL + 2] = normals[3 * n + 2];
    }
    surface._coordinateBuffer.update(data);
    surface.dirty = true;
  }

  // (−z_x, −z_y, 1), by central differences in the scene's units.
  #setNormals(z, scale) {
    const { x, y, nx, ny, normals } = this;
    for (let j = 0, n = 0; j < ny; j++) {
      const [below, above] = [Math.max(j - 1, 0), Math.min(j + 1, ny - 1)];
      const across = scale[2] / ((y[above] - y[below]) * scale[1]);
      for (let i = 0; i < nx; i++, n++) {
        const [left, right] = [i ? i - 1 : 0, i < nx - 1 ? i + 1 : i];
        const a = ((z[j * nx + left] - z[j * nx + right]) * scale[2]) / ((x[right] - x[left]) * scale[0]);
        const b = (z[below * nx + i] - z[above * nx + i]) * across;
        const length = Math.sqrt(a * a + b * b + 1);
        normals[3 * n] = a / length;
        normals[3 * n + 1] = b / length;
        normals[3 * n + 2] = 1 / length;
      }
    }
  }
}
