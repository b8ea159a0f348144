// Copy what a field holds. Browsers give the clipboard to secure pages alone; a page that is served on a class-room
// network is none, and asks the older way.

export async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}
