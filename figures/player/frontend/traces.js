// How the 3-D scene looks: the traces and the layout that Plotly draws, with nothing that moves.

import { boxRatio } from "./box.js";
import { plotlyScale } from "./cividis.js";
import { colorOf } from "./theme.js";

const FIXED = { hoverinfo: "skip", showlegend: false };
const FILLED = ["diamond", "square"]; // symbols with room for a casing
const LIGHT = { x: -2000, y: 1000, z: 8000 };

export function surfaceTrace(surface, field, bounds, theme) {
  const quiet = { highlight: false };
  return {
    type: "surface", ...surface, ...FIXED, colorscale: plotlyScale(theme), showscale: false,
    cmin: bounds.z[0], cmax: Math.min(field.high, bounds.z[1]), contours: { x: quiet, y: quiet, z: quiet },
    lighting: { ambient: 0.62, diffuse: 0.62, specular: 0.06, roughness: 0.9, fresnel: 0.02 }, lightposition: LIGHT,
  };
}

// The ball; the paths of its contact and of its centre; its contact; the start; then path and place of each point.
export function movingTraces(film, mesh, theme) {
  const points = film.points.flatMap(({ mark }) => [
    line(colorOf(mark, theme), 6, mark.dash),
    dot(colorOf(mark, theme), 7, mark.symbol, FILLED.includes(mark.symbol) ? theme.casing : colorOf(mark, theme)),
  ]);
  return [
    ballTrace(mesh, theme),
    line(theme.ball, 7, "solid"),
    line(theme.center, 3, "dash"),
    dot(theme.contact, 5, "circle", theme.stripe),
    dot(theme.text, 9, "circle-open", theme.text),
    ...points,
  ];
}

const ballTrace = ({ i, j, k, stripe }, theme) => ({
  type: "mesh3d", ...FIXED, i, j, k, intensity: stripe, intensitymode: "cell", showscale: false, cmin: 0, cmax: 1,
  colorscale: [[0, theme.ball], [1, theme.stripe]],
  lighting: { ambient: 0.62, diffuse: 0.75, specular: 0.25, roughness: 0.4, fresnel: 0.1 }, lightposition: LIGHT,
});

const line = (color, width, dash) => ({ type: "scatter3d", mode: "lines", ...FIXED, line: { color, width, dash } });

const dot = (color, size, symbol, edge) => ({
  type: "scatter3d", mode: "markers", ...FIXED, marker: { color, size, symbol, line: { color: edge, width: 1 } },
});

// `letters`: how much larger than usual they are.
export function sceneLayout(theme, bounds, camera, heightName, letters) {
  const still = { uirevision: "keep", hovermode: false };
  const axis = (text, range) => ({
    title: { text, font: { size: 12 * letters, color: theme.faint } },
    tickfont: { size: 10 * letters, color: theme.faint },
    range, autorange: false, nticks: 4, tickangle: 0, ticks: "outside", ticklen: 3, tickcolor: theme.line,
    color: theme.faint, linecolor: theme.line, linewidth: 1,
    showgrid: false, zeroline: false, showbackground: false, showspikes: false,
  });
  return {
    ...still, autosize: true, margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false,
    paper_bgcolor: theme.background, font: { family: theme.font, color: theme.text },
    scene: {
      // Not "data": with set ranges Plotly takes the ratio from the data, and the ball would not be round.
      ...still, aspectmode: "manual", aspectratio: boxRatio(bounds), bgcolor: theme.background, camera,
      dragmode: "turntable",
      xaxis: axis("x", bounds.x), yaxis: axis("y", bounds.y), zaxis: axis(heightName, bounds.z),
    },
  };
}
