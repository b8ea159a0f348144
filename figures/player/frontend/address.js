// The page's address names the picture: `radius`, `step` and `against` (the axis of the losses) are written into it,
// every other parameter stays. Without a step it means the film, played from its start.

const WAIT = 250; // ms: browsers refuse address changes that come too fast
const UNDERWAY = 10000; // ms that a value may take to the server and back

export class Address {
  #timer = null;
  #waiting = {}; // for the timer
  #written = {};
  #past = [];
  #asked = {};

  // `ours`: whether the address may be written; in a file of its own it says where the file is, and stays.
  constructor(ours = true) {
    this.ours = ours;
  }

  write(values) {
    if (!this.ours) return;
    Object.assign(this.#written, values);
    Object.assign(this.#waiting, values);
    this.#past = this.#past.filter(({ time }) => performance.now() - time < UNDERWAY);
    this.#past.push({ ...values, time: performance.now() });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const url = new URL(window.location.href);
      for (const [name, value] of Object.entries(this.#waiting))
        if (value === null) url.searchParams.delete(name);
        else url.searchParams.set(name, value);
      this.#waiting = {};
      window.history.replaceState(window.history.state, "", url);
    }, WAIT);
  }

  // Which of the choices the address names; where it names none, the first, and a wrong name goes.
  choice(name, choices) {
    const said = new URL(window.location.href).searchParams.get(name);
    if (said !== null && !choices.includes(said)) this.write({ [name]: null });
    return choices.includes(said) ? said : choices[0];
  }

  // Whether a value that the server sends is only the echo of the address, perhaps of a moment ago.
  echoes(name, value) {
    const recent = this.#past.filter(({ time }) => performance.now() - time < UNDERWAY);
    return value !== null && [this.#written, ...recent].some((values) => String(values[name]) === String(value));
  }

  // What the server asks for that it did not ask for before, or null: an echo asks for nothing.
  asks(name, value) {
    const known = value === this.#asked[name] || this.echoes(name, value);
    this.#asked[name] = value;
    if (!known) this.#forget(name);
    return known ? null : value;
  }

  // The page begins anew: nothing that was written before is worth an echo.
  forget() {
    this.#waiting = {};
    Object.keys(this.#written).forEach((name) => this.#forget(name));
  }

  #forget(name) {
    delete this.#written[name];
    for (const values of this.#past) delete values[name];
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
