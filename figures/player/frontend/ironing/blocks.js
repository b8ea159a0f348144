// The blocks of bytes that came as elements of their own, by identity. An element holds the last block that it was sent.

const held = new Map(); // by element
const awaited = new Map(); // by identity

export function put(element, block) {
  held.set(element, block);
  const name = block.header.identity;
  awaited.get(name)?.forEach((give) => give(block));
  awaited.delete(name);
}

export function drop(element) {
  held.delete(element);
}

// The block of an identity; elements come in any order, so it may still be on its way.
export function take(name) {
  for (const block of held.values()) if (block.header.identity === name) return Promise.resolve(block);
  return new Promise((give) => awaited.set(name, [...(awaited.get(name) ?? []), give]));
}
