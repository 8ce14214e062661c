import type { TextDictionary } from "./text-dictionary.js";

const MIX = 0x9e3779b1 | 0;
const OTHER = 0x85ebca6b | 0;

/**
 * A growing {@link TextDictionary}: open addressing over typed arrays, so that a text seen before costs a hash and a
 * comparison of its bytes and no JavaScript string. All bytes lie in one arena, at most 2 GiB of them.
 *
 * `view` is always a `DataView` of the same memory as `bytes`: it reads four bytes at any alignment, and compiles to
 * one load.
 */
export class TextInterner implements TextDictionary {
  #size = 0;
  /**
   * At most half full; 0 is free. An entry is `code + 1` in the bits that index the table, and the hash in the others:
   * four bytes, since with many texts a probe's cost is the lines of the processor's cache that it touches.
   */
  #table = new Int32Array(1_024);
  /** By code; read only when the table grows. */
  #hashes = new Int32Array(512);
  /** Text of code `c`: `arena[starts[c] .. starts[c + 1])`. */
  #starts = new Int32Array(513);
  #arena: Buffer = Buffer.alloc(16_384);
  #arenaView = viewOf(this.#arena);
  readonly #texts: (string | undefined)[] = [];

  get size(): number {
    return this.#size;
  }

  /** Bytes of all texts together. */
  get byteLength(): number {
    return this.#starts[this.#size]!;
  }

  text(code: number): string {
    // Not TextDecoder: it is slower on short texts and drops a leading byte order mark.
    return (this.#texts[code] ??= this.#arena.toString("utf8", this.#starts[code], this.#starts[code + 1]));
  }

  bytes(code: number): Uint8Array {
    return this.#arena.subarray(this.#starts[code], this.#starts[code + 1]);
  }

  /** The code of valid UTF-8 `bytes[start .. end)`, whose {@link textHash} is `hash`. */
  intern(bytes: Uint8Array, view: DataView, start: number, end: number, hash: number): number {
    const length = end - start;
    const table = this.#table;
    const mask = table.length - 1;
    const starts = this.#starts;
    for (let probe = hash & mask; ; probe = (probe + 1) & mask) {
      const entry = table[probe]!;
      if (entry === 0) return this.#add(bytes, start, end, hash, probe);
      if (((entry ^ hash) & ~mask) !== 0) continue;
      const code = (entry & mask) - 1;
      const at = starts[code]!;
      if (starts[code + 1]! - at === length && sameBytes(bytes, view, start, end, this.#arena, this.#arenaView, at)) return code;
    }
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number, probe: number): number {
    const code = this.#size;
    const from = this.#starts[code]!;
    const until = from + end - start;
    if (code === this.#hashes.length) this.#growCodes();
    if (until > this.#arena.length) this.#growArena(until);
    this.#arena.set(bytes.subarray(start, end), from);
    this.#hashes[code] = hash;
    this.#starts[code + 1] = until;
    this.#table[probe] = (hash & -this.#table.length) | (code + 1);
    this.#size = code + 1;
    this.#texts.push(undefined);
    if (this.#size * 2 > this.#table.length) this.#rehash();
    return code;
  }

  #growCodes(): void {
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    const starts = new Int32Array(hashes.length + 1);
    starts.set(this.#starts);
    this.#hashes = hashes;
    this.#starts = starts;
  }

  #growArena(least: number): void {
    const arena = Buffer.alloc(Math.max(least, this.#arena.length * 2));
    arena.set(this.#arena);
    this.#arena = arena;
    this.#arenaView = viewOf(arena);
  }

  #rehash(): void {
    const table = new Int32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let code = 0; code < this.#size; code++) {
      const hash = this.#hashes[code]!;
      let probe = hash & mask;
      while (table[probe] !== 0) probe = (probe + 1) & mask;
      table[probe] = (hash & ~mask) | (code + 1);
    }
    this.#table = table;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Mixes one word more into a hash. Readers that have a text's words at hand anyway hash as they go. */
export function hashWord(hash: number, word: number): number {
  return Math.imul(hash ^ word, MIX);
}

/** The last step: what lies in the upper bits spreads to the lower ones, which index the tables. */
export function hashEnd(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), OTHER);
  return mixed ^ (mixed >>> 13);
}

/** The hash of a text: from 0, its words of four bytes, little endian, then a last one of the zero to three bytes that remain. */
export function textHash(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  let hash = 0;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = hashWord(hash, view.getInt32(at, true));
  let last = 0;
  for (let shift = 0; at < end; at++, shift += 8) last |= bytes[at]! << shift;
  return hashEnd(hashWord(hash, last));
}

function sameBytes(bytes: Uint8Array, view: DataView, start: number, end: number, others: Uint8Array, otherView: DataView, at: number): boolean {
  if (end - start < 4) {
    for (let i = start; i < end; i++, at++) if (bytes[i] !== others[at]) return false;
    return true;
  }
  const shift = at - start;
  for (let i = start; i < end - 4; i += 4) if (view.getInt32(i, true) !== otherView.getInt32(i + shift, true)) return false;
  return view.getInt32(end - 4, true) === otherView.getInt32(end - 4 + shift, true);
}
