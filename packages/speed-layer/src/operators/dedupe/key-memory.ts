/** What rows are told apart by. */
export type DedupeKey = string | number | bigint;

/** Keys that passed in one partition: for `withinMs` of broker time, and at most `maxKeys`; the oldest go first. */
export class KeyMemory {
  readonly #withinMs: number;
  readonly #maxKeys: number;
  /** When each passed. */
  readonly #passedAt = new Map<DedupeKey, number>();
  /** In the order in which they passed, from `#head` on. */
  #keys: DedupeKey[] = [];
  #times: number[] = [];
  #head = 0;
  /** Newest broker time: it may step back in the log. */
  #now = -Infinity;
  /** Keys that were forgotten before their time, because there were too many. */
  forgotten = 0;

  constructor(withinMs: number, maxKeys: number) {
    this.#withinMs = withinMs;
    this.#maxKeys = maxKeys;
  }

  /** Whether a row with this key and broker time is the first; remembers it if it is. Null is always the first. */
  isFirst(key: DedupeKey | null, appendedAt: number): boolean {
    if (appendedAt > this.#now) this.#now = appendedAt;
    if (key === null) return true;
    const oldest = this.#now - this.#withinMs;
    const passedAt = this.#passedAt.get(key);
    if (passedAt !== undefined && passedAt > oldest) return false;
    this.#passedAt.set(key, this.#now);
    this.#keys.push(key);
    this.#times.push(this.#now);
    while (this.#times[this.#head]! <= oldest) this.#forget();
    while (this.#passedAt.size > this.#maxKeys) {
      this.#forget();
      this.forgotten++;
    }
    return true;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#passedAt.size;
  }

  #forget(): void {
    const key = this.#keys[this.#head]!;
    // It may have passed again since then.
    if (this.#passedAt.get(key) === this.#times[this.#head]) this.#passedAt.delete(key);
    this.#head++;
    if (this.#head < 4_096 || this.#head * 2 < this.#keys.length) return;
    this.#keys = this.#keys.slice(this.#head);
    this.#times = this.#times.slice(this.#head);
    this.#head = 0;
  }
}
