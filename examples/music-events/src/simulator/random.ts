/**
 * Seeded random numbers: sfc32 ("small fast counting", 128 bits of state), the same on every machine. The standard
 * generator cannot be seeded.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `purpose` separates the sequences of one seed, so that a further draw of one purpose leaves the others alone. */
  constructor(seed: number, purpose: number) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 2 ** 32) | 0;
    this.#c = purpose | 0;
    // The author's seeding: twelve rounds until close seeds have nothing in common.
    for (let round = 0; round < 12; round++) this.uniform();
  }

  /** Uniform in [0, 1), in steps of 2^-32. */
  uniform(): number {
    const mixed = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + mixed) | 0;
    return (mixed >>> 0) / 2 ** 32;
  }

  /** Uniform integer in [0, `limit`). */
  below(limit: number): number {
    return Math.floor(this.uniform() * limit);
  }

  /** Time to the next event of a memoryless process, in the unit of `mean`. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** Standard normal (Box and Muller, whose second value is thrown away to keep no state). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Log-normal with this mean (not this median); `sigma` is the deviation of the logarithm. */
  logNormal(mean: number, sigma: number): number {
    return mean * Math.exp(sigma * this.normal() - (sigma * sigma) / 2);
  }

  /** One of a list that is not empty. */
  oneOf<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}
