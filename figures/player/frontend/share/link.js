// Links made of the address of a page.

const FRAME = "/~/+/"; // hosted Streamlit shows an app in a frame at this path of its address

// The address of the app itself.
export function addressOf(href) {
  const url = new URL(href);
  url.hash = "";
  url.pathname = url.pathname.replace(FRAME, "/");
  for (const name of [...url.searchParams.keys()])
    if (name === "present" || name.startsWith("embed")) url.searchParams.delete(name);
  return url;
}

// The link of a page, or of its presentation.
export function linkOf(href, present) {
  const url = addressOf(href);
  if (present) url.searchParams.set("present", "1");
  return url.href;
}

// The presentation as a part of another page.
export function embedding(href) {
  const url = addressOf(href);
  url.searchParams.set("present", "1");
  url.searchParams.set("embed", "true");
  const source = url.href.replaceAll("&", "&amp;").replaceAll('"', "%22");
  return `<iframe src="${source}" width="1280" height="900" style="border:0" title="Rolling ball"></iframe>`;
}
