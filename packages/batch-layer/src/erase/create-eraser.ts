import { ConfigurationError, recordErasure, type Clock, type EventLog, type FileSystem, type Generation, type Output, type SqlEngine, type StreamPlan, type TableCatalog } from "@millrace/core";
import { readAgain } from "../master-dataset/read-again.js";
import { TopicDataset } from "../master-dataset/topic-dataset.js";
import type { Unchanged } from "../run/create-batch.js";
import { PublicationLostError } from "../run/run-errors.js";
import { ErasureNotAppliedError } from "./erase-errors.js";
import type { EraseWhere } from "./erase-where.js";
import { remainsOf, type TopicRemains } from "./erasure-remains.js";
import { findRecords, type FoundRecords } from "./find-records.js";
import { pruneErased, type PrunedErased } from "./prune-erased.js";

/** What `createEraser` works with. */
export interface EraserOptions {
  readonly log: EventLog;
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  /** Forgets the tables that go. */
  readonly catalog?: TableCatalog;
  readonly clock: Clock;
  readonly plans: readonly StreamPlan[];
  /** Sinks that rows were delivered to: they are named, not emptied. */
  readonly outputs?: readonly Output[];
  /** How long rows of the speed layer live, ms. */
  readonly speedRetentionMs: number;
  /** Runs the batch layer, which applies every erasure that is recorded. */
  readonly run: (signal: AbortSignal) => Promise<Generation | Unchanged>;
}

/** Which records to erase. */
export interface EraseRequest {
  readonly where: EraseWhere;
  /** Topics. Default: every stream that has the columns. */
  readonly streams?: readonly string[];
  /** Erase dead letters, too, that cannot be told to match or not. */
  readonly unreadable?: boolean;
  /** Say what would be erased, and erase nothing. */
  readonly dryRun?: boolean;
}

/** What was found in one topic. */
export interface ErasedTopic extends Pick<FoundRecords, "topic" | "events" | "deadLetters" | "unreadable" | "unsealed"> {
  /** The number of the erasure; null when there was nothing to erase, or it was only asked for. */
  readonly erasure: number | null;
}

/** What an erasure did, and what it could not reach. */
export interface EraseReport {
  readonly topics: readonly ErasedTopic[];
  /** The generation from which on answers are without the records; null when none was needed. */
  readonly generation: number | null;
  readonly remains: readonly ErasureRemains[];
}

/** What still holds erased records of one topic. */
export interface ErasureRemains extends TopicRemains {
  /** Names of sinks that the topic was delivered to. */
  readonly sinks: readonly string[];
}

/** Takes records out of every answer, and says what still holds them. */
export interface Eraser {
  /**
   * Erases the records that match and are sealed, from every answer and every file made from now on.
   *
   * @throws {ConfigurationError} when no stream has the columns, or a value is none of a column's.
   * @throws {StreamChangedError} when segments cannot be read by the present declaration.
   * @throws {ErasureNotAppliedError} when the erasure is recorded and the run that applies it failed.
   */
  erase(request: EraseRequest, signal: AbortSignal): Promise<EraseReport>;
  /** What still holds erased records, topic by topic; topics that nothing was erased from are left out. */
  remains(signal: AbortSignal): Promise<readonly ErasureRemains[]>;
  /** Removes generations and files that still hold erased records. `alone`: nobody else can run the batch layer now. */
  prune(options: { readonly graceMs?: number; readonly alone: boolean }, signal: AbortSignal): Promise<PrunedErased>;
}

/** How often a run is begun again that another one overtook. */
const OVERTAKEN = 3;

/** Erasing over the ports of a platform. Nothing is read before the first call. */
export function createEraser(options: EraserOptions): Eraser {
  const { log, files, engine, catalog, clock, plans, outputs = [], speedRetentionMs, run } = options;

  const openDataset = async (plan: StreamPlan, signal: AbortSignal): Promise<TopicDataset> => {
    const dataset = new TopicDataset(files, plan);
    await dataset.refresh(signal);
    return dataset;
  };

  const find = async (plan: StreamPlan, request: EraseRequest, signal: AbortSignal): Promise<FoundRecords> => {
    const dataset = await openDataset(plan, signal);
    const cut = { [dataset.topic]: dataset.newest() };
    // Records are looked for as they are declared now.
    for (const segment of dataset.unread(cut)) {
      const { path, manifest } = await readAgain({ files, engine, plan, segment, acceptDeadLetters: false }, signal);
      dataset.add(path, manifest);
    }
    return findRecords({ log, files, engine, plan, dataset, cut, where: request.where, unreadable: request.unreadable ?? false }, signal);
  };

  const remains = async (signal: AbortSignal): Promise<readonly ErasureRemains[]> => {
    const found: ErasureRemains[] = [];
    for (const plan of plans) {
      const dataset = await openDataset(plan, signal);
      const of = await remainsOf({ log, files, dataset, speedRetentionMs, now: clock.now() }, signal);
      if (of !== undefined) found.push({ ...of, sinks: outputs.filter(({ stream }) => stream.topic === dataset.topic).map(({ sink }) => sink.name) });
    }
    return found;
  };

  return {
    async erase(request, signal) {
      const found: FoundRecords[] = [];
      for (const plan of choose(plans, request)) found.push(await find(plan, request, signal));
      const topics: ErasedTopic[] = [];
      for (const { topic, columns, records, events, deadLetters, unreadable, unsealed } of found) {
        const erasure = request.dryRun === true || records.length === 0 ? null : (await recordErasure(files, { topic, at: clock.now(), columns, records }, signal)).number;
        topics.push({ topic, events, deadLetters, unreadable, unsealed, erasure });
      }
      const waiting = request.dryRun === true ? [] : (await remains(signal)).filter(({ notApplied }) => notApplied > 0).map(({ topic }) => topic);
      let generation: number | null = null;
      if (waiting.length > 0) {
        for (let attempt = 1; generation === null; attempt++) {
          try {
            const made = await run(signal);
            generation = "unchanged" in made ? (made.current?.number ?? 0) : made.number;
          } catch (error) {
            if (signal.aborted || !(error instanceof PublicationLostError) || attempt === OVERTAKEN) throw signal.aborted ? error : new ErasureNotAppliedError(waiting, error);
          }
        }
      }
      return { topics, generation, remains: await remains(signal) };
    },
    remains,
    async prune({ graceMs = 3_600_000, alone }, signal) {
      const datasets: TopicDataset[] = [];
      for (const plan of plans) datasets.push(await openDataset(plan, signal));
      return pruneErased({ files, catalog, clock, datasets, alone, graceMs }, signal);
    },
  };
}

/** The streams that are meant: those named, or all that have every column. */
function choose(plans: readonly StreamPlan[], { where, streams }: EraseRequest): readonly StreamPlan[] {
  const topics = plans.map(({ stream }) => stream.topic);
  const unknown = (streams ?? []).filter((topic) => !topics.includes(topic));
  if (unknown.length > 0) {
    throw new ConfigurationError("reading what to erase", unknown.map((topic) => ({ path: "stream", message: `there is no stream "${topic}": there is ${topics.map((known) => `"${known}"`).join(", ")}` })));
  }
  if (streams !== undefined && streams.length > 0) return plans.filter(({ stream }) => streams.includes(stream.topic));
  const chosen = plans.filter(({ stream }) => Object.keys(where).every((name) => Object.hasOwn(stream.columns, name)));
  if (chosen.length === 0 || Object.keys(where).length === 0) {
    const columns = plans.map(({ stream }) => `"${stream.topic}" has ${Object.keys(stream.columns).map((name) => `"${name}"`).join(", ")}`);
    throw new ConfigurationError("reading what to erase", [{ path: "where", message: Object.keys(where).length === 0 ? "at least one column is needed, or every record would be erased" : `no stream has all of the columns ${Object.keys(where).map((name) => `"${name}"`).join(", ")}: ${columns.join("; ")}` }]);
  }
  return chosen;
}
