// Elements by name, attributes and children. Text goes in as text nodes: nothing is ever parsed as markup.

const SVG = "http://www.w3.org/2000/svg";

export const html = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
export const svg = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

function fill(element, attributes, children) {
  set(element, attributes);
  element.append(...children);
  return element;
}

// A number that is not finite goes out of sight: a run may diverge.
export function set(element, attributes = {}) {
  for (const [name, value] of Object.entries(attributes))
    if (value === null || value === false) element.removeAttribute(name);
    else if (typeof value === "number") element.setAttribute(name, seen(value));
    else element.setAttribute(name, value === true ? "" : value);
  return element;
}

const FAR = 1e5; // pixels

function seen(value) {
  return Number.isFinite(value) ? Math.round(100 * Math.max(-FAR, Math.min(FAR, value))) / 100 : -FAR;
}

export const moved = (x, y) => `translate(${seen(x)} ${seen(y)})`;

// Path data through points (x_k, y_k); a gap where a coordinate is not finite.
export function pathData(count, x, y) {
  let data = "";
  let pen = "M";
  for (let k = 0; k < count; k++) {
    const px = x(k);
    const py = y(k);
    if (!(Math.abs(px) < FAR && Math.abs(py) < FAR)) {
      pen = "M";
      continue;
    }
    data += `${pen}${px.toFixed(1)} ${py.toFixed(1)}`;
    pen = "L";
  }
  return data;
}

const LETTER = 11; // pixels, as style.css has it

// How much larger than usual the letters in a drawing are: a presentation writes large.
export function letters(layer) {
  const probe = layer.appendChild(svg("text", {}));
  const size = parseFloat(getComputedStyle(probe).fontSize) || LETTER;
  probe.remove();
  return size / LETTER;
}

// The place of a view; its words come once it is drawn.
export const stage = () => html("div", { class: "stage", role: "img", "aria-label": "A view that is not drawn yet" });
