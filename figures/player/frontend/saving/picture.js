// The page of a player, or one view of it, as it stands, painted on a canvas.

import { paintDrawing } from "./drawing.js";

const LAYERS = "canvas, svg.overlay, svg.swatch";
const TEXTS = ".head .film-title, .legend .entry, .switches [aria-pressed=true] span, figcaption > span, .choice input:checked + span, .readout";
const ROOM = 14; // pixels around

// Where `part`, an element of the page, is on the screen; with the height down to `last`, if there is one.
export function frameOf(part, last = null) {
  const { left, top, width, bottom } = part.getBoundingClientRect();
  const height = (last?.getBoundingClientRect().bottom ?? bottom) - top;
  return { left: left - ROOM, top: top - ROOM, width: width + 2 * ROOM, height: height + 2 * ROOM };
}

// A canvas for a frame, of so many pixels for one of the page; both sides are even, as films want them.
export function sheetFor({ width, height }, ratio) {
  const sheet = document.createElement("canvas");
  sheet.width = 2 * Math.round((width * ratio) / 2);
  sheet.height = 2 * Math.round((height * ratio) / 2);
  return sheet;
}

// Paint what of `root` lies in the frame.
export function paintPage(sheet, root, frame) {
  const pen = sheet.getContext("2d");
  pen.unit = sheet.width / frame.width;
  pen.setTransform(pen.unit, 0, 0, pen.unit, 0, 0);
  pen.fillStyle = getComputedStyle(root).getPropertyValue("--background") || "#fff";
  pen.fillRect(0, 0, frame.width, frame.height);
  for (const layer of root.querySelectorAll(LAYERS)) paintLayer(pen, layer, frame);
  for (const part of root.querySelectorAll(TEXTS)) paintWords(pen, part, frame);
}

function paintLayer(pen, layer, frame) {
  const box = layer.getBoundingClientRect();
  if (!box.width || !box.height || box.top > frame.top + frame.height || box.bottom < frame.top) return;
  pen.save();
  pen.translate(box.left - frame.left, box.top - frame.top);
  if (layer.tagName === "CANVAS") {
    redraw(layer);
    pen.drawImage(layer, 0, 0, box.width, box.height);
  } else paintDrawing(pen, layer);
  pen.restore();
}

// What WebGL has drawn is gone once it is on the screen: draw it again, and copy it before anything else happens.
function redraw(canvas) {
  const scene = canvas.closest(".js-plotly-plot")?._fullLayout?.scene?._scene;
  scene?.glplot?.redraw();
}

function paintWords(pen, part, frame) {
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const style = getComputedStyle(node.parentElement);
    Object.assign(pen, { font: `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`, fillStyle: style.color });
    Object.assign(pen, { textAlign: "left", textBaseline: "middle" });
    for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const box = range.getBoundingClientRect();
      pen.fillText(word, box.left - frame.left, box.top + box.height / 2 - frame.top);
    }
  }
  pen.textBaseline = "alphabetic";
}
