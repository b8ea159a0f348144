// The component: Streamlit calls this once per rerun and element. An element is a block of bytes, which is kept for
// the viewer and takes no room, or the viewer, which lives as long as its element.

import { unpack } from "../decode.js";
import { drop, put } from "./blocks.js";
import { Viewer } from "./viewer.js";

const viewers = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  if (data instanceof Uint8Array) {
    parentElement.closest("[data-testid=stElementContainer]")?.style.setProperty("display", "none");
    put(parentElement, unpack(data));
    return () => drop(parentElement);
  }
  if (!viewers.has(parentElement)) viewers.set(parentElement, new Viewer(parentElement));
  const viewer = viewers.get(parentElement);
  viewer.update({ setting: data, setTriggerValue, base: import.meta.url });
  return () => {
    viewer.destroy();
    viewers.delete(parentElement);
  };
}
