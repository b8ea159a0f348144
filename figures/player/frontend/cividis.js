// Cividis (Nuñez, Anderton, Renslow 2018): perceptually uniform, the same to colour-blind readers.

const ANCHORS = [
  [0, 34, 78], [18, 53, 112], [59, 73, 108], [87, 93, 109], [112, 113, 115],
  [138, 134, 120], [165, 156, 116], [195, 180, 105], [225, 204, 85], [254, 232, 56],
];

// Colour at share 0..1, its saturation muted towards the paper so that the paths stand out.
export function cividis(share, paper, muted = 0.22) {
  const place = Math.max(0, Math.min(1, share)) * (ANCHORS.length - 1);
  const k = Math.min(Math.floor(place), ANCHORS.length - 2);
  return ANCHORS[k].map((a, c) => {
    const value = a + (ANCHORS[k + 1][c] - a) * (place - k);
    return Math.round(value + (paper[c] - value) * muted);
  });
}

// The paper: what the colours fade to.
export const paperOf = (theme) => (theme.dark ? [52, 58, 72] : [250, 247, 240]);

export const plotlyScale = (theme) =>
  Array.from({ length: 17 }, (_, k) => [k / 16, `rgb(${cividis(k / 16, paperOf(theme)).join(",")})`]);
