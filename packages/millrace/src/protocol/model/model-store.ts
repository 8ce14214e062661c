import { segmentName } from "@millrace/core";
import type { ChainLink, SegmentId } from "@millrace/core";
import { PARTITIONS, VIEWS } from "./parameters.js";
import type { Rules } from "./rules.js";
import type { Random } from "./seeded-random.js";
import { below } from "./seeded-random.js";
import type { Variant } from "./variant.js";

/** A progress row, with what the model's readers use of it. */
export interface ModelProgress extends ChainLink {
  readonly version: number;
  readonly records: number;
  readonly deadLetters: number;
  readonly coveredUntil: number;
  readonly overlapping: boolean;
}

/** A partial: the ids of the records in it, so that merging loses nothing that a check needs. */
export interface ModelPartial {
  readonly ids: readonly number[];
  readonly version: number;
}

interface StoredPartial extends ModelPartial {
  readonly expiresAt: number;
}

interface Replica {
  /** By view and partition, then segment name. */
  readonly progress: Map<string, ModelProgress>[];
  /** By view and partition, then segment name, then group. */
  readonly partials: Map<string, Map<string, StoredPartial>>[];
}

const slot = (view: number, partition: number): number => view * PARTITIONS + partition;

/** The store of the speed layer: replicas of which a write reaches some at once, and a read asks some. */
export class ModelStore {
  readonly #variant: Variant;
  readonly #rules: Rules;
  readonly #replicas: readonly Replica[];

  constructor(variant: Variant, rules: Rules) {
    this.#variant = variant;
    this.#rules = rules;
    const maps = <V>() => Array.from({ length: VIEWS * PARTITIONS }, () => new Map<string, V>());
    this.#replicas = Array.from({ length: variant.replicas }, () => ({ progress: maps<ModelProgress>(), partials: maps<Map<string, StoredPartial>>() }));
  }

  /** The replicas that one write reaches, in the order in which it does: a crash may come between any two. */
  replicasToWrite(random: Random): readonly number[] {
    return this.#some(random, this.#variant.writtenReplicas);
  }

  writePartial(replica: number, view: number, segment: SegmentId, group: string, partial: ModelPartial, expiresAt: number): void {
    const segments = this.#replicas[replica]!.partials[slot(view, segment.partition)]!;
    const name = segmentName(segment);
    let rows = segments.get(name);
    if (!rows) segments.set(name, (rows = new Map()));
    const old = rows.get(group);
    if (!old || this.#wins(partial.version, old.version)) rows.set(group, { ...partial, expiresAt });
  }

  writeProgress(replica: number, view: number, row: ModelProgress): void {
    const rows = this.#replicas[replica]!.progress[slot(view, row.segment.partition)]!;
    const name = segmentName(row.segment);
    const old = rows.get(name);
    if (!old || this.#wins(row.version, old.version)) rows.set(name, row);
  }

  /** The progress rows of a view and partition that are covered at `now`, in one snapshot. */
  progress(view: number, partition: number, now: number, random: Random): readonly ModelProgress[] {
    const newest = new Map<string, ModelProgress>();
    for (const replica of this.#some(random, this.#variant.readReplicas)) {
      for (const [name, row] of this.#replicas[replica]!.progress[slot(view, partition)]!) {
        const seen = newest.get(name);
        if (!seen || row.version > seen.version) newest.set(name, row);
      }
    }
    return [...newest.values()].filter(({ coveredUntil }) => coveredUntil > now);
  }

  /** The largest `until` of the covered rows that every reader sees, whichever replicas it asks. */
  promised(view: number, partition: number, now: number): number {
    const holders = new Map<string, number>();
    let promised = 0;
    for (const { progress } of this.#replicas) {
      for (const [name, { version, until, coveredUntil }] of progress[slot(view, partition)]!) {
        const key = `${name} ${version}`;
        const count = (holders.get(key) ?? 0) + 1;
        holders.set(key, count);
        if (coveredUntil > now && count > this.#variant.replicas - this.#variant.readReplicas) promised = Math.max(promised, until);
      }
    }
    return promised;
  }

  /** The first of those rows behind `after` in the order of their segments, for a reader that has no snapshot. */
  progressAfter(view: number, partition: number, after: SegmentId | undefined, now: number, random: Random): ModelProgress | undefined {
    let next: ModelProgress | undefined;
    for (const row of this.progress(view, partition, now, random)) {
      if ((after === undefined || bySegment(after, row.segment) < 0) && (next === undefined || bySegment(row.segment, next.segment) < 0)) next = row;
    }
    return next;
  }

  /** The partials of one segment that have not expired at `now`. */
  partials(view: number, segment: SegmentId, now: number, random: Random): ReadonlyMap<string, ModelPartial> {
    const newest = new Map<string, StoredPartial>();
    for (const replica of this.#some(random, this.#variant.readReplicas)) {
      const rows = this.#replicas[replica]!.partials[slot(view, segment.partition)]!.get(segmentName(segment));
      for (const [group, row] of rows ?? []) {
        const seen = newest.get(group);
        if (row.expiresAt > now && (!seen || row.version > seen.version)) newest.set(group, row);
      }
    }
    return newest;
  }

  /** The next `coveredUntil` after `now`, or `now`. */
  nextExpiry(now: number): number {
    let next = Infinity;
    for (const { progress } of this.#replicas) {
      for (const rows of progress) for (const { coveredUntil } of rows.values()) if (coveredUntil > now && coveredUntil < next) next = coveredUntil;
    }
    return next === Infinity ? now : next;
  }

  /** Drops what has expired, and progress that has outlived it. */
  sweep(now: number): void {
    for (const { progress, partials } of this.#replicas) {
      for (const rows of progress) for (const [name, row] of rows) if (row.coveredUntil <= now) rows.delete(name);
      for (const segments of partials) {
        for (const rows of segments.values()) for (const [group, row] of rows) if (row.expiresAt <= now) rows.delete(group);
      }
    }
  }

  #wins(version: number, old: number): boolean {
    return version > old || !this.#rules.writeTimestamps;
  }

  #some(random: Random, count: number): readonly number[] {
    if (this.#variant.replicas === 1) return [0];
    const left = Array.from({ length: this.#variant.replicas }, (_, replica) => replica);
    return Array.from({ length: count }, () => left.splice(below(random, left.length), 1)[0]!);
  }
}

function bySegment(a: SegmentId, b: SegmentId): number {
  return a.first - b.first || (a.end ?? 0) - (b.end ?? 0);
}
