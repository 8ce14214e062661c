/** Names of a sequence that are remembered, and the most bytes of one with its quotes and colon. */
const MOST_NAMES = 128;
const MOST_BYTES = 255;
/** Words of four bytes that are kept of a name; it is compared by the first three at once. */
const WORDS = 4;
const AT_ONCE = 3;
/** Names that are tried after the expected one, as when optional fields are absent. */
const LOOK_AHEAD = 4;
/** What a sequence may cost before another is learned. */
const CREDIT = 256;
const COST = 8;

/**
 * The order in which names come in the objects of one place in the records, learned from the first of them. Records of
 * one topic are written by one program: the next name is nearly always the expected one, and comparing 12 bytes with
 * it, without a loop or a branch, is several times as fast as finding its end and looking it up.
 *
 * Only a shortcut: what is not as expected is read in the general way.
 */
export class KeySequence {
  count = 0;
  /** By place in the sequence: the first 16 bytes of `"name":` as four words, and which of their bits count. Behind the last name: 0. */
  readonly words = new Int32Array((MOST_NAMES + 1) * WORDS);
  readonly masks = new Int32Array((MOST_NAMES + 1) * WORDS);
  /** All bytes of it. */
  readonly lengths = new Uint8Array(MOST_NAMES + 1);
  /** What the value is for, as the `KeyTable` says: the name's entry, and the column right there. */
  readonly entries = new Int32Array(MOST_NAMES + 1);
  readonly columns = new Int32Array(MOST_NAMES + 1);
  readonly #names: Uint8Array[] = [];
  #credit = CREDIT;

  /** The place after `place` whose name is right at `at`, or -1. */
  ahead(bytes: Uint8Array, view: DataView, at: number, place: number): number {
    const until = Math.min(this.count, place + 1 + LOOK_AHEAD);
    for (let next = place + 1; next < until; next++) if (this.#isAt(bytes, view, at, next)) return next;
    return -1;
  }

  /** Whether the bytes from the 13th on are right too. */
  isRestAt(bytes: Uint8Array, view: DataView, at: number, place: number): boolean {
    const word = place * WORDS + AT_ONCE;
    if (((view.getInt32(at + AT_ONCE * 4, true) ^ this.words[word]!) & this.masks[word]!) !== 0) return false;
    if (this.lengths[place]! <= WORDS * 4) return true;
    const name = this.#names[place]!;
    for (let i = WORDS * 4; i < name.length; i++) if (bytes[at + i] !== name[i]) return false;
    return true;
  }

  /** `bytes[start .. end)`, a name with its quotes and colon, came at `place`, where it was not expected; the place of the next name. */
  learn(bytes: Uint8Array, start: number, end: number, entry: number, column: number, place: number): number {
    if (place < this.count) {
      this.#credit -= COST;
      if (this.#credit > 0) return place;
      // Too many surprises: another program writes now.
      this.count = place;
      this.#credit = CREDIT;
    }
    if (place === MOST_NAMES || end - start > MOST_BYTES) return place;
    this.#names[place] = bytes.slice(start, end);
    this.entries[place] = entry;
    this.columns[place] = column;
    this.lengths[place] = end - start;
    for (let word = 0; word < WORDS; word++) {
      let value = 0;
      let mask = 0;
      for (let i = 0; i < 4 && start + word * 4 + i < end; i++) {
        value |= bytes[start + word * 4 + i]! << (i * 8);
        mask |= 255 << (i * 8);
      }
      this.words[place * WORDS + word] = value;
      this.masks[place * WORDS + word] = mask;
    }
    this.count = place + 1;
    this.words[this.count * WORDS] = 0;
    return place + 1;
  }

  /** An object was read to its end. */
  earn(): void {
    if (this.#credit < CREDIT) this.#credit++;
  }

  #isAt(bytes: Uint8Array, view: DataView, at: number, place: number): boolean {
    const { words, masks } = this;
    for (let i = 0; i < AT_ONCE; i++) {
      const word = place * WORDS + i;
      if (((view.getInt32(at + i * 4, true) ^ words[word]!) & masks[word]!) !== 0) return false;
    }
    return this.isRestAt(bytes, view, at, place);
  }
}
