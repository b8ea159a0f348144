// Playing: time runs by the wall clock, so a slow machine skips frames instead of slowing down.

const WHOLE = 10; // seconds that a whole film takes at speed 1

export class Clock {
  // onStep(step) is called at most once a frame of the screen, with a new step; onStop() when the end is reached.
  constructor(onStep, onStop) {
    Object.assign(this, { onStep, onStop, speed: 1, playing: false });
  }

  play(from, to, frames) {
    this.pause();
    Object.assign(this, { playing: true, place: from, to, rate: Math.max(frames / WHOLE, 8) });
    this.last = null;
    this.request = requestAnimationFrame((now) => this.#tick(now));
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.request);
  }

  #tick(now) {
    if (!this.playing) return;
    const elapsed = Math.min(0.25, (now - (this.last ?? now)) / 1000); // a hidden page does not jump ahead
    this.last = now;
    const before = Math.floor(this.place);
    this.place = Math.min(this.to, this.place + elapsed * this.rate * this.speed);
    const step = Math.floor(this.place);
    if (step !== before) this.onStep(step);
    if (this.place >= this.to) {
      this.playing = false;
      this.onStop();
    } else if (this.playing) this.request = requestAnimationFrame((next) => this.#tick(next));
  }
}
