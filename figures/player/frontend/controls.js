// The controls: native buttons, ranges and a select, each with a name, and the keys that do the same.

import { html, set, svg } from "./elements.js";
import { show } from "./numbers.js";

const SPEEDS = [[0.25, "¼×"], [0.5, "½×"], [1, "1×"], [2, "2×"], [4, "4×"]];
const COMING = "The other radii are being computed";
const ICONS = {
  start: "M5 4v16M19 5L9 12l10 7z",
  back: "M16 5L7 12l9 7z",
  play: "M7 4.5L19 12L7 19.5z",
  pause: "M8 5v14M16 5v14",
  forward: "M8 5l9 7l-9 7z",
  end: "M19 4v16M5 5l10 7L5 19z",
};

export class Controls {
  // `actions`: toggle, stepBy, stepTo, radiusBy, radiusTo, settleRadius (a scrub of it has ended), askRadius (of
  // the page), speedTo. `along` names the axis of time or place.
  constructor(actions, along = "Step") {
    this.actions = actions;
    const button = (icon, label, act) => {
      const element = html("button", { type: "button", "aria-label": label, title: label }, iconOf(icon));
      element.addEventListener("click", act);
      return element;
    };
    this.play = button("play", "Play", () => actions.toggle());
    this.play.classList.add("play");
    const buttons = html("div", { class: "buttons" },
      button("start", "To start", () => actions.stepTo(0)),
      button("back", "Step back", () => actions.stepBy(-1)),
      this.play,
      button("forward", "Step forward", () => actions.stepBy(1)),
      button("end", "To end", () => actions.stepTo(Infinity)),
    );
    this.step = range(along, (value) => actions.stepTo(value));
    this.radius = range("Ball radius", (value) => actions.radiusTo(value), () => actions.settleRadius());
    this.radius.input.classList.add("radius");
    this.ask = html("button", { type: "button", class: "text ask", hidden: true });
    this.ask.addEventListener("click", () => actions.askRadius());
    this.excused = html("p", { class: "excuse", role: "status" });
    const radius = html("div", { class: "radius-row" }, this.radius.row, this.ask, this.excused);
    this.element = html("div", { class: "controls" }, buttons, this.step.row, this.#speed(), radius);
  }

  #speed() {
    const select = html("select", { "aria-label": "Speed", title: "Speed" });
    for (const [value, label] of SPEEDS) select.append(html("option", { value }, label));
    select.value = "1";
    select.addEventListener("change", () => this.actions.speedTo(Number(select.value)));
    return select;
  }

  // Give the axis of time or place another name.
  call(along) {
    set(this.step.input, { "aria-label": along });
    this.step.row.querySelector(".name").textContent = along;
  }

  load(film) {
    set(this.step.input, { max: film.frames - 1 });
    set(this.radius.input, { max: film.radii.length - 1 });
    this.lastStep = film.frames - 1;
    this.excuse(film);
  }

  // Say why the radius cannot be moved, where there is one alone.
  excuse({ radii, alone = COMING }) {
    this.alone = radii.length > 1 ? null : alone;
    set(this.radius.input, { disabled: this.alone !== null });
    this.excused.textContent = this.alone ?? "";
  }

  // `place` says where the ball is, where a step does not.
  show({ step, radiusIndex, radius, place: at }, playing) {
    place(this.step, step, at?.text ?? `${step}`, at?.spoken ?? `step ${step} of ${this.lastStep}`);
    place(this.radius, radiusIndex, `ρ = ${show(radius)}`, `radius ${show(radius)}${this.alone ? `. ${this.alone}` : ""}`);
    if (this.playing === playing) return;
    this.playing = playing;
    const label = playing ? "Pause" : "Play";
    set(this.play, { "aria-label": label, title: label });
    this.play.replaceChildren(iconOf(playing ? "pause" : "play"));
  }

  // Offer to ask the page for the radius shown where it speaks of another; null: nothing to offer.
  offer(radius, asked) {
    set(this.ask, { hidden: radius === null });
    if (radius === null) return;
    this.ask.textContent = `Use ρ = ${show(radius)} on the page`;
    set(this.ask, { title: `The text and the table of the page are for ρ = ${show(asked)}` });
  }

  // Sliders, buttons and menus keep the keys that they have from the browser.
  onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const slider = event.target.matches?.("input");
    if (event.target.matches?.("select, textarea") || (slider && isNative(event.key))) return;
    if (event.key === " " && event.target.matches?.("button")) return;
    const act = this.#actOf(event.key);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #actOf(key) {
    const { actions } = this;
    const thicker = (by) => () => (actions.radiusBy(by), actions.settleRadius());
    return {
      " ": () => actions.toggle(),
      ArrowLeft: () => actions.stepBy(-1),
      ArrowRight: () => actions.stepBy(1),
      Home: () => actions.stepTo(0),
      End: () => actions.stepTo(Infinity),
      ArrowUp: thicker(1),
      ArrowDown: thicker(-1),
      "]": thicker(1),
      "[": thicker(-1),
    }[key];
  }
}

const isNative = (key) => key.startsWith("Arrow") || key === "Home" || key === "End";

// A slider with a name and what it is at; `place` moves it.
export function range(label, onInput, onSettle = () => {}) {
  const input = html("input", { type: "range", min: 0, max: 1, step: 1, "aria-label": label });
  const value = html("output", {});
  input.addEventListener("input", () => onInput(Number(input.value)));
  input.addEventListener("change", onSettle);
  const row = html("label", { class: "range" }, html("span", { class: "name" }, label), input, value);
  return { input, value, row };
}

export function place({ input, value }, position, text, spoken) {
  input.value = position;
  const share = position / (Number(input.max) || 1);
  input.style.setProperty("--share", share);
  value.textContent = text;
  set(input, { "aria-valuetext": spoken });
}

const iconOf = (name) => svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
