// The page's address names the picture: `radius` and `step` are written into it, every other parameter stays. Without
// a step it means the film, played from its start.

const WAIT = 250; // ms: browsers refuse address changes that come too fast
const UNDERWAY = 10000; // ms that a value may take to the server and back

export class Address {
  #timer = null;
  #written = {};
  #past = [];
  #asked = {};

  write(values) {
    Object.assign(this.#written, values);
    this.#past = this.#past.filter(({ time }) => performance.now() - time < UNDERWAY);
    this.#past.push({ ...values, time: performance.now() });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const url = new URL(window.location.href);
      for (const [name, value] of Object.entries(this.#written))
        if (value === null) url.searchParams.delete(name);
        else url.searchParams.set(name, value);
      window.history.replaceState(window.history.state, "", url);
    }, WAIT);
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
    return known ? null : value;
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
