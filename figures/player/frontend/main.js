// The component: Streamlit calls this once per rerun; the player lives as long as its element.

import { Player } from "./player.js";

const players = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  if (!players.has(parentElement)) players.set(parentElement, new Player(parentElement));
  const player = players.get(parentElement);
  player.update({ data, setTriggerValue, base: import.meta.url });
  return () => {
    player.destroy();
    players.delete(parentElement);
  };
}
