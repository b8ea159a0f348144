// The window of the 1-D view: which part of the plane is shown, and how many pixels a unit has on either axis.
//
// The whole curve has equal scales wherever they show it: then the ball is a circle. A relief that is much flatter or
// much steeper than its domain is wide is stretched, and the ball with it: an ellipse. Around the ball the scales
// are always equal.

const FLATTEST = 0.09; // of the height of the view, for a relief at equal scales
const TALLEST = 2.4;
const LEAST = 0.45; // of the scale that fills the view: a ball too large for that is cut off at the top
const AROUND = { across: 8, up: 3.4 }; // radii that the view around the ball shows at least

// `center` is that of the ball; `top` the height that its upper side reaches anywhere.
export function windowOf({ x, low, high, radius, center, top }, { width, height }, around) {
  if (around) {
    const unit = Math.min(width / (AROUND.across * radius), height / (AROUND.up * radius));
    return { unitX: unit, unitY: unit, left: center[0] - width / (2 * unit), bottom: center[1] - (0.56 * height) / unit };
  }
  const across = x.at(-1) - x[0];
  const fill = width / across;
  const relief = (high - low) * fill;
  const equal = high === low || (relief > FLATTEST * height && relief < TALLEST * height);
  const room = 0.07 * height; // pixels below the curve
  const tall = (height - room) / (1.03 * (top - low));
  if (!equal) return { unitX: fill, unitY: tall, left: x[0], bottom: low - room / tall };
  const least = LEAST * Math.min(fill, (height - room) / (high - low || 1));
  const unit = Math.max(Math.min(fill, tall), least);
  const spare = Math.max(0, height - room - (top - low) * unit); // pixels that nothing needs
  const left = (x[0] + x.at(-1)) / 2 - width / (2 * unit);
  return { unitX: unit, unitY: unit, left, bottom: low - (room + Math.min(0.3 * spare, 0.18 * height)) / unit };
}

// How much steeper than in truth things look: 1 at equal scales.
export const stretch = ({ unitX, unitY }) => unitY / unitX;
