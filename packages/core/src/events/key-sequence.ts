/** Names of a sequence, and bytes of a name with quotes and colon, that are remembered. */
const MOST_NAMES = 128;
const WORDS = 4;
const MOST_BYTES = WORDS * 4;
/** Names that are tried after the expected one, as when optional fields are absent. */
const LOOK_AHEAD = 4;
/** What a sequence may cost before another is learned. */
const CREDIT = 256;
const COST = 8;

/**
 * The order in which names come in the objects of one place in the records, learned from the first of them. Records of
 * one topic are written by one program: the next name is nearly always the expected one, and comparing 16 bytes with
 * it, without a loop or a branch, is several times as fast as finding its end and looking it up.
 *
 * Only a shortcut: what is not as expected is read in the general way.
 */
export class KeySequence {
  count = 0;
  /** By place in the sequence: `"name":` as four words, and which of their bits count. */
  readonly words = new Int32Array(MOST_NAMES * WORDS);
  readonly masks = new Int32Array(MOST_NAMES * WORDS);
  /** Bytes of it. */
  readonly lengths = new Uint8Array(MOST_NAMES);
  /** The name's entry in the `KeyTable`. */
  readonly entries = new Int32Array(MOST_NAMES);
  #credit = CREDIT;

  /** The place after `place` whose name is right at `at`, or -1. Reads 16 bytes. */
  ahead(view: DataView, at: number, place: number): number {
    const until = Math.min(this.count, place + 1 + LOOK_AHEAD);
    for (let next = place + 1; next < until; next++) if (this.isAt(view, at, next)) return next;
    return -1;
  }

  isAt(view: DataView, at: number, place: number): boolean {
    const { words, masks } = this;
    const word = place * WORDS;
    return (
      (((view.getInt32(at, true) ^ words[word]!) & masks[word]!) |
        ((view.getInt32(at + 4, true) ^ words[word + 1]!) & masks[word + 1]!) |
        ((view.getInt32(at + 8, true) ^ words[word + 2]!) & masks[word + 2]!) |
        ((view.getInt32(at + 12, true) ^ words[word + 3]!) & masks[word + 3]!)) ===
        0
    );
  }

  /** `bytes[start .. end)`, a name with its quotes and colon, came at `place`, where it was not expected; the place of the next name. */
  learn(bytes: Uint8Array, start: number, end: number, entry: number, place: number): number {
    if (place < this.count) {
      this.#credit -= COST;
      if (this.#credit > 0) return place;
      // Too many surprises: another program writes now.
      this.count = place;
      this.#credit = CREDIT;
    }
    if (place === MOST_NAMES) return place;
    const length = end - start;
    this.entries[place] = entry;
    this.lengths[place] = length;
    // A name too long for this keeps its place, and is never met: no name starts with zeros.
    this.words.fill(0, place * WORDS, (place + 1) * WORDS);
    this.masks.fill(-1, place * WORDS, (place + 1) * WORDS);
    if (length <= MOST_BYTES) {
      for (let i = 0; i < MOST_BYTES; i++) {
        const word = place * WORDS + (i >> 2);
        const shift = (i & 3) * 8;
        if (i < length) this.words[word] = this.words[word]! | (bytes[start + i]! << shift);
        else this.masks[word] = this.masks[word]! & ~(255 << shift);
      }
    }
    this.count = place + 1;
    return place + 1;
  }

  /** A record was as expected from begin to end. */
  earn(): void {
    if (this.#credit < CREDIT) this.#credit++;
  }
}
