// Whether and by what WebGL is drawn here.

let drawer = null;

// What draws WebGL here, or '' where nothing does.
export function renderer() {
  return (drawer ??= askRenderer());
}

function askRenderer() {
  const gl = document.createElement("canvas").getContext("webgl");
  if (!gl) return "";
  const detail = gl.getExtension("WEBGL_debug_renderer_info");
  const name = gl.getParameter(detail ? detail.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return String(name) || "unknown";
}

// Whether a processor draws instead of a graphics card.
export const drawnBySoftware = () => /swiftshader|llvmpipe|software|basic render/i.test(renderer());

// The processor is spared the finer pixels of a fine screen.
export const pixelRatio = () => (drawnBySoftware() ? 1 : Math.min(2, window.devicePixelRatio || 1));
