import { concatMap, map, tap } from "rxjs";
import { claimGridRecord, onAbort, topicGrid } from "@millrace/core";
import type { Clock, EventLog, FileSystem, Grid, LogPartition, Output, PartitionDescription, Retry, StreamPlan, Telemetry } from "@millrace/core";
import { consumePlan } from "../consume/consume-plan.js";
import { fromAbortable } from "../operators/from-abortable.js";
import { filterRows } from "../operators/filter-rows.js";
import { mapRows } from "../operators/map-rows.js";
import { writeTo } from "../operators/write-to.js";
import type { Ownership } from "../ownership/ownership.js";
import { readOutputPosition, writeOutputPosition } from "./output-position.js";

export interface OutputWorkerOptions {
  readonly output: Output;
  readonly plan: StreamPlan;
  readonly log: EventLog;
  readonly files: FileSystem;
  readonly timers: Clock;
  readonly grid: Grid;
  readonly retry: Retry;
  readonly random: () => number;
  readonly retryForMs: number;
  readonly telemetry: Telemetry;
  readonly maxInFlight: number;
  readonly refreshMs: number;
  readonly batchPeriodMs: number;
  readonly ownership: Ownership;
}

/** Where the sink of one output stands in one partition. */
export interface OutputStatus {
  readonly sink: string;
  readonly topic: string;
  readonly partition: number;
  /** Rows of the records below are in the sink. */
  readonly until: number;
}

/**
 * Delivers one stream to one sink. The position is kept beside the master dataset and replaced after each sink batch is
 * durable: a restart goes on from the last position, at worst writing one batch a partition again, under the same id.
 */
export class OutputWorker {
  readonly #options: OutputWorkerOptions;
  readonly #until = new Map<number, number>();

  constructor(options: OutputWorkerOptions) {
    this.#options = options;
  }

  get status(): readonly OutputStatus[] {
    const { output, ownership } = this.#options;
    return [...this.#until].filter(([partition]) => ownership.owns(output.stream.topic, partition)).map(([partition, until]) => ({ sink: output.sink.name, topic: output.stream.topic, partition, until }));
  }

  /**
   * Works until aborted. Rejects with the sink's error once retries are exhausted.
   *
   * @throws {LogTrimmedError} when records left the log before they were delivered.
   */
  run(signal: AbortSignal): Promise<void> {
    const { output, plan, log, files, timers, retry, retryForMs, random, telemetry, maxInFlight, refreshMs, ownership } = this.#options;
    const { sink } = output;
    const partitions = new Map<number, LogPartition>();
    const start = async (description: PartitionDescription): Promise<number> => {
      const partition: LogPartition = { topic: output.stream.topic, logVersion: description.logVersion, partition: description.partition };
      partitions.set(partition.partition, partition);
      const until = await retry(`finding the position of sink "${sink.name}"`, (attempt) => this.#startPosition(partition, description, attempt), signal);
      this.#until.set(partition.partition, until);
      return until;
    };
    const delivered = consumePlan(log, plan, { maxInFlight, refreshMs, timers, telemetry, retry, from: start, ownership }, (batches, partition) =>
      batches.pipe(
        mapRows((row) => output.map(row)),
        filterRows((row) => row !== undefined),
        writeTo(sink, { clock: timers, retryForMs, random, telemetry }),
        concatMap((progress) =>
          fromAbortable((abort) =>
            retry(
              `keeping the position of sink "${sink.name}"`,
              (attempt) => writeOutputPosition(files, sink.name, partitions.get(partition)!, progress.until, attempt),
              abort,
            ),
          ).pipe(map(() => progress)),
        ),
        tap(({ until }) => this.#until.set(partition, until)),
      ),
    );
    return new Promise((resolve, reject) => {
      let forget = (): unknown => undefined;
      const subscription = delivered.subscribe({
        error: (error: unknown) => {
          forget();
          reject(error as Error);
        },
      });
      const stop = (): void => {
        subscription.unsubscribe();
        resolve();
      };
      if (signal.aborted) stop();
      else forget = onAbort(signal, stop);
    });
  }

  async #startPosition(partition: LogPartition, description: PartitionDescription, signal: AbortSignal): Promise<number> {
    const { output, log, files, grid, batchPeriodMs } = this.#options;
    const position = await readOutputPosition(files, output.sink.name, partition, signal);
    if (position !== null) return position;
    // From the same origin as everybody: another first record would form other batches.
    const applicable = topicGrid(await log.describe(partition.topic, signal), grid, batchPeriodMs);
    return (await claimGridRecord(files, { ...partition, grid: applicable, origin: description.start }, signal)).origin;
  }
}
