// The state of a page as a file, and back. What a file says becomes a link to one of our own pages, no more: the page
// reads it as it reads any link, and says what it cannot take.

const APP = "rolling-ball";
const VERSION = 1;
const LARGEST = 16384; // bytes
const MOST = 60; // settings
const LONGEST = 400; // characters of a setting

// Which page an address is of, and its settings by name. `pages`: the last parts of their paths, '' for the first.
export function stateOf(url, pages) {
  const last = url.pathname.split("/").at(-1);
  const page = pages.includes(last) ? last : "";
  return { page, state: Object.fromEntries(url.searchParams) };
}

export function offer(page, state) {
  const text = JSON.stringify({ app: APP, version: VERSION, page, state }, null, 2);
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  Object.assign(link, { href: address, download: `rolling_ball_${page || "playground"}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// The link that a file stands for, or what is wrong with it.
export async function opened(file, url, pages) {
  if (file.size > LARGEST) return { wrong: `This file has ${file.size} bytes; a state file has at most ${LARGEST}.` };
  const said = parsed(await file.text());
  if (said?.app !== APP) return { wrong: "This is no state file of this app." };
  if (said.version !== VERSION) return { wrong: "This state file is of another version of this app." };
  if (!pages.includes(said.page)) return { wrong: "This state file is of a page that this app does not have." };
  if (!admissible(said.state)) return { wrong: "The settings in this state file are not texts by name: it is not opened." };
  const target = new URL(url);
  const own = target.pathname.split("/").at(-1);
  const root = pages.includes(own) ? target.pathname.slice(0, target.pathname.length - own.length) : `${target.pathname}/`;
  target.pathname = root + said.page;
  target.search = new URLSearchParams(said.state).toString();
  return { url: target.href };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function admissible(state) {
  if (typeof state !== "object" || state === null || Array.isArray(state)) return false;
  const settings = Object.entries(state);
  return settings.length <= MOST && settings.every(([name, text]) => typeof text === "string" && name.length + text.length <= LONGEST);
}
