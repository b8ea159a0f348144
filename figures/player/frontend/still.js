// A landscape that stands still is drawn once: its picture and its depths are kept in two textures, and put back each
// frame until the camera, the size or the surface changes. For a processor that draws WebGL, the 98 304 vertices of the
// landscape with their light are nine tenths of the work of a frame. The kept picture is finer than the view, so that
// its edges stay smooth.

const FINER = 2;

const VERTEX = `
attribute vec2 place;
varying highp vec2 at;
void main() { at = 0.5 * (place + 1.0); gl_Position = vec4(place, 0.0, 1.0); }`;

const FRAGMENT = `
#extension GL_EXT_frag_depth : require
precision highp float;
varying highp vec2 at;
uniform sampler2D picture;
uniform highp sampler2D depths;
void main() {
  float depth = texture2D(depths, at).r;
  if (depth == 1.0) discard;
  gl_FragDepthEXT = depth;
  gl_FragColor = texture2D(picture, at);
}`;

// Make a drawn object of Plotly's scene (`draw({model, view, projection})`, `dirty`) keep its picture.
export function keepStill(gl, object) {
  const needs = ["WEBGL_depth_texture", "EXT_frag_depth", "OES_vertex_array_object"];
  if (!needs.every((name) => gl.getExtension(name))) return;
  const paint = makePainter(gl);
  const draw = object.draw.bind(object);
  let seen = null; // the view of the last frame
  let kept = null; // the picture of that view
  object.draw = (view) => {
    const now = [gl.drawingBufferWidth, gl.drawingBufferHeight, ...view.model, ...view.view, ...view.projection];
    const same = !object.dirty && seen?.every((value, k) => value === now[k]);
    seen = now;
    if (!same) {
      kept = release(gl, kept);
      return draw(view);
    }
    kept ??= record(gl, () => draw(view));
    if (kept.complete) paint(kept);
    else draw(view);
  };
}

function record(gl, draw) {
  const [width, height] = [FINER * gl.drawingBufferWidth, FINER * gl.drawingBufferHeight];
  const before = gl.getParameter(gl.FRAMEBUFFER_BINDING);
  const view = gl.getParameter(gl.VIEWPORT);
  const picture = texture(gl, gl.RGBA, gl.UNSIGNED_BYTE, width, height, gl.LINEAR);
  const depths = texture(gl, gl.DEPTH_COMPONENT, gl.UNSIGNED_INT, width, height, gl.NEAREST);
  const buffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, buffer);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, picture, 0);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.TEXTURE_2D, depths, 0);
  gl.viewport(0, 0, width, height);
  gl.clearColor(0, 0, 0, 0);
  gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  const complete = gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE;
  if (complete) draw();
  gl.bindFramebuffer(gl.FRAMEBUFFER, before);
  gl.viewport(...view);
  return { buffer, picture, depths, complete };
}

function texture(gl, format, type, width, height, filter) {
  const made = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0);
  gl.bindTexture(gl.TEXTURE_2D, made);
  gl.texImage2D(gl.TEXTURE_2D, 0, format, width, height, 0, format, type, null);
  for (const use of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, use, filter);
  for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, wrap, gl.CLAMP_TO_EDGE);
  return made;
}

function release(gl, kept) {
  if (!kept) return null;
  gl.deleteFramebuffer(kept.buffer);
  gl.deleteTexture(kept.picture);
  gl.deleteTexture(kept.depths);
  return null;
}

// Puts a kept picture with its depths where the scene is being drawn, as one triangle over the whole view.
function makePainter(gl) {
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, source.trim());
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.bindAttribLocation(program, 0, "place");
  gl.linkProgram(program);
  const triangle = bigTriangle(gl);
  const uniforms = ["picture", "depths"].map((name) => gl.getUniformLocation(program, name));
  return ({ picture, depths }) => {
    gl.useProgram(program);
    [picture, depths].forEach((image, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, image);
      gl.uniform1i(uniforms[unit], unit);
    });
    triangle();
    gl.activeTexture(gl.TEXTURE0);
  };
}

// It has an array object of its own: attributes that others left enabled would stop it.
function bigTriangle(gl) {
  const arrays = gl.getExtension("OES_vertex_array_object");
  const own = arrays.createVertexArrayOES();
  arrays.bindVertexArrayOES(own);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  arrays.bindVertexArrayOES(null);
  return () => {
    arrays.bindVertexArrayOES(own);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    arrays.bindVertexArrayOES(null);
  };
}
