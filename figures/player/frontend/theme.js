// One visual language, that of figures/theme.py: the ball is orange, and each point method comes with a mark of its
// own {light, dark, dash, symbol}; colours that colour-blind readers tell apart, and never colour alone. Streamlit's
// own theme sets the page.

const INK = {
  light: {
    ball: "#E8701A", stripe: "#FFF3DC", center: "#F0A56B", contact: "#7A2E00", warn: "#B3261E",
    casing: "#FFFFFF", ground: "#E9E6DF",
    ironed: "#009C6C", away: "#8A3FBF",
  },
  dark: {
    ball: "#FF9A4D", stripe: "#FFF1DC", center: "#FFC79A", contact: "#5A2600", warn: "#FF8A80",
    casing: "#0E1117", ground: "#262B36",
    ironed: "#42F0D2", away: "#C99BFF",
  },
};

const DASHES = {
  solid: null, dash: "6 4", dot: "2.5 3", dashdot: "7 3 1.5 3", longdash: "10 4", longdashdot: "11 3 1.5 3",
};
const SHAPES = {
  diamond: "M0-6L6 0L0 6L-6 0Z",
  square: "M-4.5-4.5H4.5V4.5H-4.5Z",
  cross: "M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
  "square-open": "M-5.5-5.5H5.5V5.5H-5.5ZM-2.5-2.5V2.5H2.5V-2.5Z",
  "circle-open": "M-6 0A6 6 0 1 1 6 0A6 6 0 1 1-6 0ZM-3 0A3 3 0 1 0 3 0A3 3 0 1 0-3 0Z",
  "diamond-open": "M0-7L7 0L0 7L-7 0ZM0-3L-3 0L0 3L3 0Z",
};

// A dash as SVG has it.
export const dashArray = (dash) => DASHES[dash];

// The symbol of a mark as a path around the origin.
export const shapeOf = ({ symbol }) => SHAPES[symbol];

export const colorOf = (mark, theme) => (theme.dark ? mark.dark : mark.light);

// Attributes of an element that belongs to a point method.
export const owned = ({ mark }, kind = "") => ({
  class: `${kind} point`.trim(), style: `--light: ${mark.light}; --dark: ${mark.dark}`,
});

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
    faint: mix(text, background, 0.3), // still read on the panel: contrast above 4.5
    line: mix(text, background, 0.8),
    font: style.getPropertyValue("--st-font").trim() || style.fontFamily,
    ...INK[dark ? "dark" : "light"],
  };
  theme.signature = [background, text, theme.panel, theme.font].join("|");
  for (const name of SHARED) root.style.setProperty(`--${name}`, theme[name]);
  root.classList.toggle("dark", dark);
  return theme;
}

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
