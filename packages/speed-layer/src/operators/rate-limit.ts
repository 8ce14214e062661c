import { Observable, concatMap, defer, map, of } from "rxjs";
import type { OperatorFunction } from "rxjs";
import { Problems, sliceRawBatch, systemClock } from "@millrace/core";
import type { EventBatch } from "@millrace/core";
import { markSource, sealOf, sourceOf } from "../consume/batch-source.js";
import { rowsOf } from "./rows-of.js";
import { after } from "./timers.js";
import type { Timers } from "./timers.js";

/** What {@link rateLimit} lets through. */
export interface RateLimitOptions {
  /** Rows a second, in the long run. */
  readonly perSecond: number;
  /** Rows that may come at once after a pause, and rows of a batch at most. Default: one second's. */
  readonly burst?: number;
  /** Default: the system's. */
  readonly clock?: Timers;
}

/**
 * Lets at most `perSecond` rows a second through, in any span of time no more than that and `burst` (the generic cell
 * rate algorithm, ITU-T I.371). Rows wait; none is dropped. Behind `consume` the limit is of one partition, behind
 * `consumeAll` of all together.
 *
 * Larger batches are cut into ones of `burst` rows, which speak of the same records in the same order; rows that are one
 * sink batch, such as those of a window, stay together and pass once the burst is whole. Batches without rows pass at
 * once, in their turn.
 *
 * Completes once everything has passed after its source completed; errors with its source at once. Unsubscribing ends the
 * pause and drops what waits. Memory: the batches that wait, which the credits of the source bound.
 *
 * @example
 * batches.pipe(rateLimit({ perSecond: 200 }), writeTo(webhookSink(url)))
 *
 * @throws {ConfigurationError} with every mistake of the options.
 */
export function rateLimit<R>(options: RateLimitOptions): OperatorFunction<EventBatch<R>, EventBatch<R>> {
  const { perSecond, burst = Math.max(1, Math.floor(perSecond)), clock = systemClock() } = options;
  const problems = new Problems();
  if (!(perSecond > 0 && perSecond < Infinity)) problems.add("perSecond", `must be more than 0, not ${perSecond}`);
  if (!Number.isSafeInteger(burst) || burst < 1) problems.add("burst", `must be a whole number of at least 1, not ${burst}`);
  problems.throwIfAny("limiting the rate of rows");
  const msPerRow = 1_000 / perSecond;
  return (source) =>
    new Observable((subscriber) => {
      /** When the rows that passed would all have come, had they come evenly. */
      let evenly = -Infinity;
      const waitFor = (rows: number): number => {
        if (rows === 0) return 0;
        const now = clock.now();
        const at = Math.max(now, evenly - Math.max(0, burst - rows) * msPerRow);
        evenly = Math.max(at, evenly) + rows * msPerRow;
        return at - now;
      };
      return source
        .pipe(
          concatMap((batch) => piecesOf(batch, burst)),
          concatMap((piece) =>
            defer(() => {
              const waitMs = waitFor(piece.length);
              return waitMs > 0 ? after(clock, waitMs).pipe(map(() => piece)) : of(piece);
            }),
          ),
        )
        .subscribe(subscriber);
    });
}

/** The batch in pieces of at most `most` rows; together they have the same rows and the same records. */
function piecesOf<R>(batch: EventBatch<R>, most: number): readonly EventBatch<R>[] {
  if (batch.length <= most || sealOf(batch) !== undefined) return [batch];
  const source = sourceOf(batch, "rateLimit");
  const { topic, logVersion, partition, offsets, appendedAt, length } = batch;
  const rows = rowsOf(batch);
  const pieces: EventBatch<R>[] = [];
  let record = 0;
  let { follows } = source;
  for (let row = 0; row < length; row += most) {
    const next = row + most;
    const first = record;
    if (next >= length) record = source.raw.length;
    else while (source.raw.offsets[record]! < offsets[next]!) record++;
    const raw = sliceRawBatch(source.raw, first, record);
    const piece: EventBatch<R> = {
      topic,
      logVersion,
      partition,
      from: raw.offsets[0]!,
      until: raw.position,
      length: Math.min(next, length) - row,
      offsets: offsets.subarray(row, next),
      appendedAt: appendedAt.subarray(row, next),
      rows: rows.slice(row, next),
    };
    pieces.push(markSource(piece, { ...source, raw, follows, whole: false }));
    follows = raw.position;
  }
  return pieces;
}
