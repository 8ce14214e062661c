import { finalize, tap } from "rxjs";
import type { Observable, Subscription } from "rxjs";
import { createEventDecoder, planStreams, type RawBatch } from "@millrace/core";
import { consume, consumeAll, type ColumnarBatch, type Progress } from "@millrace/speed-layer";
import { LISTEN_EVENTS } from "../listen-events/fill-log.js";
import { readRawBatches } from "../listen-events/read-raw-batches.js";
import { measureRun, type Taken } from "../measure/measure-run.js";
import { watchMemory } from "../measure/watch-memory.js";
import { batchesLog } from "./batches-log.js";
import { loops } from "./loops.js";
import { pipelines, type Pipeline, type PipelineName } from "./pipelines.js";
import { Tally, plays, type Play } from "./plays.js";

export interface RunOperatorsParams {
  readonly directory: string;
  readonly pipeline: PipelineName;
  readonly by: "operators" | "loop";
  readonly rounds: number;
}

const BATCH_RECORDS = 10_000;

/** One pipeline over the events of a directory, from their JSON in memory to a sink that takes everything. */
export async function runOperators({ directory, pipeline, by, rounds }: RunOperatorsParams) {
  const partitions = readRawBatches(directory, BATCH_RECORDS);
  const memory = watchMemory();
  const measured: Taken[] = [];
  let tally = new Tally();
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.();
    tally = new Tally();
    const { wallMs, cpuMs } = await measureRun(() => (by === "loop" ? runLoop(pipeline, partitions, tally) : runPipeline(pipelines[pipeline], partitions, tally)));
    measured.push({ wallMs, cpuMs });
  }
  return { rounds: measured, ...memory(), rows: tally.rows, sum: tally.sum };
}

async function runLoop(name: PipelineName, partitions: readonly (readonly RawBatch[])[], tally: Tally): Promise<void> {
  const [plan] = planStreams([], [plays.definition]);
  const decoders = partitions.map(() => createEventDecoder<Play>(plan!));
  const loop = loops[name](tally, partitions.length);
  const longest = Math.max(...partitions.map(({ length }) => length));
  for (let i = 0; i < longest; i++) {
    for (const [partition, batches] of partitions.entries()) {
      const raw = batches[i];
      if (raw !== undefined) await loop(decoders[partition]!.decode(raw), partition);
    }
  }
}

async function runPipeline({ isMerged, make }: Pipeline, partitions: readonly (readonly RawBatch[])[], tally: Tally): Promise<void> {
  const log = batchesLog(LISTEN_EVENTS, partitions);
  const pipeline = make(tally);
  let subscription: Subscription | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const missing = new Set(partitions.keys());
      const done = (partition: number): void => {
        missing.delete(partition);
        if (missing.size === 0) resolve();
      };
      // A partition's own pipeline ends when its writes have; that of all partitions has released every record.
      const ends = partitions.map((batches) => batches.at(-1)?.position ?? 0);
      const own = (batches: Observable<ColumnarBatch<Play>>, partition: number): Observable<Progress> => pipeline(batches).pipe(finalize(() => done(partition)));
      const progress = isMerged
        ? consumeAll(log, plays, {}, pipeline).pipe(tap(({ partition, until, released = until }) => released >= ends[partition]! && done(partition)))
        : consume(log, plays, {}, own);
      subscription = progress.subscribe({ error: reject });
    });
  } finally {
    subscription?.unsubscribe();
  }
}
