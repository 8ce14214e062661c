const SLOT_SEC = 900;
/** Ends the list of a slot. */
const NOBODY = 0xffff_ffff;

/**
 * Users ordered by the time of their next event. Ties go to the lower user number, so that the order is total and does
 * not depend on how the queue came to be.
 *
 * A calendar: those whose turn comes in a later quarter of an hour wait in a list of that quarter, and only the quarter
 * at hand is a heap. Of a million users most wait for days, and a heap of all of them would miss the cache at every
 * level.
 */
export class UserQueue {
  readonly #secOf: (user: number) => number;
  /** The heap, as times and users side by side. */
  #times = new Float64Array(1_024);
  #users = new Uint32Array(1_024);
  #size = 0;
  /** The slot that the heap holds, with all before it. */
  #slot = -Infinity;
  /** First user of each later slot; the others follow in `next`. */
  readonly #slots = new Map<number, number>();
  #next = new Uint32Array(1_024);
  #waiting = 0;

  /** @param secOf the sort key. Only that of the first user may change, and `moveFirst` must follow. */
  constructor(secOf: (user: number) => number) {
    this.#secOf = secOf;
  }

  /** The user whose turn it is, or undefined when nobody is left. */
  get first(): number | undefined {
    if (this.#size === 0 && !this.#turnPage()) return undefined;
    return this.#users[0];
  }

  add(user: number): void {
    const sec = this.#secOf(user);
    const slot = Math.floor(sec / SLOT_SEC);
    if (slot <= this.#slot) this.#push(user, sec);
    else this.#wait(user, slot);
  }

  /** Puts the first user where its new time belongs. */
  moveFirst(): void {
    const user = this.#users[0]!;
    const sec = this.#secOf(user);
    const slot = Math.floor(sec / SLOT_SEC);
    if (slot <= this.#slot) this.#sink(user, sec);
    else {
      this.removeFirst();
      this.#wait(user, slot);
    }
  }

  removeFirst(): void {
    const last = --this.#size;
    if (last > 0) this.#sink(this.#users[last]!, this.#times[last]!);
  }

  #wait(user: number, slot: number): void {
    if (user >= this.#next.length) {
      const wider = new Uint32Array(2 * user);
      wider.set(this.#next);
      this.#next = wider;
    }
    this.#next[user] = this.#slots.get(slot) ?? NOBODY;
    this.#slots.set(slot, user);
    this.#waiting++;
  }

  /** Makes the next slot that has users the heap. False when nobody waits. */
  #turnPage(): boolean {
    if (this.#waiting === 0) return false;
    // Before the first, and over a long gap, asking the slots beats counting up.
    let slot = this.#slot + 1;
    for (let tries = 0; tries < 1_000 && !this.#slots.has(slot); tries++) slot++;
    if (!this.#slots.has(slot)) {
      slot = Infinity;
      for (const other of this.#slots.keys()) if (other < slot) slot = other;
    }
    this.#slot = slot;
    for (let user = this.#slots.get(slot)!; user !== NOBODY; user = this.#next[user]!) {
      this.#push(user, this.#secOf(user));
      this.#waiting--;
    }
    this.#slots.delete(slot);
    return true;
  }

  #push(user: number, sec: number): void {
    if (this.#size === this.#users.length) {
      const times = new Float64Array(2 * this.#size);
      times.set(this.#times);
      this.#times = times;
      const users = new Uint32Array(2 * this.#size);
      users.set(this.#users);
      this.#users = users;
    }
    const times = this.#times;
    const users = this.#users;
    let hole = this.#size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = times[parent]!;
      if (above < sec || (above === sec && users[parent]! < user)) break;
      times[hole] = above;
      users[hole] = users[parent]!;
      hole = parent;
    }
    times[hole] = sec;
    users[hole] = user;
  }

  /** Fills the hole at the root: later users sink past it until `user` fits. */
  #sink(user: number, sec: number): void {
    const times = this.#times;
    const users = this.#users;
    const size = this.#size;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      const right = child + 1;
      if (right < size && (times[right]! < times[child]! || (times[right] === times[child] && users[right]! < users[child]!))) child = right;
      const time = times[child]!;
      if (sec < time || (sec === time && user < users[child]!)) break;
      times[hole] = time;
      users[hole] = users[child]!;
      hole = child;
    }
    times[hole] = sec;
    users[hole] = user;
  }
}
