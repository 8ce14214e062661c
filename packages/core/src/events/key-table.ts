import { KeySequence } from "./key-sequence.js";

/** What a value is for, where that is not one column. */
export const enum Destination {
  /** It is skipped. */
  Nothing = -1,
  /** Several columns lie there, or some lie deeper. */
  Several = -2,
}

/**
 * The names that matter in one JSON object, found by their bytes. Entries count from 1; 0 is "no such name".
 *
 * Declared paths make a tree of these: `["user", "id"]` is the entry `user` with a child that has the entry `id`.
 */
export class KeyTable {
  /** By hash of a name: its first entry. */
  readonly #heads: Int32Array;
  /** By entry: the next entry of the same hash. */
  readonly #next: Int32Array;
  /** By entry: where its name lies in `names`, and how long it is. */
  readonly #starts: Int32Array;
  readonly #lengths: Int32Array;
  readonly #names: Uint8Array;
  /** By entry: what its value is for, a column of its own or {@link Destination}. */
  readonly destinations: Int32Array;
  /** By entry: all columns that lie right there. */
  readonly columns: readonly (readonly number[])[];
  /** By entry: the names that matter inside of its value. */
  readonly children: readonly (KeyTable | undefined)[];
  /** By entry: all columns below its children. */
  readonly below: readonly (readonly number[])[];
  /** The order in which all names come here, also those that do not matter. */
  readonly sequence = new KeySequence();
  readonly #entries: ReadonlyMap<string, number>;

  constructor(paths: readonly { readonly column: number; readonly path: readonly string[] }[]) {
    const groups = new Map<string, { column: number; path: readonly string[] }[]>();
    for (const { column, path } of paths) {
      const [name = "", ...rest] = path;
      const group = groups.get(name) ?? [];
      group.push({ column, path: rest });
      groups.set(name, group);
    }
    const count = groups.size + 1;
    const encoded = [...groups.keys()].map((name) => Buffer.from(name));
    this.#heads = new Int32Array(Math.max(64, 2 ** Math.ceil(Math.log2(count * 4))));
    this.#next = new Int32Array(count);
    this.#starts = new Int32Array(count);
    this.#lengths = new Int32Array(count);
    this.#names = new Uint8Array(Buffer.concat(encoded));
    this.destinations = new Int32Array(count).fill(Destination.Nothing);
    const columns: (readonly number[])[] = [[]];
    const children: (KeyTable | undefined)[] = [undefined];
    const below: (readonly number[])[] = [[]];
    const entries = new Map<string, number>();
    let start = 0;
    for (const [name, group] of groups) {
      const entry = entries.size + 1;
      const bytes = encoded[entry - 1]!;
      entries.set(name, entry);
      this.#starts[entry] = start;
      this.#lengths[entry] = bytes.length;
      start += bytes.length;
      // A name with a lone surrogate has no bytes of its own; it can only be written with an escape.
      if (bytes.toString() === name) {
        const hash = (bytes.length === 0 ? 0 : hashOf(bytes[0]!, bytes.at(-1)!, bytes.length)) & (this.#heads.length - 1);
        this.#next[entry] = this.#heads[hash]!;
        this.#heads[hash] = entry;
      }
      const here = group.filter(({ path }) => path.length === 0);
      const deeper = group.filter(({ path }) => path.length > 0);
      columns.push(here.map(({ column }) => column));
      children.push(deeper.length === 0 ? undefined : new KeyTable(deeper));
      this.destinations[entry] = deeper.length === 0 && here.length === 1 ? here[0]!.column : Destination.Several;
      below.push(deeper.map(({ column }) => column));
    }
    this.columns = columns;
    this.children = children;
    this.below = below;
    this.#entries = entries;
  }

  /** The entry of the name `bytes[start .. end)`. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    const hash = length === 0 ? 0 : hashOf(bytes[start]!, bytes[end - 1]!, length);
    let entry = this.#heads[hash & (this.#heads.length - 1)]!;
    while (entry !== 0 && !this.#isAt(entry, bytes, start, length)) entry = this.#next[entry]!;
    return entry;
  }

  /** For names that were written with escapes. */
  entryOf(name: string): number {
    return this.#entries.get(name) ?? 0;
  }

  #isAt(entry: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (this.#lengths[entry] !== length) return false;
    const from = this.#starts[entry]!;
    for (let i = 0; i < length; i++) if (this.#names[from + i] !== bytes[start + i]) return false;
    return true;
  }
}

/** Cheap, and different for most names of a record. */
function hashOf(first: number, last: number, length: number): number {
  return first + last * 7 + length * 31;
}
