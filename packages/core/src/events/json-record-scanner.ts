import { Held, excerpt, type ColumnStore } from "./column-store.js";
import { scaledInteger } from "./exact-number.js";
import { isoInstant } from "./iso-instant.js";
import { Destination, KeyTable } from "./key-table.js";
import { hashEnd, hashWord, textHash } from "./text-interner.js";


/** An enum, because bundlers put its numbers into the code, where a constant would be loaded from memory at every use. */
const enum Byte {
  Space = 32,
  Quote = 34,
  Comma = 44,
  Minus = 45,
  Point = 46,
  Zero = 48,
  Nine = 57,
  Colon = 58,
  OpenArray = 91,
  Backslash = 92,
  CloseArray = 93,
  OpenObject = 123,
  CloseObject = 125,
}

/** Bytes behind a record's end that may be looked at: a token reaches over it by less than 8, names are compared by 16. */
const MARGIN = 32;
const LATEST_INSTANT_MS = 8_640_000_000_000_000;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/**
 * Reads the declared columns of a JSON record from its bytes in one pass.
 *
 * It accepts exactly what `JSON.parse` accepts of valid UTF-8: what is skipped is checked as well, strings four bytes
 * at a time (the tests of "Bit Twiddling Hacks", Anderson, for a byte below n and a byte equal to n). The last of equal
 * names wins. Numbers are taken from their text, so integers and decimals are exact where a double would not be.
 *
 * Differences of value, both deliberate: `-0` is held as `0`, and a lone surrogate as U+FFFD, because no other form has
 * UTF-8 bytes and both layers, every store and every file must hold the same text.
 *
 * A record that ends too early is read on into what follows it, never past the buffer; the one comparison with its end
 * comes last. Every loop over more than a token stops at that end, so that the work is linear.
 */
export class JsonRecordScanner {
  readonly #store: ColumnStore;
  readonly #root: KeyTable;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** A copy of the record at the end of the buffer, so that reading four bytes a time stays inside of memory. */
  #tail = new Uint8Array(1_024);
  #tailView = new DataView(this.#tail.buffer);
  /** Texts without their escapes. */
  #plain = new Uint8Array(256);
  #plainView = new DataView(this.#plain.buffer);
  /** Kinds of the containers that a skipped value is nested in: 1 object, 0 array. */
  #nesting = new Uint8Array(64);
  /** The last name's entry in its table, and the place of the name after it in the expected sequence. */
  #entry = 0;
  #place = 0;
  /** Whether the last string had an escape. */
  #escaped = false;
  /** The last number: its digits as an integer, how many of them are behind the point, whether that is all of it. */
  #digits = 0;
  #fraction = 0;
  #isShort = false;

  constructor(store: ColumnStore) {
    this.#store = store;
    const paths = store.definitions.flatMap(({ source }, column) => (source.in === "value" ? [{ column, path: source.path }] : []));
    this.#root = new KeyTable(paths);
  }

  /** Reads from `data` from now on. */
  use(data: Uint8Array): void {
    // Always a plain Uint8Array: with buffers of two kinds the compiled loops would check which at every access.
    this.#bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  /** Reads record `data[start .. end)` into a row. False: it is no JSON object, and what was written means nothing. */
  scan(start: number, end: number, row: number): boolean {
    if (end + MARGIN <= this.#bytes.length) return this.#record(start, end, row);
    const bytes = this.#bytes;
    const view = this.#view;
    this.#useCopy(bytes, start, end);
    const accepted = this.#record(0, end - start, row);
    this.#bytes = bytes;
    this.#view = view;
    return accepted;
  }

  /** Reads a column from `text[start .. end)`, a key or a header: as in JSON, but strings have no quotes. */
  readText(text: Uint8Array, start: number, end: number, column: number, row: number): void {
    const store = this.#store;
    const bytes = this.#bytes;
    const view = this.#view;
    const length = end - start;
    this.#useCopy(text, start, end);
    store.meet(column, row);
    const held = store.held[column]!;
    if (held === Held.Text || held === Held.Iso) {
      if (!isUtf8(this.#bytes, length)) store.failWrongType(column, "not valid UTF-8");
      else if (held === Held.Iso) this.#writeInstant(this.#bytes, 0, length, column, row);
      else this.#writeText(this.#bytes, this.#view, 0, length, textHash(this.#bytes, this.#view, 0, length), column, row);
    } else if (held !== Held.Boolean && this.#number(0) === length) this.#writeNumber(0, length, column, row);
    else {
      const read = Buffer.from(this.#bytes.subarray(0, length)).toString();
      if (held === Held.Boolean && (read === "true" || read === "false")) store.flags[column]![row] = read === "true" ? 1 : 0;
      else store.failWrongType(column, JSON.stringify(excerpt(read)));
    }
    this.#bytes = bytes;
    this.#view = view;
  }

  /** Reads from a copy with zeros behind it, from 0: no token goes on into a zero. */
  #useCopy(text: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length + MARGIN > this.#tail.length) {
      this.#tail = new Uint8Array(length * 2 + MARGIN);
      this.#tailView = new DataView(this.#tail.buffer);
    }
    const tail = this.#tail;
    if (length > 64) tail.set(text.subarray(start, end));
    else for (let i = 0; i < length; i++) tail[i] = text[start + i]!;
    tail.fill(0, length, length + MARGIN);
    this.#bytes = tail;
    this.#view = this.#tailView;
  }

  #record(start: number, end: number, row: number): boolean {
    let at = this.#space(start, end);
    if (this.#bytes[at] !== Byte.OpenObject) return false;
    at = this.#object(this.#root, at + 1, end, row);
    return at >= 0 && at <= end && (at === end || this.#space(at, end) === end);
  }

  /** From behind "{" to behind "}"; -1 where the record is invalid. As are all methods below. */
  #object(table: KeyTable, from: number, end: number, row: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    const { sequence } = table;
    const { words, masks, lengths, entries, columns } = sequence;
    let place = 0;
    let at = from;
    if (bytes[at] !== Byte.Quote) {
      at = this.#space(at, end);
      if (bytes[at] === Byte.CloseObject) return at + 1;
    }
    for (;;) {
      let column: number;
      let entry = 0;
      const word = place * 4;
      // No name is shorter than a word, and none starts with the zero behind the last of the sequence.
      if (
        ((view.getInt32(at, true) ^ words[word]!) |
          ((view.getInt32(at + 4, true) ^ words[word + 1]!) & masks[word + 1]!) |
          ((view.getInt32(at + 8, true) ^ words[word + 2]!) & masks[word + 2]!)) ===
          0 &&
        (lengths[place]! <= 12 || sequence.isRestAt(bytes, view, at, place))
      ) {
        column = columns[place]!;
        entry = entries[place]!;
        at += lengths[place]!;
        place++;
      } else {
        at = this.#name(table, at, end, place);
        if (at < 0) return -1;
        entry = this.#entry;
        column = table.destinations[entry]!;
        place = this.#place;
      }
      let first = bytes[at]!;
      if (first <= Byte.Space) {
        // One space is what many writers put there.
        if (first === Byte.Space) at++;
        at = this.#space(at, end);
        first = bytes[at]!;
      }
      if (at >= end) return -1;
      if (column >= 0) at = this.#value(column, at, end, row);
      else if (column === Destination.Nothing) {
        if (first === Byte.Quote) {
          // As in `#string`, here because a call would cost as much again.
          let stops: number;
          at -= 3;
          do {
            at += 4;
            if (at > end) return -1;
            const word = view.getInt32(at, true);
            stops = (((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101) | word) & 0x80808080;
          } while (stops === 0);
          at += (31 - Math.clz32(stops & -stops)) >> 3;
          if (bytes[at] !== Byte.Quote) at = this.#unusualString(at, end);
          if (at < 0) return -1;
          at++;
        } else if (first <= Byte.Nine) at = this.#skipNumber(at, end);
        else at = this.#skipValue(at, end);
      } else at = this.#several(table, entry, at, end, row);
      if (at < 0) return -1;

      let after = bytes[at]!;
      if (after !== Byte.Comma) {
        if (after <= Byte.Space) {
          at = this.#space(at, end);
          after = bytes[at]!;
        }
        if (after !== Byte.Comma) {
          if (after !== Byte.CloseObject) return -1;
          sequence.earn();
          return at + 1;
        }
      }
      if (bytes[++at]! <= Byte.Space) at = this.#space(at, end);
    }
  }

  /** A name that is not the expected one, and its colon. Sets `#entry` and the `#place` of the next name. */
  #name(table: KeyTable, start: number, end: number, place: number): number {
    const bytes = this.#bytes;
    if (start >= end || bytes[start] !== Byte.Quote) return -1;
    const { sequence } = table;
    const ahead = sequence.ahead(bytes, this.#view, start, place);
    if (ahead >= 0) {
      this.#entry = sequence.entries[ahead]!;
      this.#place = ahead + 1;
      return start + sequence.lengths[ahead]!;
    }
    let at = this.#string(start + 1, end);
    if (at < 0) return -1;
    const escaped = this.#escaped;
    this.#entry = escaped ? table.entryOf(textOf(bytes, start, at + 1)) : table.find(bytes, start + 1, at);
    at = this.#space(at + 1, end);
    if (bytes[at] !== Byte.Colon) return -1;
    at++;
    this.#place = escaped ? place : sequence.learn(bytes, start, at, this.#entry, table.destinations[this.#entry]!, place);
    return at;
  }

  /** A value that is read as several columns, or that columns lie in, or both. */
  #several(table: KeyTable, entry: number, start: number, end: number, row: number): number {
    const store = this.#store;
    const below = table.below[entry]!;
    const children = table.children[entry];
    // The last of equal names wins, also over what an earlier one had inside.
    for (const column of below) store.unmeet(column, row);
    let at = start;
    for (const column of table.columns[entry]!) {
      at = this.#value(column, start, end, row);
      if (at < 0) return -1;
    }
    if (children === undefined) return at;
    const first = this.#bytes[start]!;
    if (first === Byte.OpenObject) return this.#object(children, start + 1, end, row);
    at = this.#skipValue(start, end);
    // Columns below a null are missing, as below an absent name. Anything else is a mistake in the record.
    if (at >= 0 && first !== 110) {
      for (const column of below) {
        store.meet(column, row);
        store.fail(column, "wrong-type", `lies in an object, but ${describeFirst(first)} is there`);
      }
    }
    return at;
  }

  #value(column: number, start: number, end: number, row: number): number {
    const store = this.#store;
    const bytes = this.#bytes;
    const first = bytes[start]!;
    const held = store.held[column]!;
    store.meet(column, row);
    if (first === Byte.Quote) {
      if (held === Held.Text) return this.#text(start + 1, end, column, row);
      if (held === Held.Iso) return this.#instant(start + 1, end, column, row);
    }
    if ((first === Byte.Minus || (first >= Byte.Zero && first <= Byte.Nine)) && held >= Held.Float64 && held !== Held.Iso) {
      const at = this.#number(start);
      if (at >= 0) this.#writeNumber(start, at, column, row);
      return at;
    }
    const at = this.#skipValue(start, end);
    if (at < 0) return -1;
    if (first === 110) store.setNull(column, row);
    else if (held === Held.Boolean && (first === 116 || first === 102)) store.flags[column]![row] = first === 116 ? 1 : 0;
    else store.failWrongType(column, describeFirst(first));
    return at;
  }

  /** A string that becomes a column's text: hashed while its end is looked for, as every word is at hand. */
  #text(start: number, end: number, column: number, row: number): number {
    const view = this.#view;
    const bytes = this.#bytes;
    let hash = 0;
    let at = start;
    let word: number;
    let stops: number;
    for (;;) {
      if (at > end) return -1;
      word = view.getInt32(at, true);
      // As in `#string`.
      stops = (((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101) | word) & 0x80808080;
      if (stops !== 0) break;
      hash = hashWord(hash, word);
      at += 4;
    }
    // All bits below the lowest stop's byte: of what remains of the text.
    const rest = stops & -stops;
    hash = hashEnd(hashWord(hash, word & ((rest >>> 7) - 1)));
    at += (31 - Math.clz32(rest)) >> 3;
    if (bytes[at] === Byte.Quote) {
      this.#writeText(bytes, view, start, at, hash, column, row);
      return at + 1;
    }
    at = this.#unusualString(at, end);
    if (at < 0) return -1;
    if (this.#escaped) {
      const length = this.#unescape(start, at);
      this.#writeText(this.#plain, this.#plainView, 0, length, textHash(this.#plain, this.#plainView, 0, length), column, row);
    } else this.#writeText(bytes, view, start, at, textHash(bytes, view, start, at), column, row);
    return at + 1;
  }

  #instant(start: number, end: number, column: number, row: number): number {
    const at = this.#string(start, end);
    if (at < 0) return -1;
    if (this.#escaped) this.#writeInstant(this.#plain, 0, this.#unescape(start, at), column, row);
    else this.#writeInstant(this.#bytes, start, at, column, row);
    return at + 1;
  }

  #writeText(bytes: Uint8Array, view: DataView, start: number, end: number, hash: number, column: number, row: number): void {
    const store = this.#store;
    if (end - start > store.maxBytes[column]!) {
      store.fail(column, "too-long", `has ${end - start} bytes, but a text has at most ${store.maxBytes[column]}`);
    } else store.codes[column]![row] = store.interners[column]!.intern(bytes, view, start, end, hash);
  }

  #writeInstant(bytes: Uint8Array, start: number, end: number, column: number, row: number): void {
    const instant = isoInstant(bytes, start, end);
    if (Number.isNaN(instant)) this.#store.failWrongType(column, JSON.stringify(excerpt(Buffer.from(bytes.subarray(start, end)).toString())));
    else this.#store.floats[column]![row] = instant;
  }

  /** Writes the number that `#number` has just read from `bytes[start .. end)`. */
  #writeNumber(start: number, end: number, column: number, row: number): void {
    const store = this.#store;
    const held = store.held[column]!;
    const scale = store.scales[column]!;
    const fraction = this.#fraction;
    if (!this.#isShort) return this.#writeLongNumber(start, end, column, row);
    // `0 -` and not a sign, so that a negative zero becomes a zero.
    const digits = this.#bytes[start] === Byte.Minus ? 0 - this.#digits : this.#digits;
    let value: number;
    switch (held) {
      case Held.Integer:
      case Held.Bigint:
        if (fraction > scale) return this.#writeLongNumber(start, end, column, row);
        value = fraction === scale ? digits : digits * POWERS[scale - fraction]!;
        // A product beyond 2^53 may be rounded, but not to below it.
        if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) return this.#writeLongNumber(start, end, column, row);
        if (held === Held.Integer) break;
        store.bigints[column]![row] = BigInt(value);
        return;
      case Held.Float64:
        // Both are exact, so their quotient is the double nearest to the text: Clinger, "How to read floating point numbers accurately".
        value = fraction === 0 ? digits : digits / POWERS[fraction]!;
        break;
      default:
        if (fraction !== 0) return this.#writeLongNumber(start, end, column, row);
        value = held === Held.Seconds ? digits * 1_000 : held === Held.Microseconds ? Math.floor(digits / 1_000) : digits;
        if (value > LATEST_INSTANT_MS || value < -LATEST_INSTANT_MS) return this.#writeLongNumber(start, end, column, row);
    }
    store.floats[column]![row] = value;
  }

  /** Any number, exactly; and whatever is wrong with it. */
  #writeLongNumber(start: number, end: number, column: number, row: number): void {
    writeNumberText(this.#store, Buffer.from(this.#bytes.subarray(start, end)).toString("latin1"), column, row);
  }

  /** From behind the opening quote to the closing one. */
  #string(from: number, end: number): number {
    const view = this.#view;
    let at = from - 4;
    let stops: number;
    do {
      at += 4;
      if (at > end) return -1;
      const word = view.getInt32(at, true);
      // Bit 7 of every byte that may end the plain part: `"`, `\`, below 32, above 127. Exact in the lowest such byte.
      stops = (((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101) | word) & 0x80808080;
    } while (stops === 0);
    at += (31 - Math.clz32(stops & -stops)) >> 3;
    if (this.#bytes[at] !== Byte.Quote) return this.#unusualString(at, end);
    this.#escaped = false;
    return at;
  }

  /** The rest of a string from a byte that ends its plain part, to its closing quote. */
  #unusualString(from: number, end: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    let escaped = false;
    let at = from;
    while (at < end) {
      const byte = bytes[at]!;
      if (byte === Byte.Quote) {
        this.#escaped = escaped;
        return at;
      }
      if (byte === Byte.Backslash) {
        escaped = true;
        const kind = bytes[at + 1]!;
        if (kind === 117) {
          for (let i = at + 2; i < at + 6; i++) if (hexDigit(bytes[i]!) < 0) return -1;
          at += 6;
        } else if (unescaped(kind) >= 0) at += 2;
        else return -1;
      } else if (byte >= 128) {
        at = characterEnd(bytes, at);
        if (at < 0) return -1;
        // Where one such character is, the next one is likely another.
        if (bytes[at]! >= 128) continue;
      } else return -1;
      let stops: number;
      at -= 4;
      do {
        at += 4;
        if (at > end) return -1;
        const word = view.getInt32(at, true);
        stops = (((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101) | word) & 0x80808080;
      } while (stops === 0);
      at += (31 - Math.clz32(stops & -stops)) >> 3;
    }
    return -1;
  }

  /** Writes a valid string's text as UTF-8 into `#plain`, and returns its length. */
  #unescape(from: number, until: number): number {
    // An escape is never shorter than what it stands for.
    if (until - from > this.#plain.length) {
      this.#plain = new Uint8Array((until - from) * 2);
      this.#plainView = new DataView(this.#plain.buffer);
    }
    const bytes = this.#bytes;
    const plain = this.#plain;
    let length = 0;
    for (let at = from; at < until; ) {
      const byte = bytes[at]!;
      if (byte !== Byte.Backslash) {
        plain[length++] = byte;
        at++;
        continue;
      }
      const kind = bytes[at + 1]!;
      if (kind !== 117) {
        plain[length++] = unescaped(kind);
        at += 2;
        continue;
      }
      let point = hexNumber(bytes, at + 2);
      at += 6;
      if (point >= 0xd800 && point < 0xe000) {
        const low = point < 0xdc00 && bytes[at] === Byte.Backslash && bytes[at + 1] === 117 ? hexNumber(bytes, at + 2) : 0;
        if (low >= 0xdc00 && low < 0xe000) {
          point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
          at += 6;
        } else point = 0xfffd;
      }
      if (point < 0x80) plain[length++] = point;
      else if (point < 0x800) {
        plain[length++] = 0xc0 | (point >> 6);
        plain[length++] = 0x80 | (point & 63);
      } else if (point < 0x10000) {
        plain[length++] = 0xe0 | (point >> 12);
        plain[length++] = 0x80 | ((point >> 6) & 63);
        plain[length++] = 0x80 | (point & 63);
      } else {
        plain[length++] = 0xf0 | (point >> 18);
        plain[length++] = 0x80 | ((point >> 12) & 63);
        plain[length++] = 0x80 | ((point >> 6) & 63);
        plain[length++] = 0x80 | (point & 63);
      }
    }
    return length;
  }

  /** Reads a number to its end, and its digits if there are at most 15. */
  #number(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    let byte = bytes[at]!;
    if (byte === Byte.Minus) byte = bytes[++at]!;
    // Two integers and one multiplication: adding digit by digit to a double is three times as slow.
    let high = 0;
    let low = 0;
    let count = 0;
    let fraction = 0;
    if (byte === Byte.Zero) {
      byte = bytes[++at]!;
      if (byte >= Byte.Zero && byte <= Byte.Nine) return -1;
    } else {
      if (!(byte > Byte.Zero && byte <= Byte.Nine)) return -1;
      do {
        if (count < 9) high = (high * 10 + byte - Byte.Zero) | 0;
        else if (count < 15) low = (low * 10 + byte - Byte.Zero) | 0;
        count++;
        byte = bytes[++at]!;
      } while (byte >= Byte.Zero && byte <= Byte.Nine);
    }
    if (byte === Byte.Point) {
      byte = bytes[++at]!;
      if (!(byte >= Byte.Zero && byte <= Byte.Nine)) return -1;
      do {
        if (count < 9) high = (high * 10 + byte - Byte.Zero) | 0;
        else if (count < 15) low = (low * 10 + byte - Byte.Zero) | 0;
        count++;
        fraction++;
        byte = bytes[++at]!;
      } while (byte >= Byte.Zero && byte <= Byte.Nine);
    }
    this.#digits = count <= 9 ? high : high * POWERS[count > 15 ? 0 : count - 9]! + low;
    this.#fraction = fraction;
    this.#isShort = count <= 15;
    if (byte === 101 || byte === 69) {
      this.#isShort = false;
      return this.#exponent(at);
    }
    return at;
  }

  #skipNumber(start: number, end: number): number {
    const bytes = this.#bytes;
    let at = start;
    if (bytes[at] === Byte.Minus) at++;
    const first = bytes[at]!;
    if (!(first >= Byte.Zero && first <= Byte.Nine)) return -1;
    const whole = at;
    at = this.#skipDigits(at, end);
    if (first === Byte.Zero && at > whole + 1) return -1;
    if (bytes[at] === Byte.Point) {
      const fraction = at + 1;
      at = this.#skipDigits(fraction, end);
      if (at === fraction) return -1;
    }
    return bytes[at] === 101 || bytes[at] === 69 ? this.#exponent(at) : at;
  }

  /** The first byte that is no digit; not further than just over the end. */
  #skipDigits(from: number, end: number): number {
    const view = this.#view;
    let at = from;
    while (at <= end) {
      const word = view.getInt32(at, true);
      // Bit 7 of every byte that is above "9" or below "0". Exact in the lowest such byte.
      const stops = ((word + 0x46464646) | (word - 0x30303030)) & 0x80808080;
      if (stops !== 0) return at + ((31 - Math.clz32(stops & -stops)) >> 3);
      at += 4;
    }
    return at;
  }

  /** From "e" to behind the exponent's last digit. */
  #exponent(from: number): number {
    const bytes = this.#bytes;
    let at = from + 1;
    if (bytes[at] === 43 || bytes[at] === Byte.Minus) at++;
    const first = at;
    while (bytes[at]! >= Byte.Zero && bytes[at]! <= Byte.Nine) at++;
    return at === first ? -1 : at;
  }

  /** Any value, of any depth, checked but not kept. Without recursion: nesting costs a byte a level, no stack. */
  #skipValue(start: number, end: number): number {
    const bytes = this.#bytes;
    let depth = 0;
    let at = start;
    for (;;) {
      // A value begins.
      at = this.#space(at, end);
      if (at >= end) return -1;
      const first = bytes[at]!;
      if (first === Byte.Quote) {
        at = this.#string(at + 1, end);
        if (at < 0) return -1;
        at++;
      } else if (first === Byte.OpenObject || first === Byte.OpenArray) {
        const isObject = first === Byte.OpenObject;
        at = this.#space(at + 1, end);
        if (bytes[at] === (isObject ? Byte.CloseObject : Byte.CloseArray)) at++;
        else {
          if (depth === this.#nesting.length) this.#deepen();
          this.#nesting[depth++] = isObject ? 1 : 0;
          if (isObject) {
            at = this.#skipName(at, end);
            if (at < 0) return -1;
          }
          continue;
        }
      } else if (first === 116) {
        if (bytes[at + 1] !== 114 || bytes[at + 2] !== 117 || bytes[at + 3] !== 101) return -1;
        at += 4;
      } else if (first === 102) {
        if (bytes[at + 1] !== 97 || bytes[at + 2] !== 108 || bytes[at + 3] !== 115 || bytes[at + 4] !== 101) return -1;
        at += 5;
      } else if (first === 110) {
        if (bytes[at + 1] !== 117 || bytes[at + 2] !== 108 || bytes[at + 3] !== 108) return -1;
        at += 4;
      } else {
        at = this.#skipNumber(at, end);
        if (at < 0) return -1;
      }
      // It has ended; perhaps so do those that it lies in.
      for (;;) {
        if (depth === 0) return at;
        at = this.#space(at, end);
        const isObject = this.#nesting[depth - 1] === 1;
        const byte = bytes[at];
        if (byte === Byte.Comma) {
          at++;
          if (isObject) {
            at = this.#skipName(this.#space(at, end), end);
            if (at < 0) return -1;
          }
          break;
        }
        if (byte !== (isObject ? Byte.CloseObject : Byte.CloseArray)) return -1;
        at++;
        depth--;
      }
    }
  }

  /** A name and its colon. */
  #skipName(start: number, end: number): number {
    if (this.#bytes[start] !== Byte.Quote) return -1;
    let at = this.#string(start + 1, end);
    if (at < 0) return -1;
    at = this.#space(at + 1, end);
    return this.#bytes[at] === Byte.Colon ? at + 1 : -1;
  }

  #deepen(): void {
    const deeper = new Uint8Array(this.#nesting.length * 4);
    deeper.set(this.#nesting);
    this.#nesting = deeper;
  }

  #space(from: number, end: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (at < end) {
      const byte = bytes[at];
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) break;
      at++;
    }
    return at;
  }
}

/** Writes a number from its JSON text, for a column that holds numbers. */
export function writeNumberText(store: ColumnStore, text: string, column: number, row: number): void {
  const held = store.held[column]!;
  const definition = store.definitions[column]!;
  if (held === Held.Float64) {
    const value = Number(text);
    if (Number.isFinite(value)) store.floats[column]![row] = value + 0;
    else store.failOutOfRange(column, text, "beyond the range of a double");
    return;
  }
  if (held === Held.Integer || held === Held.Bigint) {
    const value = scaledInteger(text, store.scales[column]!);
    const type = definition.kind === "decimal" ? `decimal(${definition.scale ?? 0})` : "int64";
    if (value === "inexact") {
      if (definition.kind === "int64") return store.failWrongType(column, excerpt(text));
      return store.failOutOfRange(column, text, `which has more than ${definition.scale ?? 0} digits after the point`);
    }
    if (held === Held.Integer) {
      if (value === "too-large" || value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) {
        return store.failOutOfRange(column, text, `beyond what ${type} holds exactly as a number`);
      }
      store.floats[column]![row] = Number(value);
    } else if (value === "too-large" || value > INT64_MAX || value < INT64_MIN) store.failOutOfRange(column, text, `beyond ${type}`);
    else store.bigints[column]![row] = value;
    return;
  }
  const power = held === Held.Seconds ? 3 : held === Held.Microseconds ? -3 : 0;
  const instant = scaledInteger(text, power, true);
  if (typeof instant === "string" || instant > LATEST_INSTANT_MS || instant < -LATEST_INSTANT_MS) {
    store.failOutOfRange(column, text, "beyond the range of a date");
  } else store.floats[column]![row] = Number(instant);
}

/** The end of a valid UTF-8 character of two to four bytes, or -1: Unicode 15, table 3-7. */
function characterEnd(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  const second = bytes[at + 1]!;
  if (lead < 0xe0) return lead >= 0xc2 && isTail(second) ? at + 2 : -1;
  if (lead < 0xf0) {
    const isValid = isTail(second) && (lead !== 0xe0 || second >= 0xa0) && (lead !== 0xed || second < 0xa0);
    return isValid && isTail(bytes[at + 2]!) ? at + 3 : -1;
  }
  const isValid = lead < 0xf5 && isTail(second) && (lead !== 0xf0 || second >= 0x90) && (lead !== 0xf4 || second < 0x90);
  return isValid && isTail(bytes[at + 2]!) && isTail(bytes[at + 3]!) ? at + 4 : -1;
}

function isUtf8(bytes: Uint8Array, end: number): boolean {
  for (let at = 0; at < end; ) {
    at = bytes[at]! < 128 ? at + 1 : characterEnd(bytes, at);
    if (at < 0) return false;
  }
  return true;
}

function isTail(byte: number): boolean {
  return byte >= 0x80 && byte < 0xc0;
}

/** What `\"`, `\n` and the others stand for, by the second byte; -1 where there is no such escape. */
function unescaped(kind: number): number {
  switch (kind) {
    case Byte.Quote:
    case Byte.Backslash:
    case 47:
      return kind;
    case 98:
      return 8;
    case 102:
      return 12;
    case 110:
      return 10;
    case 114:
      return 13;
    case 116:
      return 9;
    default:
      return -1;
  }
}

function hexDigit(byte: number): number {
  if (byte >= Byte.Zero && byte <= Byte.Nine) return byte - Byte.Zero;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

function hexNumber(bytes: Uint8Array, at: number): number {
  return (hexDigit(bytes[at]!) << 12) | (hexDigit(bytes[at + 1]!) << 8) | (hexDigit(bytes[at + 2]!) << 4) | hexDigit(bytes[at + 3]!);
}

/** The text of a valid JSON string with its quotes. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  return JSON.parse(Buffer.from(bytes.subarray(start, end)).toString()) as string;
}

function describeFirst(first: number): string {
  switch (first) {
    case Byte.Quote:
      return "text";
    case Byte.OpenObject:
      return "an object";
    case Byte.OpenArray:
      return "an array";
    case 110:
      return "null";
    case 116:
      return "true";
    case 102:
      return "false";
    default:
      return "a number";
  }
}
