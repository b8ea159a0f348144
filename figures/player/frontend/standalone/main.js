// The player in a file of its own: film and Plotly.js lie in the file, nothing is fetched, the address stays as it is.

import { Address } from "../address.js";
import { Player } from "../player.js";

const held = (id) => document.getElementById(id).textContent;
const data = Uint8Array.from(atob(held("film")), (letter) => letter.charCodeAt(0));
const plotly = URL.createObjectURL(new Blob([held("plotly")], { type: "text/javascript" }));
const player = new Player(document.getElementById("player"), new Address(false));
const show = () => player.update({ data, setTriggerValue: () => {}, plotly });

show();
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
