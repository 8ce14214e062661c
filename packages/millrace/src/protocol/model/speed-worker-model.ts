import type { Chain } from "@millrace/core";
import { chainFrom } from "./model-chain.js";
import { groupOf, isEventOf } from "./model-log.js";
import type { LogPartitionModel, ModelRecord } from "./model-log.js";
import { opens } from "./ingest-model.js";
import type { ModelPartial, ModelProgress } from "./model-store.js";
import { COVER_MARGIN_MS, SPEED_RETENTION_MS } from "./parameters.js";
import { below } from "./seeded-random.js";
import { overlaps } from "./variant.js";
import type { World } from "./world.js";

interface OpenSegment {
  readonly first: number;
  readonly previous: number;
  readonly firstAppendedAt: number;
  /** Where a manifest ended it short of the grid. */
  end?: number;
  last: number;
  until: number;
  records: number;
  deadLetters: number;
  /** By view, then group: the partials, and the groups that changed since the last flush. */
  readonly partials: readonly Map<string, ModelPartial>[];
  readonly changed: readonly Set<string>[];
  /** Offset of the record that sealed it. */
  sealedBy?: number;
  flushedUntil: number;
  /** When the first row was written; used only where expiry does not come from the log. */
  firstWriteAt?: number;
}

/** A speed worker of one partition. It may be one of several: a zombie does not know that it is one. */
export class SpeedWorkerModel {
  readonly #world: World;
  readonly #name: string;
  readonly #partition: number;
  readonly #ends = new Set<number>();
  #running = false;
  #logVersion = 0;
  #views = 0;
  /** Offset after the last record read. */
  #position = 0;
  /** Offset after the last record that counts for the next segment's `previous`. */
  #previous = 0;
  #open: OpenSegment | undefined;
  #flush: Generator<void> | undefined;

  constructor(world: World, name: string, partition: number) {
    this.#world = world;
    this.#name = name;
    this.#partition = partition;
  }

  get partition(): number {
    return this.#partition;
  }

  /** Whether it runs, and serves all views that are deployed. */
  get serves(): boolean {
    return this.#running && this.#views === this.#world.views;
  }

  stop(why: string): void {
    if (this.#running) this.#world.note(() => `worker ${this.#name} stops: ${why}`);
    this.#running = false;
    this.#open = undefined;
    this.#flush = undefined;
  }

  /** Starts at the oldest segment that is not completely flushed. `listed`: it has seen the manifests of now. */
  start(listed: boolean): void {
    const { rules, publication, views, note } = this.#world;
    this.stop("it is started again");
    this.#ends.clear();
    if (listed) for (const end of this.#world.master.ends(this.#partition)) this.#ends.add(end);
    const source = this.#source;
    if (rules.logVersionChecked && !source.recordedVersion) return note(() => `worker ${this.#name} refuses to start: p${this.#partition} was re-created`);
    this.#views = views;
    this.#logVersion = source.logVersion;
    if (!publication.generation(publication.current)) return;
    const chains = this.#chains();
    const position = Math.min(...chains.map(({ sealedUntil }) => sealedUntil));
    if (source.start > position && rules.wholeSegmentsOnly) return note(() => `worker ${this.#name} is in a gap: ${position} lies below the log's start ${source.start}`);
    this.#position = position;
    this.#previous = position;
    if (rules.startsOnDurableProgress) chains.forEach((chain, view) => this.#makeDurable(view, chain.links.findLast(({ until, sealed }) => sealed && until <= position)));
    this.#running = true;
    note(() => `worker ${this.#name} starts at ${position} of p${this.#partition}`);
  }

  /** Reads up to `count` records; stands still while a sealed segment is not flushed. */
  read(count: number): void {
    const { rules } = this.#world;
    const source = this.#source;
    if (!this.#running) return;
    if (rules.logVersionChecked && source.logVersion !== this.#logVersion) return this.stop("the topic was re-created");
    for (let index = source.indexOf(this.#position); count > 0 && index < source.committed; index++, count--) {
      const record = source.records[index]!;
      if (source.start > this.#position && rules.wholeSegmentsOnly) return this.stop("the log was trimmed before it read on");
      if (record.offset < source.start) continue;
      if (this.#open?.sealedBy !== undefined) return;
      if (this.#open && !this.#belongs(source, this.#open, record)) return;
      this.#open ??= this.#openAt(record);
      this.#fold(this.#open, record);
      this.#position = record.offset + 1;
      if (rules.deadLettersAreRecords || !record.dead) this.#previous = record.offset + 1;
    }
  }

  /** One step of the flush in flight, or of a new one. Returns whether there was anything to do. */
  flush(): boolean {
    if (!this.#running) return false;
    this.#flush ??= this.#open && this.#flushing(this.#open);
    if (!this.#flush) return false;
    const done = this.#flush.next().done === true;
    if (done) this.#flush = undefined;
    return !done;
  }

  flushAll(): void {
    while (this.flush());
  }

  /** Reads and flushes all there is. */
  catchUp(): void {
    for (;;) {
      const [position, open, flushedUntil] = [this.#position, this.#open, this.#open?.flushedUntil];
      this.read(Infinity);
      this.flushAll();
      if (!this.#running || (this.#position === position && this.#open === open && open?.flushedUntil === flushedUntil)) return;
    }
  }

  /** What a worker does when it hears of a manifest, a generation or a rollback. */
  learn(): void {
    const { master, rules, publication, note } = this.#world;
    if (!this.#running) return;
    for (const end of master.ends(this.#partition)) this.#ends.add(end);
    const open = this.#open;
    if (open) {
      for (const end of this.#ends) {
        if (end <= open.first || end > open.last) continue;
        note(() => `worker ${this.#name} learns that segment ${open.first} ends at ${end} and reads it again`);
        this.#world.counts.refolds++;
        this.#open = undefined;
        this.#flush = undefined;
        this.#position = open.previous;
        this.#previous = open.previous;
        break;
      }
    }
    if (!rules.workersWalkAgain || !publication.generation(publication.current)) return;
    if (Math.min(...this.#chains().map(({ sealedUntil }) => sealedUntil)) < (this.#open?.previous ?? this.#previous)) this.start(true);
  }

  get #source(): LogPartitionModel {
    return this.#world.log[this.#partition]!;
  }

  /** From the current cut, one a view whose position counts. */
  #chains(): readonly Chain<ModelProgress>[] {
    const { store, rules, publication, now, random } = this.#world;
    const cut = publication.generation(publication.current)!.cut[this.#partition]!;
    const views = Array.from({ length: rules.startsAtOldestView ? this.#views : 1 }, (_, view) => view);
    return views.map((view) => chainFrom(rules, store.progress(view, this.#partition, now, random), cut));
  }

  /**
   * Writes the progress row again that the start rests on. Its writer may have died before enough replicas had it: then
   * this worker sees it, and a reader that asks others would find the chain broken behind it.
   */
  #makeDurable(view: number, row: ModelProgress | undefined): void {
    const { store, random } = this.#world;
    if (row) for (const replica of store.replicasToWrite(random)) store.writeProgress(replica, view, row);
  }

  /** Whether the record belongs to the open segment; if not, the segment is sealed by it. */
  #belongs(source: LogPartitionModel, open: OpenSegment, record: ModelRecord): boolean {
    if (opens(source, open, open.last, record)) {
      open.sealedBy = record.offset;
      return false;
    }
    if (!this.#ends.has(open.last + 1)) return true;
    open.sealedBy = record.offset;
    if (this.#world.rules.endedSegmentsHaveOwnId) {
      // Written again, whole, under its own id: rows of the old id stay what they are.
      open.end = open.last + 1;
      delete open.firstWriteAt;
      this.#flush = undefined;
      open.partials.forEach((partials, view) => {
        for (const group of partials.keys()) open.changed[view]!.add(group);
      });
    }
    return false;
  }

  #openAt({ offset, appendedAt }: ModelRecord): OpenSegment {
    return {
      first: offset,
      previous: this.#previous,
      firstAppendedAt: appendedAt,
      last: offset,
      until: offset,
      records: 0,
      deadLetters: 0,
      partials: Array.from({ length: this.#views }, () => new Map<string, ModelPartial>()),
      changed: Array.from({ length: this.#views }, () => new Set<string>()),
      flushedUntil: -1,
    };
  }

  #fold(open: OpenSegment, record: ModelRecord): void {
    open.last = record.offset;
    open.records++;
    if (record.dead) open.deadLetters++;
    if (!record.dead || this.#world.rules.deadLettersAreRecords) open.until = record.offset + 1;
    for (let view = 0; view < this.#views; view++) {
      if (!isEventOf(view, record)) continue;
      const group = groupOf(record);
      const ids = open.partials[view]!.get(group)?.ids ?? [];
      open.partials[view]!.set(group, { ids: [...ids, record.id], version: record.offset + 1 });
      open.changed[view]!.add(group);
    }
  }

  *#flushing(open: OpenSegment): Generator<void> {
    const { rules } = this.#world;
    if (open.sealedBy === undefined && open.flushedUntil === open.until) return;
    const sealed = open.sealedBy !== undefined;
    const rows: { view: number; group: string; partial: ModelPartial }[] = [];
    open.changed.forEach((groups, view) => {
      for (const group of groups) rows.push({ view, group, partial: open.partials[view]!.get(group)! });
      groups.clear();
    });
    const segment = { ...this.#segmentId, first: open.first, ...(open.end === undefined ? {} : { end: open.end }) };
    const progress: Omit<ModelProgress, "coveredUntil"> = {
      segment,
      previous: open.previous,
      until: open.until,
      sealed,
      version: open.sealedBy === undefined ? open.until : open.sealedBy + 1,
      records: open.records,
      deadLetters: open.deadLetters,
      overlapping: overlaps(this.#world.variant) || !rules.flagsMissingOverlap,
    };
    if (!rules.progressAfterRows) yield* this.#writeProgress(open, progress);
    while (rows.length > 0) {
      if (this.#pastCoverage(open)) return;
      const { view, group, partial } = rows.splice(below(this.#world.random, rows.length), 1)[0]!;
      open.firstWriteAt ??= this.#world.now;
      for (const replica of this.#world.store.replicasToWrite(this.#world.random)) {
        const { now, store } = this.#world;
        store.writePartial(replica, view, segment, group, partial, (rules.expiryFromLog ? open.firstAppendedAt : now) + SPEED_RETENTION_MS);
        this.#world.note(() => `worker ${this.#name} writes row ${group} of view ${view}, segment ${nameOf(segment)} of p${segment.partition}, version ${partial.version}`);
        yield;
      }
    }
    if (rules.progressAfterRows) yield* this.#writeProgress(open, progress);
    open.flushedUntil = progress.until;
    if (sealed && this.#open === open) this.#open = undefined;
  }

  *#writeProgress(open: OpenSegment, progress: Omit<ModelProgress, "coveredUntil">): Generator<void> {
    const { rules } = this.#world;
    for (let view = 0; view < this.#views; view++) {
      if (this.#pastCoverage(open)) return;
      open.firstWriteAt ??= this.#world.now;
      const coveredUntil = (rules.expiryFromLog ? open.firstAppendedAt : open.firstWriteAt) + SPEED_RETENTION_MS - COVER_MARGIN_MS;
      for (const replica of this.#world.store.replicasToWrite(this.#world.random)) {
        this.#world.store.writeProgress(replica, view, { ...progress, coveredUntil });
        this.#world.note(() => `worker ${this.#name} writes progress of view ${view}, segment ${nameOf(progress.segment)} of p${progress.segment.partition}: previous ${progress.previous}, until ${progress.until}${progress.sealed ? ", sealed" : ""}`);
        yield;
      }
    }
  }

  /** A segment past its coverage is never written again: it is left to the batch layer. */
  #pastCoverage({ first, firstAppendedAt }: OpenSegment): boolean {
    const { rules, now } = this.#world;
    if (!rules.expiryFromLog || firstAppendedAt + SPEED_RETENTION_MS - COVER_MARGIN_MS > now) return false;
    this.stop(`segment ${first} is past its coverage`);
    return true;
  }

  get #segmentId(): { topic: string; logVersion: number; partition: number } {
    return { topic: "t", logVersion: this.#logVersion, partition: this.#partition };
  }
}

const nameOf = ({ first, end }: { first: number; end?: number }): string => (end === undefined ? `${first}` : `${first}~${end}`);
