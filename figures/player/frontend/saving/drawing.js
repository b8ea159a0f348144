// A vector drawing painted on a canvas: paths, circles, ellipses, rectangles, lines and texts with the styles that the
// page gives them. A canvas that a browser paints an SVG file on cannot be had at once, and knows none of our styles.

const SKIPPED = new Set(["defs", "clipPath", "pattern", "title", "desc"]);
const GROUPS = new Set(["svg", "g"]);

// Paint `drawing` where the pen's origin is its upper left corner, as large as it is on the page.
export function paintDrawing(pen, drawing) {
  const box = drawing.getBoundingClientRect();
  const view = drawing.viewBox.baseVal;
  pen.save();
  pen.beginPath();
  pen.rect(0, 0, box.width, box.height);
  pen.clip();
  if (view?.width) pen.scale(box.width / view.width, box.height / view.height);
  for (const child of drawing.children) paint(pen, child);
  pen.restore();
}

function paint(pen, node) {
  const style = getComputedStyle(node);
  if (SKIPPED.has(node.tagName) || style.display === "none" || style.visibility === "hidden") return;
  pen.save();
  if (style.transform !== "none") pen.transform(...parts(new DOMMatrix(style.transform)));
  clip(pen, node.ownerDocument, style.clipPath);
  pen.globalAlpha *= Number(style.opacity);
  if (GROUPS.has(node.tagName)) for (const child of node.children) paint(pen, child);
  else if (node.tagName === "text") paintText(pen, node, style);
  else paintShape(pen, node, style);
  pen.restore();
}

const parts = ({ a, b, c, d, e, f }) => [a, b, c, d, e, f];
const referred = (page, value) => page.getElementById(/url\("?#([^")]+)"?\)/.exec(value)?.[1] ?? "");

function clip(pen, page, value) {
  const shape = referred(page, value)?.firstElementChild;
  if (shape) pen.clip(shapeOf(shape));
}

function paintShape(pen, node, style) {
  const shape = shapeOf(node);
  const alpha = pen.globalAlpha;
  const fill = style.fill === "none" ? null : style.fill.startsWith("url(") ? hatching(pen, referred(node.ownerDocument, style.fill)) : style.fill;
  if (fill) {
    pen.fillStyle = fill;
    pen.globalAlpha = alpha * Number(style.fillOpacity);
    pen.fill(shape);
  }
  if (style.stroke === "none") return;
  setStroke(pen, style);
  pen.globalAlpha = alpha * Number(style.strokeOpacity);
  if (style.vectorEffect !== "non-scaling-stroke") return pen.stroke(shape);
  const flat = new Path2D();
  const to = pen.getTransform();
  flat.addPath(shape, to);
  pen.setTransform(pen.unit, 0, 0, pen.unit, 0, 0); // the pixels of the page
  const scaled = new Path2D();
  scaled.addPath(flat, new DOMMatrix().scale(1 / pen.unit));
  pen.stroke(scaled);
}

function setStroke(pen, style) {
  pen.strokeStyle = style.stroke;
  pen.lineWidth = parseFloat(style.strokeWidth);
  pen.lineCap = style.strokeLinecap;
  pen.lineJoin = style.strokeLinejoin;
  pen.setLineDash(style.strokeDasharray === "none" ? [] : style.strokeDasharray.match(/[\d.]+/g).map(Number));
}

function shapeOf(node) {
  const number = (name) => Number(node.getAttribute(name) ?? 0);
  const shape = new Path2D(node.tagName === "path" ? node.getAttribute("d") ?? "" : "");
  if (node.tagName === "circle") shape.arc(number("cx"), number("cy"), Math.max(0, number("r")), 0, 2 * Math.PI);
  if (node.tagName === "rect") shape.rect(number("x"), number("y"), number("width"), number("height"));
  if (node.tagName === "line") {
    shape.moveTo(number("x1"), number("y1"));
    shape.lineTo(number("x2"), number("y2"));
  }
  return shape;
}

function paintText(pen, node, style) {
  const [x, y] = ["x", "y"].map((name) => Number(node.getAttribute(name) ?? 0));
  pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  pen.textAlign = { middle: "center", end: "right" }[style.textAnchor] ?? "left";
  if (style.stroke !== "none") {
    setStroke(pen, style); // a margin of the background's colour, under the letters
    pen.strokeText(node.textContent, x, y);
  }
  pen.fillStyle = style.fill;
  pen.fillText(node.textContent, x, y);
}

// A pattern of parallel lines.
function hatching(pen, pattern) {
  if (!pattern) return null;
  const side = Number(pattern.getAttribute("width"));
  const tile = new OffscreenCanvas(side, side);
  const line = getComputedStyle(pattern.firstElementChild);
  const own = tile.getContext("2d");
  own.fillStyle = line.stroke;
  own.globalAlpha = Number(line.strokeOpacity);
  own.fillRect(0, 0, parseFloat(line.strokeWidth) / 2, side);
  const made = pen.createPattern(tile, "repeat");
  made.setTransform(new DOMMatrix().rotate(45));
  return made;
}
