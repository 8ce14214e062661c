import { LONGEST_QUERY_MS, KEPT_GENERATIONS, PARTITIONS } from "./parameters.js";
import type { World } from "./world.js";

/** Ids of the records of each group, with the partition they came from. */
export type TableContent = ReadonlyMap<string, readonly number[]>;

export interface ModelGeneration {
  readonly number: number;
  readonly parent: number;
  /** One offset a partition. */
  readonly cut: readonly number[];
  /** By view: the table version of each date. Views that the generation does not know are refused. */
  readonly tables: readonly ReadonlyMap<number, number>[];
}

/** What is served before anything was published: every view, all from the speed layer. */
const nothing = (views: number): ModelGeneration => ({
  number: 0,
  parent: -1,
  cut: Array.from({ length: PARTITIONS }, () => 0),
  tables: Array.from({ length: views }, () => new Map<number, number>()),
});

/** Generations, immutable table versions beside each other, and the pointer `current`. */
export class Publication {
  readonly versions = new Map<number, TableContent>();
  /** A process that slept between its last look and its switch moved the pointer back. The next run moves it on. */
  steppedBack = false;
  readonly #generations = new Map<number, ModelGeneration>();
  readonly #replacedAt = new Map<number, number>();
  readonly #nothing: ModelGeneration;
  #current = 0;
  #nextVersion = 1;

  constructor(views: number) {
    this.#nothing = nothing(views);
  }

  get current(): number {
    return this.#current;
  }

  get highest(): number {
    let highest = 0;
    for (const number of this.#generations.keys()) if (number > highest) highest = number;
    return highest;
  }

  switchTo(number: number, now: number): void {
    if (number === this.#current) return;
    if (number < this.#current) this.steppedBack = true;
    this.#replacedAt.set(this.#current, now);
    this.#current = number;
  }

  /** When the pointer last moved away from a generation. */
  replacedAt(number: number): number | undefined {
    return this.#replacedAt.get(number);
  }

  /** Undefined when it was pruned. */
  generation(number: number): ModelGeneration | undefined {
    return number === 0 ? this.#nothing : this.#generations.get(number);
  }

  numbers(): readonly number[] {
    return [...this.#generations.keys()];
  }

  addVersion(content: TableContent): number {
    this.versions.set(this.#nextVersion, content);
    return this.#nextVersion++;
  }

  /** Create-without-overwrite. */
  claim(generation: ModelGeneration): boolean {
    if (this.#generations.has(generation.number)) return false;
    this.#generations.set(generation.number, generation);
    return true;
  }

  remove(number: number): void {
    this.#generations.delete(number);
  }
}

/** The last steps of a run and of a rollback: claim, then switch. */
export function* publish(world: World, who: string, parent: number, content: Pick<ModelGeneration, "cut" | "tables">): Generator<void> {
  const { publication, rules } = world;
  const highest = publication.highest;
  if (rules.parentMustBeHighest && parent !== highest) {
    world.note(() => `${who} loses: its parent g${parent} is not the highest, g${highest} is`);
    return;
  }
  const number = (rules.claimsHighestPlusOne ? highest : parent) + 1;
  yield;
  if (!publication.claim({ ...content, number, parent })) {
    world.note(() => `${who} loses: g${number} is there`);
    return;
  }
  world.counts.publications++;
  world.note(() => `${who} claims g${number}, cut ${content.cut.join()}`);
  if (parent !== highest) world.fail("lost publication", `g${number} replaces g${highest}, but was built from g${parent}`);
  yield;
  if (publication.highest !== number) return;
  yield;
  publication.switchTo(number, world.now);
  world.note(() => `${who} switches to g${number}`);
}

/** What a run and a rollback do first: a claim whose maker died before the switch is made current. */
export function completeSwitch({ publication, rules, now, note }: World, who: string): void {
  if (!rules.completesSwitch || publication.current === publication.highest) return;
  publication.switchTo(publication.highest, now);
  note(() => `${who} completes the switch to g${publication.current}`);
}

/** A new generation with an old one's content. It names only what pruning keeps, so that nothing vanishes under it. */
export function* rollBack(world: World, choice: number): Generator<void> {
  const { publication } = world;
  completeSwitch(world, "rollback");
  const parent = publication.current;
  const candidates = publication.numbers().filter((number) => number < parent && number >= publication.highest - KEPT_GENERATIONS);
  const target = publication.generation(candidates[choice % candidates.length] ?? -1);
  if (!target) return;
  world.note(() => `rollback to the content of g${target.number}`);
  yield;
  yield* publish(world, "rollback", parent, { cut: target.cut, tables: target.tables });
}

/** Removes generations that no query can still read, then the table versions that only they named. */
export function* prune(world: World): Generator<void> {
  const { publication, rules, now } = world;
  const highest = publication.highest;
  const dropped = new Set<number>();
  for (const number of publication.numbers()) {
    if (number === publication.current || number >= highest - (rules.pruningWaits ? KEPT_GENERATIONS : 0)) continue;
    const replacedAt = publication.replacedAt(number) ?? now;
    if (rules.pruningWaits && now < replacedAt + LONGEST_QUERY_MS) continue;
    for (const table of publication.generation(number)!.tables) for (const version of table.values()) dropped.add(version);
    publication.remove(number);
    world.note(() => `pruning removes g${number}`);
    yield;
  }
  for (const number of publication.numbers()) {
    for (const table of publication.generation(number)!.tables) for (const version of table.values()) dropped.delete(version);
  }
  for (const version of dropped) {
    publication.versions.delete(version);
    world.counts.pruned++;
    world.note(() => `pruning removes table version ${version}`);
    yield;
  }
}
