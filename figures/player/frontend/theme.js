// One visual language: the ball is orange, gradient descent blue, further methods follow; colours that colour-blind
// readers tell apart, and never colour alone (symbols and dashes differ too). Streamlit's own theme sets the page.

const INK = {
  light: {
    ball: "#E8701A", stripe: "#FFF3DC", center: "#F2A468", contact: "#7A2E00", warn: "#B3261E",
    points: ["#0B6BCB", "#8A4FBF", "#1B8A5A", "#7A6A58"], casing: "#FFFFFF", ground: "#E9E6DF",
    ironed: "#1B8A5A", away: "#8A3FBF",
  },
  dark: {
    ball: "#FF9A4D", stripe: "#FFF1DC", center: "#D98B52", contact: "#5A2600", warn: "#FF8A80",
    points: ["#6DB3FF", "#C79BF2", "#5CCB99", "#B8A894"], casing: "#0E1117", ground: "#262B36",
    ironed: "#5CCB99", away: "#C99BFF",
  },
};

export const DASHES = ["solid", "dash", "dot", "dashdot"];
export const DASH_ARRAY = { solid: null, dash: "6 4", dot: "1.5 4", dashdot: "7 3 1.5 3" };
export const SYMBOLS = ["diamond", "square", "cross", "x"];
const SHAPES = [
  "M0-6L6 0L0 6L-6 0Z", "M-4.5-4.5H4.5V4.5H-4.5Z", "M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
  "M-5-3L-3-5L0-2L3-5L5-3L2 0L5 3L3 5L0 2L-3 5L-5 3L-2 0Z",
];

// The symbol of the k-th point method as a path around the origin: diamond, square, cross, x.
export const markShape = (k) => SHAPES[k % SHAPES.length];

const SHARED = [
  "ball", "stripe", "center", "contact", "warn", "ground", "ironed", "away", // ours
  "background", "text", "faint", "line", "panel", // from the page
];

// The theme in force at an element, and the same colours as CSS variables on it.
export function readTheme(root) {
  const style = getComputedStyle(root);
  const read = (name, fallback) => hex(style.getPropertyValue(name).trim() || fallback);
  const background = read("--st-background-color", "#ffffff");
  const text = read("--st-text-color", "#31333f");
  const dark = luminance(background) < 0.4;
  const theme = {
    dark, background, text,
    panel: read("--st-secondary-background-color", dark ? "#262730" : "#f0f2f6"),
    primary: read("--st-primary-color", "#ff4b4b"),
    faint: mix(text, background, 0.42),
    line: mix(text, background, 0.8),
    font: style.getPropertyValue("--st-font").trim() || style.fontFamily,
    ...INK[dark ? "dark" : "light"],
  };
  theme.signature = [background, text, theme.panel, theme.font].join("|");
  for (const name of SHARED) root.style.setProperty(`--${name}`, theme[name]);
  theme.points.forEach((color, k) => root.style.setProperty(`--point-${k}`, color));
  root.classList.toggle("dark", dark);
  return theme;
}

export const pointColor = (theme, k) => theme.points[k % theme.points.length];

const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

// Any opaque CSS colour as #rrggbb.
function hex(color) {
  probe.fillStyle = "#000000";
  probe.fillStyle = color;
  const known = probe.fillStyle;
  return known.startsWith("#") ? known : "#" + channels(known).map(twoDigits).join("");
}

const channels = (color) =>
  color.startsWith("#")
    ? [1, 3, 5].map((k) => parseInt(color.slice(k, k + 2), 16))
    : color.match(/[\d.]+/g).slice(0, 3).map(Number);

const twoDigits = (v) => Math.round(v).toString(16).padStart(2, "0");

const luminance = (color) =>
  channels(color).reduce((sum, v, k) => sum + ([0.213, 0.715, 0.072][k] * v) / 255, 0);

// (1 - share) of a and share of b.
export function mix(a, b, share) {
  const [p, q] = [channels(a), channels(b)];
  return "#" + p.map((v, k) => twoDigits(v + (q[k] - v) * share)).join("");
}
