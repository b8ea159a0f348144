// The animation as a film: what the page shows while it plays is painted on a canvas, which the browser records.

import { paintPage, sheetFor } from "./picture.js";

const TYPES = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"];
const RATE = 30; // pictures a second at most: a slow machine has fewer, and the film keeps its time
const BITS = 5e6; // a second
const REST = 700; // ms that the last picture stays
const SLICE = 200; // ms after which the recorder tells what it has
const HEAD = 400; // bytes: a film of fewer has a head and no picture
const LATEST = 60000; // ms that a busy machine may take for its first picture
const PATIENCE = 250; // ms from one picture to the next while it is waited for: painting would take its time away

// What this browser can record, or undefined.
export const filmType = () =>
  "captureStream" in HTMLCanvasElement.prototype && "MediaRecorder" in window
    ? TYPES.find((type) => MediaRecorder.isTypeSupported(type))
    : undefined;

// Play from the start and record until the player stops: a Blob. `frame()` is what is to be seen, `actions` are those of
// the controls.
export async function recorded(root, frame, actions) {
  const sheet = sheetFor(frame(), 1);
  const paint = () => paintPage(sheet, root, frame());
  const stream = sheet.captureStream(RATE);
  const recorder = new MediaRecorder(stream, { mimeType: filmType(), videoBitsPerSecond: BITS });
  const chunks = [];
  const size = () => chunks.reduce((sum, chunk) => sum + chunk.size, 0);
  recorder.addEventListener("dataavailable", ({ data }) => chunks.push(data));
  const done = new Promise((give) => recorder.addEventListener("stop", give));
  actions.stepTo(0);
  paint();
  recorder.start(SLICE);
  actions.toggle();
  while (root.rboState.playing) {
    paint();
    await nextFrame();
  }
  const ended = performance.now();
  const since = () => performance.now() - ended;
  for (let painted = -PATIENCE; since() < REST || (size() < HEAD && since() < LATEST); ) {
    if (since() - painted >= PATIENCE) {
      painted = since();
      paint();
    }
    await nextFrame(); // a canvas is recorded when the page is drawn
  }
  recorder.stop();
  await done;
  stream.getTracks().forEach((track) => track.stop());
  if (size() < HEAD) throw new Error("no picture was ready in time, the machine is too busy");
  return new Blob(chunks, { type: "video/webm" });
}

const nextFrame = () => new Promise((give) => requestAnimationFrame(give));
