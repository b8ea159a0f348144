// Numbers as a reader sees them, and the round values at which an axis has its ticks.

export function show(value, digits = 3) {
  if (!Number.isFinite(value)) return "not finite";
  const size = Math.abs(value) < 1e-12 ? 0 : Math.abs(value); // rounding is not worth a reader's while
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5)
      ? value.toExponential(Math.max(0, digits - 1))
      : String(size && Number(value.toPrecision(digits)));
  return text.replaceAll("-", "−");
}

export const percent = (share) => {
  const size = Math.abs(share) * 100;
  return `${size < 1 ? show(size, 1) : Math.round(size)} %`;
};

// About `count` round values from low to high.
export function ticks(low, high, count) {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => span / s <= count + 0.5) ?? 10 * power;
  const values = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * span; k++) values.push(k * step);
  return values;
}

// A linear map of [low, high] onto [a, b].
export const scale = (low, high, a, b) => (value) => a + ((value - low) / (high - low || 1)) * (b - a);
