// Presses on the 3-D scene: a click is not a drag, and the wheel belongs to the page until the scene was pressed.

const CLICK_MOVE = 5; // pixels
const CLICK_TIME = 600; // ms

export function onPress(element, act) {
  let down = null;
  const press = (event) => (down = { x: event.clientX, y: event.clientY, time: event.timeStamp });
  const release = (event) => {
    const still = down && Math.hypot(event.clientX - down.x, event.clientY - down.y) < CLICK_MOVE;
    if (still && event.button === 0 && event.timeStamp - down.time < CLICK_TIME) act(event);
    down = null;
  };
  element.addEventListener("pointerdown", press, true);
  element.addEventListener("pointerup", release, true);
}

// Else a reader who scrolls down the page would be caught by the scene.
export function scrollUnlessPressed(element) {
  let pressed = false;
  element.addEventListener("pointerdown", () => (pressed = true), true);
  element.addEventListener("pointerleave", () => (pressed = false));
  const wheel = (event) => {
    if (!pressed && !event.ctrlKey) event.stopPropagation();
  };
  element.addEventListener("wheel", wheel, { capture: true, passive: true });
}
