// The button 'Share' and what it opens: the link of this page as it stands, its QR code, the presentation view, a
// file with the state, and the way back from such a file. The address has the whole state, so all is made of it.

import { html, svg } from "../elements.js";
import { copied } from "./copy.js";
import { addressOf, linkOf, embedding } from "./link.js";
import { offer, opened, stateOf } from "./state_file.js";

const SETTLED = 350; // ms after which a scrub is in the address
const QUIET = 4; // modules of white around a QR code, as its standard wants
const dialogs = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  if (!dialogs.has(parentElement)) dialogs.set(parentElement, new Share(parentElement));
  const share = dialogs.get(parentElement);
  share.update(data, (link) => setTriggerValue("link", link));
  return () => {
    share.destroy();
    dialogs.delete(parentElement);
  };
}

class Share {
  constructor(parent) {
    this.root = html("div", { class: "rbo-share" });
    const open = action("Share", () => this.#open());
    open.classList.add("open");
    this.link = html("input", { type: "text", readonly: true, "aria-label": "Link" });
    this.present = html("input", { type: "checkbox" });
    this.present.addEventListener("change", () => this.#refresh());
    this.frame = html("textarea", { readonly: true, rows: 3, "aria-label": "Code to embed" });
    this.square = html("div", { class: "square" });
    this.said = html("p", { class: "said", role: "status" });
    this.file = html("input", { type: "file", accept: ".json,application/json", "aria-label": "Open a state file" });
    this.file.addEventListener("change", () => this.#openFile());
    this.dialog = html("dialog", { "aria-label": "Share this page" }, ...this.#parts());
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.root.append(open, this.dialog);
    parent.append(this.root);
  }

  #parts() {
    const row = (...children) => html("div", { class: "row" }, ...children);
    const words = html("div", { class: "words-of-share" },
      html("label", { class: "choose" }, this.present, " Presentation view: large type, nothing but the scrubbers"),
      row(this.link, action("Copy link", () => this.#copy(this.link, "Link"))),
      html("p", { class: "name" }, "In slides or on a course page"),
      row(this.frame, action("Copy code", () => this.#copy(this.frame, "Code"))),
      html("p", { class: "name" }, "As a file"),
      row(action("Save the state", () => this.#save()), html("label", { class: "pick" }, "Open a state file", this.file)),
      this.said,
    );
    const close = action("Close", () => this.dialog.close());
    const head = html("div", { class: "top" }, html("h2", {}, "Share this page"), close);
    return [head, html("p", {}, "The link holds every setting, the radius and the step that you see."),
      html("div", { class: "sides" }, words, this.square)];
  }

  update({ pages, asked, rows }, ask) {
    Object.assign(this, { pages, ask });
    if (asked !== null) this.#draw(asked, rows);
  }

  #open() {
    this.#say("");
    this.dialog.showModal();
    this.#refresh();
    setTimeout(() => this.#refresh(), SETTLED);
  }

  #refresh() {
    const { checked } = this.present;
    const link = linkOf(window.location.href, checked);
    this.frame.value = embedding(window.location.href);
    if (this.link.value === link) return;
    this.link.value = link;
    this.square.replaceChildren();
    this.ask(link);
  }

  // `rows` of 0 and 1, or null where the link is too long for a QR code.
  #draw(link, rows) {
    if (link !== this.link.value) return;
    if (rows === null) return this.square.replaceChildren(html("p", {}, "This link is too long for a QR code."));
    const side = rows.length + 2 * QUIET;
    const dark = rows.flatMap((row, j) => [...row].flatMap((bit, i) => (bit === "1" ? `M${i + QUIET} ${j + QUIET}h1v1h-1z` : [])));
    const box = { viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": `QR code of the link ${link}`, "shape-rendering": "crispEdges" };
    const paper = svg("rect", { width: side, height: side, fill: "#fff" });
    this.square.replaceChildren(svg("svg", box, paper, svg("path", { d: dark.join(""), fill: "#000" })));
  }

  async #copy(field, what) {
    const done = await copied(field);
    this.#say(done ? `${what} copied.` : "This browser does not let a page copy: press Ctrl+C or ⌘C now.");
  }

  #save() {
    const { page, state } = stateOf(addressOf(window.location.href), this.pages);
    offer(page, state);
    this.#say("Saved: opening the file brings this page back as it is now.");
  }

  async #openFile() {
    const [file] = this.file.files;
    this.file.value = "";
    if (!file) return;
    const { url, wrong } = await opened(file, addressOf(window.location.href), this.pages);
    if (wrong) this.#say(wrong);
    else window.location.assign(url);
  }

  #say(sentence) {
    this.said.textContent = sentence;
  }

  destroy() {
    this.root.remove();
  }
}

function action(label, act) {
  const button = html("button", { type: "button" }, label);
  button.addEventListener("click", act);
  return button;
}
