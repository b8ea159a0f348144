// One player: its state (step, radius, playing), the four views that show it, and what changes it.

import { Address } from "./address.js";
import { Clock } from "./clock.js";
import { Controls } from "./controls.js";
import { ballPath, decode, nearestRadius } from "./decode.js";
import { set } from "./elements.js";
import { Field } from "./field.js";
import { buildLayout, caption, fillLegend } from "./layout.js";
import { AXES, LossView } from "./losses.js";
import { MapView } from "./map.js";
import { Readout, nameViews } from "./readout.js";
import { Saving } from "./saving/saving.js";
import { Scene } from "./scene.js";
import { SectionView } from "./section.js";
import { readTheme } from "./theme.js";
import { directions } from "./travel.js";

const KEPT = 600; // timings kept for the benchmark
let played = false; // once per page load

export class Player {
  constructor(parent, address = new Address()) {
    this.address = address;
    this.clock = new Clock((step) => this.#go(step), () => this.#stopped({ step: null }));
    this.controls = new Controls(this.#actions());
    this.readout = new Readout();
    const against = this.address.choice("against", AXES);
    this.page = buildLayout(this.controls, this.readout, {
      onReset: () => this.scene.resetCamera(),
      onAgainst: (against) => this.#drawAgainst(against),
    }, against);
    this.root = this.page.element;
    this.page.head.append(...new Saving(this.root, this.page.views, this.controls.actions).elements);
    parent.append(this.root);
    const rounded = (start) => start.map((value) => Number(value.toFixed(3)));
    const pick = (start) => this.film.takesStart && this.setTriggerValue("start", rounded(start));
    this.scene = new Scene(this.page.views.scene, pick);
    this.map = new MapView(this.page.views.map, pick);
    this.section = new SectionView(this.page.views.section);
    this.losses = new LossView(this.page.views.losses, against);
    this.root.rboStats = { frames: 0, jsMs: [], scrubMs: [] };
    this.#listen();
  }

  #listen() {
    this.root.addEventListener("keydown", (event) => this.controls.onKey(event));
    const focus = (event) => event.target.closest(".stage") && this.root.focus({ preventScroll: true });
    this.root.addEventListener("pointerdown", focus);
    this.watch = new ResizeObserver(() => {
      clearTimeout(this.sizing);
      this.sizing = setTimeout(() => this.#resize(), 60);
    });
    for (const element of Object.values(this.page.views)) this.watch.observe(element);
  }

  #drawAgainst(against) {
    this.losses.setAgainst(against);
    this.address.write({ against: against === AXES[0] ? null : against });
  }

  #resize() {
    for (const view of [this.map, this.section, this.losses, this.scene]) view.resize();
  }

  #actions() {
    return {
      toggle: () => (this.clock.playing ? this.#pause() : this.#play()),
      stepBy: (by) => this.#goAndRest(this.step + by),
      stepTo: (step) => this.#goAndRest(step),
      radiusTo: (index) => this.#choose(index),
      radiusBy: (by) => this.#choose(this.radiusIndex + by),
      speedTo: (speed) => (this.clock.speed = speed),
      settleRadius: () => this.#settleRadius(),
      askRadius: () => this.setTriggerValue("radius", this.path.radius),
    };
  }

  // A rerun of the script: new data, or the same again.
  async update({ data, setTriggerValue, base, plotly }) {
    this.setTriggerValue = setTriggerValue;
    const film = decode(data);
    this.takesRadius = film.takesRadius;
    const theme = readTheme(this.root);
    const first = !this.film;
    const asked = this.#asked(film);
    const changed = film.identity !== this.film?.identity;
    const repaint = theme.signature !== this.theme?.signature;
    const atEnd = this.film && this.step >= this.film.frames - 1;
    if (changed) this.#take(film);
    if (first || asked.play || asked.radius !== null) this.radiusIndex = nearestRadius(this.film, film.radius);
    if (asked.step !== null) this.step = asked.step;
    if (changed && atEnd && asked.step === null) this.step = Infinity;
    this.theme = theme;
    this.#setBall();
    this.controls.excuse(film);
    if (changed || repaint) await this.#load(plotly ?? new URL(film.plotly, base).href);
    else this.#show();
    this.#autoplay(first, film, asked);
  }

  // What this rerun asks for that the last did not.
  #asked(film) {
    const last = this.request;
    this.request = { radius: film.radius, play: film.play };
    const play = last !== undefined && last.play !== film.play;
    if (play) this.address.forget();
    const fresh = (name) => this.address.asks(name, film[name]);
    return { radius: fresh("radius"), step: fresh("step"), play };
  }

  #take(film) {
    const radius = this.film ? this.film.radii[this.radiusIndex] : film.radius;
    this.film = film;
    this.field = new Field(film);
    this.radiusIndex = nearestRadius(film, radius);
    this.step ??= 0;
    if (this.clock.playing) this.clock.play(this.step, this.#end(), film.frames);
  }

  async #load(plotlyUrl) {
    const { film, field, theme } = this;
    this.controls.load(film);
    this.readout.load(film);
    this.page.title.textContent = film.title;
    this.page.note.textContent = film.gridNote;
    set(this.page.others, { hidden: film.radii.length === 1 });
    fillLegend(this.page.legend, film);
    caption(this.page.views, film.takesStart);
    this.map.load(film, field, theme);
    this.section.load(field);
    this.losses.load(film);
    this.#show();
    await this.scene.load(film, field, theme, this.frame, plotlyUrl);
    this.#show();
    if (film === this.film) this.root.dataset.ready = film.identity; // else a later one is on its way
  }

  #autoplay(first, film, asked) {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (asked.play) this.step = 0;
    if (asked.play && !calm) this.#play();
    else if (first && !played && film.step === null && !calm) this.#play();
    played = true;
    this.#show();
    if (this.clock.playing) return;
    this.readout.settle(this.frame);
    nameViews(this.page.views, this.frame);
  }

  #setBall() {
    this.step = Math.max(0, Math.min(this.film.frames - 1, this.step));
    if (this.path?.radius !== this.film.radii[this.radiusIndex] || this.pathOf !== this.film) {
      this.path = ballPath(this.film, this.radiusIndex);
      this.travel = directions(this.path, this.film.frames);
      this.pathOf = this.film;
    }
  }

  // The last step at which anything in the picture still moves.
  #end() {
    return Math.max(1, this.film.ends[this.radiusIndex], ...this.film.points.map((point) => point.end));
  }

  #play() {
    const end = this.#end();
    if (this.step >= end) this.step = 0;
    this.clock.play(this.step, end, this.film.frames);
    this.readout.quiet();
    this.#show();
  }

  #pause() {
    this.clock.pause();
    this.#stopped();
  }

  #stopped(address = { step: this.step }) {
    this.#show();
    this.readout.settle(this.frame);
    nameViews(this.page.views, this.frame);
    this.address.write(address);
  }

  #go(step) {
    this.step = Math.max(0, Math.min(this.film.frames - 1, step));
    const began = performance.now();
    this.#show();
    const stats = this.root.rboStats;
    stats.frames += 1;
    keep(stats.jsMs, performance.now() - began);
  }

  #goAndRest(step) {
    this.clock.pause();
    this.#go(step);
    this.#stopped();
  }

  #choose(index) {
    const began = performance.now();
    this.radiusIndex = Math.max(0, Math.min(this.film.radii.length - 1, index));
    this.#setBall();
    if (this.clock.playing) this.clock.to = this.#end();
    this.#show();
    keep(this.root.rboStats.scrubMs, performance.now() - began);
  }

  // A scrub of the radius has ended.
  #settleRadius() {
    this.address.write({ radius: Number(this.path.radius.toPrecision(4)) });
    if (this.clock.playing) return;
    this.readout.settle(this.frame);
    nameViews(this.page.views, this.frame);
  }

  #show() {
    const { film, step, radiusIndex, path, travel } = this;
    this.frame = { film, step, radiusIndex, radius: path.radius, path, travel, points: film.points };
    this.scene.show(this.frame);
    this.map.show(this.frame);
    this.section.show(this.frame);
    this.losses.show(this.frame);
    this.controls.show(this.frame, this.clock.playing);
    const asked = nearestRadius(film, this.request.radius);
    const other = this.takesRadius && asked !== radiusIndex;
    this.controls.offer(other ? path.radius : null, film.radii[asked]);
    this.readout.show(this.frame, this.section);
    this.root.rboState = {
      step, radiusIndex, radius: path.radius, playing: this.clock.playing,
      ballCenter: [...path.centers.subarray(3 * step, 3 * step + 3)],
    };
  }

  destroy() {
    this.clock.pause();
    this.address.stop();
    this.watch.disconnect();
    this.scene.destroy();
    this.root.remove();
  }
}

function keep(list, value) {
  list.push(value);
  if (list.length > KEPT) list.shift();
}
