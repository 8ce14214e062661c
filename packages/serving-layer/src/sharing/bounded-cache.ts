/**
 * Keeps values by key while their sizes together are at most `maxSize`; the least recently used go first. What alone would
 * take more than half is not kept: it would only push out all others.
 */
export class BoundedCache<V> {
  readonly #maxSize: number;
  readonly #sizeOf: (value: V, key: string) => number;
  /** In order of use, the oldest first. */
  readonly #values = new Map<string, V>();
  #size = 0;

  /** `sizeOf` gives the same for a value whenever it is asked. */
  constructor(maxSize: number, sizeOf: (value: V, key: string) => number) {
    this.#maxSize = maxSize;
    this.#sizeOf = sizeOf;
  }

  get(key: string): V | undefined {
    const value = this.#values.get(key);
    if (value !== undefined) {
      this.#values.delete(key);
      this.#values.set(key, value);
    }
    return value;
  }

  set(key: string, value: V): void {
    this.#delete(key);
    const size = this.#sizeOf(value, key);
    if (size > this.#maxSize / 2) return;
    this.#values.set(key, value);
    this.#size += size;
    for (const oldest of this.#values.keys()) {
      if (this.#size <= this.#maxSize) break;
      this.#delete(oldest);
    }
  }

  #delete(key: string): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#values.delete(key);
    this.#size -= this.#sizeOf(value, key);
  }
}
