import { textHash, TextInterner } from "./text-interner.js";

const UNKNOWN = -1;
const FAILED = -2;

/**
 * What the texts of one column become, by the code they were interned with: each distinct text is cleaned once, and a
 * record costs one look into a table.
 */
export class CleanedTexts {
  #source: TextInterner | undefined;
  #dictionary = new TextInterner();
  /** By code of the source: a code of the dictionary, or {@link UNKNOWN}, or {@link FAILED}. */
  #codes = new Int32Array(0);
  readonly #failures = new Map<number, string>();

  constructor(
    readonly column: number,
    readonly apply: (text: string) => string,
    readonly maxBytes: number,
  ) {}

  /** Texts as they become; as long as the source's dictionary is the same, so is this one. */
  get dictionary(): TextInterner {
    return this.#dictionary;
  }

  /** Turns to the dictionary that codes come from. */
  of(source: TextInterner): void {
    if (this.#source === source) return;
    this.#source = source;
    this.#dictionary = new TextInterner();
    this.#codes = new Int32Array(0);
    this.#failures.clear();
  }

  /** The code of what a text becomes, or a negative number when it cannot be cleaned. */
  clean(code: number): number {
    if (code >= this.#codes.length) this.#grow(code);
    const known = this.#codes[code]!;
    if (known !== UNKNOWN) return known;
    const source = this.#source!;
    let cleaned: unknown;
    try {
      cleaned = this.apply(source.text(code));
    } catch (error) {
      return this.#fail(code, `cannot be cleaned: ${(error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").slice(0, 200)}`);
    }
    if (typeof cleaned !== "string") return this.#fail(code, `becomes ${cleaned === null ? "null" : typeof cleaned}, no text, when it is cleaned`);
    const bytes = Buffer.from(cleaned);
    if (bytes.length > this.maxBytes) return this.#fail(code, `has ${bytes.length} bytes when it is cleaned, but a text has at most ${this.maxBytes}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return (this.#codes[code] = this.#dictionary.intern(bytes, view, 0, bytes.length, textHash(bytes, view, 0, bytes.length)));
  }

  /** Completes the sentence `is "...", which ...`. */
  failureOf(code: number): string {
    return this.#failures.get(code)!;
  }

  #fail(code: number, why: string): number {
    this.#failures.set(code, why);
    return (this.#codes[code] = FAILED);
  }

  #grow(code: number): void {
    const codes = new Int32Array(Math.max(1_024, this.#codes.length * 2, code + 1)).fill(UNKNOWN);
    codes.set(this.#codes);
    this.#codes = codes;
  }
}
