// The ball of the 1-D view: a disc with stripes, turned as it rolls. Its group is scaled to the radius on either axis,
// so that unequal scales make the ellipse of it that they make of the circle.

import { svg } from "../elements.js";

const SECTORS = 8;

export function wheel() {
  const at = (n) => [Math.cos((2 * Math.PI * n) / SECTORS), Math.sin((2 * Math.PI * n) / SECTORS)].map((v) => v.toFixed(5));
  const sector = (n) => `M0 0L${at(n).join(" ")}A1 1 0 0 1 ${at(n + 1).join(" ")}Z`;
  const stripes = Array.from({ length: SECTORS / 2 }, (_, n) => sector(2 * n)).join("");
  return svg("g", { class: "wheel" },
    svg("circle", { class: "wheel-disc", cx: 0, cy: 0, r: 1 }),
    svg("path", { class: "wheel-stripe", d: stripes }),
    svg("circle", { class: "wheel-rim", cx: 0, cy: 0, r: 1 }),
  );
}

// Put the wheel at (cx, cy) with half axes rx and ry in pixels, turned clockwise by an angle in radians.
export function place(group, cx, cy, rx, ry, turn) {
  const degrees = ((turn * 180) / Math.PI) % 360;
  group.setAttribute("transform", `translate(${cx} ${cy}) scale(${rx} ${ry}) rotate(${degrees || 0})`);
}
