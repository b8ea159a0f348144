// One viewer: its state (radius, place of the ball, what is shown), the page of its kind, and what changes it.

import { Address } from "../address.js";
import { Clock } from "../clock.js";
import { Controls } from "../controls.js";
import { nearestRadius } from "../decode.js";
import { html } from "../elements.js";
import { Saving } from "../saving/saving.js";
import { readTheme } from "../theme.js";
import { take } from "./blocks.js";
import { CurvePage } from "./curve_page.js";
import { Family } from "./layers.js";
import { ReliefPage } from "./relief_page.js";
import { Words } from "./words.js";

const KEPT = 600; // timings kept for the benchmark
const PAGES = { profile: CurvePage, relief: ReliefPage };
const PLACES = ["position", "across", "step"]; // where the ball is, as the address says it

export class Viewer {
  constructor(parent) {
    this.address = new Address();
    this.clock = new Clock((step) => this.#go(step), () => this.#settle());
    this.words = new Words();
    const group = { class: "rbo-player ironing", role: "group", "aria-label": "What the ball sees", tabindex: 0 };
    this.root = html("div", group);
    parent.append(this.root);
    this.root.rboStats = { scrubMs: [], frameMs: [] };
    this.root.addEventListener("keydown", (event) => this.controls?.onKey(event));
    this.root.addEventListener("pointerdown", (event) => {
      if (event.target.closest(".stage")) this.root.focus({ preventScroll: true });
    });
    this.watch = new ResizeObserver(() => {
      clearTimeout(this.sizing);
      this.sizing = setTimeout(() => this.page?.resize(), 60);
    });
  }

  // A rerun of the script: new data, or the same again.
  async update({ setting, setTriggerValue, base }) {
    Object.assign(this, { setTriggerValue, setting });
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.#hear(setting);
    const names = JSON.stringify(setting.parts);
    const blocks = names === this.names ? null : await Promise.all(setting.parts.map(taken));
    if (turn !== this.turn || !this.root.isConnected) return; // a later rerun has come
    const theme = readTheme(this.root);
    const repaint = theme.signature !== this.theme?.signature;
    this.theme = theme;
    const other = blocks && !this.#take(new Family(blocks, this.family));
    this.names = names;
    this.#place();
    if (other || repaint) await this.page.load(this.family, theme, new URL(`../${setting.plotly}`, base).href, this.#frame());
    this.#show();
    this.#settled();
    this.root.dataset.ready = names;
  }

  // What this rerun asks for that the last did not. The place that was asked for last, or to which the reader has moved
  // the ball since, is kept: the ball stays there on another landscape, or finds its own place where there is none.
  #hear(setting) {
    const anew = setting.begin !== this.begun;
    this.begun = setting.begin;
    if (anew) {
      this.clock.pause();
      this.address.forget();
      this.at = {};
    }
    const asked = (name) => this.address.asks(name, setting[name]);
    const radius = asked("radius") ?? (anew ? setting.radius : null);
    this.wanted = radius ?? this.wanted ?? null;
    for (const name of PLACES) this.at[name] = asked(name) ?? this.at[name] ?? null;
  }

  // Returns whether the page already shows this landscape, so that nothing needs to be drawn anew.
  #take(family) {
    const known = this.family?.isOf(family);
    const before = this.family && { radius: this.family.radii[this.radiusIndex], kind: this.family.kind, filmed: filmed(this.family) };
    this.family = family;
    if (before?.kind !== family.kind) this.#build(family);
    if (before?.kind !== family.kind || before.filmed !== filmed(family)) this.clock.pause();
    this.radiusIndex = nearestRadius(family, before?.radius ?? this.setting.radius);
    this.controls.load({ frames: this.page.frames(family, this.radiusIndex), radii: family.radii });
    if (known) this.page.adopt(family);
    return known;
  }

  #build(family) {
    this.page?.destroy();
    const Page = PAGES[family.kind];
    this.controls = new Controls(this.#actions(), Page.along);
    this.page = new Page(this.controls, this.words, {
      onPlace: (step, how) => this.#placed(step, how),
      onSwitch: () => this.#show(),
    });
    this.watch.disconnect();
    for (const element of Object.values(this.page.views)) this.watch.observe(element);
    this.root.replaceChildren(...this.page.elements);
    const saving = new Saving(this.root, this.page.views, this.controls.actions);
    this.root.querySelector(".head").append(...saving.elements);
  }

  #actions() {
    return {
      toggle: () => (this.clock.playing ? (this.clock.pause(), this.#settle()) : this.#play()),
      stepBy: (by) => this.#goAndRest(this.step + by * this.page.stride(this.family)),
      stepTo: (step) => this.#goAndRest(step),
      radiusTo: (index) => this.#choose(index),
      radiusBy: (by) => this.#choose(this.radiusIndex + by),
      speedTo: (speed) => (this.clock.speed = speed),
      settleRadius: () => this.#settle({ radius: Number(this.family.radii[this.radiusIndex].toPrecision(4)) }),
      askRadius: () => this.setTriggerValue("radius", this.family.radii[this.radiusIndex]),
    };
  }

  // The ball and the radius where the last reruns want them.
  #place() {
    if (this.wanted !== null) this.radiusIndex = nearestRadius(this.family, this.wanted);
    this.wanted = null;
    const step = this.clock.playing ? this.step : this.page.stepAt(this.family, this.radiusIndex, this.at);
    this.step = this.#within(step ?? this.page.first(this.family, this.radiusIndex));
  }

  #frames() {
    return this.page.frames(this.family, this.radiusIndex);
  }

  #within(step) {
    return Math.max(0, Math.min(this.#frames() - 1, Math.round(step)));
  }

  #play() {
    const end = this.page.end(this.family, this.radiusIndex);
    this.clock.play(this.step >= end ? 0 : this.step, end, this.#frames());
    this.#show();
  }

  // The reader puts the ball somewhere: at a step of the slider, or null for 'here it stays'.
  #placed(step, how) {
    this.clock.pause();
    if (step !== null) this.#go(step);
    if (how === "placed") this.#settle();
  }

  #go(step) {
    const began = performance.now();
    this.step = this.#within(step);
    this.#show();
    Object.assign(this.at, this.page.address(this.frame));
    keep(this.root.rboStats.frameMs, performance.now() - began);
  }

  #goAndRest(step) {
    this.clock.pause();
    this.#go(step);
    this.#settle();
  }

  #choose(index) {
    const began = performance.now();
    this.radiusIndex = Math.max(0, Math.min(this.family.radii.length - 1, index));
    this.step = this.#within(this.step);
    this.#show();
    keep(this.root.rboStats.scrubMs, performance.now() - began);
  }

  // A scrub has ended.
  #settle(address = {}) {
    Object.assign(this.at, this.page.address(this.frame));
    this.address.write({ ...this.page.address(this.frame), ...address });
    this.#show();
    this.#settled();
  }

  #settled() {
    if (this.clock.playing) return;
    this.words.settle(this.frame.layer.note);
    this.page.name(this.frame);
  }

  #frame() {
    const layer = this.family.layer(this.radiusIndex);
    return { ...this.page.frame(this.family, this.radiusIndex, this.step), layer, radius: layer.radius, radiusIndex: this.radiusIndex, step: this.step };
  }

  #show() {
    const { family, radiusIndex, step } = this;
    const frame = (this.frame = this.#frame());
    this.page.show(frame);
    this.controls.show(frame, this.clock.playing);
    const asked = nearestRadius(family, this.setting.radius);
    const other = this.setting.takesRadius && asked !== radiusIndex;
    this.controls.offer(other ? family.radii[radiusIndex] : null, family.radii[asked]);
    this.root.rboState = {
      step, radiusIndex, radius: family.radii[radiusIndex], playing: this.clock.playing, ballCenter: [...frame.center],
    };
  }

  destroy() {
    this.clock.pause();
    this.address.stop();
    this.watch.disconnect();
    this.page?.destroy();
    this.root.remove();
  }
}

const filmed = ({ films }) => Boolean(films[0]);
const taken = async ({ surfaces, film }) => ({ surfaces: await take(surfaces), film: film && (await take(film)) });

function keep(list, value) {
  list.push(value);
  if (list.length > KEPT) list.shift();
}
