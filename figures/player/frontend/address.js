// The page's address names the picture: `radius` and `step` are written into it, every other parameter stays.

const WAIT = 250; // ms: browsers refuse address changes that come too fast

export class Address {
  #timer = null;
  written = {};

  write(values) {
    Object.assign(this.written, values);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const url = new URL(window.location.href);
      for (const [name, value] of Object.entries(this.written)) url.searchParams.set(name, value);
      window.history.replaceState(window.history.state, "", url);
    }, WAIT);
  }

  // Whether a value that the server sends is only the echo of the address.
  echoes(name, value) {
    return value !== null && String(value) === String(this.written[name]);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
