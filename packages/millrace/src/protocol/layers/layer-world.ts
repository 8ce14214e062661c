import { memoryWarehouse } from "@millrace/batch-layer/memory";
import type { FileSystem, SqlEngine, ViewStore } from "@millrace/core";
import { memoryLog, memoryViewStore, simulatedClock } from "@millrace/core/memory";
import type { MemoryLog, SimulatedClock } from "@millrace/core/memory";
import type { BrokenPorts } from "./broken-ports.js";
import { Gate } from "./gate.js";
import { MOST_RECORDS, TOPIC, valueOf } from "./layer-views.js";
import type { PlacedPlay } from "./layer-views.js";
import { seededRandom } from "../model/seeded-random.js";
import { replicatedStore } from "./replicated-store.js";
import type { Replication } from "./replicated-store.js";

/** Shortly before midnight, so that a history crosses event dates. */
const START_MS = Date.UTC(2026, 4, 20, 23, 59, 55);
export const DAY_MS = 86_400_000;
export const PARTITIONS = 2;
export const GRID = { segmentOffsets: 6, segmentMs: 1_000 };
export const SEAL_GUARD_MS = 400;
export const SPEED_RETENTION_MS = 8_000;
/** As the speed layer computes it: a tenth. */
export const COVER_MARGIN_MS = 800;
export const REFRESH_MS = 100;
/** What pruning gives queries. */
export const GRACE_MS = 600;
/** The whole of event times that a history has. */
export const RANGE = { from: START_MS - 5 * DAY_MS, until: START_MS + 5 * DAY_MS };

/** Where histories keep the files that SQL reads, and what reads them. */
export interface Workshop {
  readonly root: string;
  readonly engine: SqlEngine;
  /** In place of ports that keep their contract. */
  readonly broken?: BrokenPorts;
}

/** Everything that the processes of one history share: ports in memory, one clock, and the gate. */
export class LayerWorld {
  readonly clock: SimulatedClock = simulatedClock(START_MS);
  readonly log: MemoryLog = memoryLog({ clock: this.clock, topics: { [TOPIC]: PARTITIONS } });
  /** The replicas of the store. */
  stores: readonly ViewStore[];
  replication: Replication = { replicas: 1, written: 1, read: 1 };
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  readonly gate: Gate;
  readonly trace: string[] | undefined;
  /** By partition: every record that was ever appended to the log that Millrace first read. */
  readonly placed: PlacedPlay[][] = Array.from({ length: PARTITIONS }, () => []);
  /** Partitions of which records are gone for both layers. */
  readonly damaged = new Set<number>();
  /** Producers stamp: there is no broker clock. */
  createTime = false;
  /** How many views are deployed. */
  views = 1;
  failure: { readonly kind: string; readonly message: string } | undefined;
  readonly counts = { answers: 0, incomplete: 0, notOverlapping: 0, refusals: 0, generations: 0, rollbacks: 0, manifests: 0, lostRuns: 0, prunings: 0, pruned: 0, trims: 0, crashes: 0, faults: 0 };
  #records = 0;
  #clients = 0;
  recreated = false;

  constructor({ root, engine, broken }: Workshop, folder: string, traced: boolean) {
    this.trace = traced ? [] : undefined;
    this.gate = new Gate(this.note);
    const warehouse = memoryWarehouse({ root, engine, folder });
    this.engine = warehouse.engine;
    this.files = broken?.files?.(warehouse.files) ?? warehouse.files;
    this.stores = [broken?.store?.(this.clock) ?? memoryViewStore({ clock: this.clock })];
  }

  /** From now on the store is of several replicas. */
  replicate(replication: Replication): void {
    this.replication = replication;
    this.stores = Array.from({ length: replication.replicas }, () => memoryViewStore({ clock: this.clock }));
  }

  /** The store as one of many sees it: each writes to and asks replicas of its own. */
  storeOf(replicas: readonly ViewStore[] = this.stores): ViewStore {
    return replicas.length === 1 ? replicas[0]! : replicatedStore(replicas, this.replication, seededRandom(++this.#clients));
  }

  /** Whether reads see what was written before. */
  get overlapping(): boolean {
    return this.replication.written + this.replication.read > this.replication.replicas;
  }

  readonly note = (line: () => string): void => {
    this.trace?.push(`${String(this.clock.now() - START_MS).padStart(6)}  ${line()}`);
  };

  /** The first failure of a history is the one that counts. */
  fail(kind: string, message: string): void {
    this.failure ??= { kind, message };
    this.note(() => `*** ${kind}: ${message}`);
  }

  /** Appends a record, with a gap before it and a broker clock that steps back now and then. False when there were enough. */
  append(partition: number, a: number, b: number): boolean {
    if (this.#records >= MOST_RECORDS || this.recreated) return false;
    const placed = this.placed[partition]!;
    const offset = this.log.records(TOPIC, partition).length === 0 && placed.length === 0 ? a % 3 : (placed.at(-1)?.offset ?? -1) + 1 + (a % 5 === 0 ? (a >> 3) % 3 : 0);
    const skewMs = this.createTime ? ((b >> 4) % 6_000) - 4_000 : b % 9 === 0 ? -(b >> 4) % 1_500 : b % 9 === 1 ? (b >> 4) % 300 : 0;
    const appendedAt = this.clock.now() + skewMs;
    const play: PlacedPlay = {
      id: this.#records++,
      offset,
      appendedAt,
      ts: appendedAt - ((b >> 6) % 4 === 0 ? DAY_MS * ((b >> 8) % 3) : 0),
      song: "ab"[(a >> 6) % 2]!,
      dead: (a >> 7) % 7 === 0,
    };
    placed.push(play);
    this.log.place(TOPIC, partition, [{ offset, appendedAt, value: valueOf(play) }]);
    this.note(() => `p${partition} has offset ${offset}, appended at ${appendedAt - START_MS}, ${play.dead ? "a dead letter" : `song ${play.song}, ${Math.round((appendedAt - play.ts) / DAY_MS)} days old, bit ${play.id}`}`);
    return true;
  }
}
