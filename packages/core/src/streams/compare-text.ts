/**
 * Orders two texts by their UTF-8 bytes, as every store and SQL engine does; JavaScript's own `<` orders UTF-16 units
 * and differs from it for characters beyond U+FFFF. Negative, 0 or positive.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    // UTF-8 orders as code points do. Surrogates stand for the highest of them, above the units U+E000 to U+FFFF.
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? rotated(x) - rotated(y) : x - y;
  }
  return a.length - b.length;
}

/** Moves the surrogates above all other units and keeps the order within both. */
function rotated(unit: number): number {
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
