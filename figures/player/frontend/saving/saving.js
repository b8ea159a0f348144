// The menu 'Save': the whole picture or one view as PNG, the animation as WebM, all made in the browser.

import { html } from "../elements.js";
import { filmType, recorded } from "./film.js";
import { frameOf, paintPage, sheetFor } from "./picture.js";

const FINE = 2; // pixels for one of the page
const NAMES = { scene: "3-D scene", map: "Map", section: "Section", losses: "Losses", curve: "Curve" };
const NO_FILM = "This browser cannot record a canvas as WebM: Chrome, Edge and Firefox can.";

export class Saving {
  // `views`: the stages by name; `actions`: those of the controls.
  constructor(root, views, actions) {
    Object.assign(this, { root, actions });
    const item = (label, act) => {
      const button = html("button", { type: "button", class: "text" }, label);
      button.addEventListener("click", async () => {
        this.element.open = false;
        await act();
      });
      return button;
    };
    const pictures = Object.entries(views).map(([name, stage]) =>
      item(`${NAMES[name]} (PNG)`, () => this.#picture(name, () => frameOf(stage))),
    );
    this.said = html("span", { class: "said", role: "status" });
    this.element = html("details", { class: "saving" },
      html("summary", {}, "Save"),
      html("div", { class: "menu" },
        item("Whole picture (PNG)", () => this.#picture("all", () => this.#whole())), ...pictures,
        item("Animation (WebM)", () => this.#film()),
      ),
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.element.open = false;
      this.element.querySelector("summary").focus();
    });
    this.elements = [this.element, this.said];
  }

  #whole() {
    return frameOf(this.root, this.root.querySelector(".views"));
  }

  async #picture(name, frame) {
    const at = frame();
    const sheet = sheetFor(at, FINE);
    paintPage(sheet, this.root, at);
    offer(await new Promise((give) => sheet.toBlob(give, "image/png")), this.#file(name, "png"));
  }

  async #film() {
    if (!filmType()) return this.#say(NO_FILM);
    if (this.filming) return;
    this.filming = true;
    this.#say("Recording while it plays …");
    try {
      offer(await recorded(this.root, () => this.#whole(), this.actions), this.#file("film", "webm"));
      this.#say("");
    } catch (error) {
      this.#say(`The film could not be recorded: ${error.message}`);
    } finally {
      this.filming = false;
    }
  }

  #say(sentence) {
    this.said.textContent = sentence;
  }

  #file(name, kind) {
    const { radius, step } = this.root.rboState;
    const at = name === "film" ? "" : `_step_${step}`;
    return `rolling_ball_${name}_radius_${Number(radius.toPrecision(4))}${at}.${kind}`;
  }
}

function offer(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = html("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
