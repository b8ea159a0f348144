// The blocks of bytes that came as elements of their own, by identity, until the viewer takes them.

const KEPT = 8;
const known = new Map();
const awaited = new Map();

export function put({ header, arrays }) {
  const name = header.identity;
  const block = { header, arrays };
  known.delete(name);
  known.set(name, block);
  if (known.size > KEPT) known.delete(known.keys().next().value);
  awaited.get(name)?.forEach((give) => give(block));
  awaited.delete(name);
}

// The block of an identity; elements come in any order, so it may still be on its way.
export function take(name) {
  if (known.has(name)) return Promise.resolve(known.get(name));
  return new Promise((give) => awaited.set(name, [...(awaited.get(name) ?? []), give]));
}
