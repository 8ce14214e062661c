import { printTelemetry, writeSharedClock, type Generation, type TelemetryEvent } from "millrace";
import { setTimeout as delay } from "node:timers/promises";
import { writeFile } from "node:fs/promises";
import { Lead } from "../feed/lead.js";
import { answersDigest } from "./answers-digest.js";
import { drive } from "./drive.js";
import { openFeed } from "./open-feed.js";
import { LayerMeter, type Report } from "./report.js";
import type { RunOptions } from "./run-options.js";

/** Where in the events a batch run is started, while they go on to flow. */
const RUN_AT = [0.25, 0.5, 0.75] as const;
/** The events from here on wait until those runs have published. */
const HOLD_AT = 0.95;
/** More than the grid's segment time and the seal guard: lets ingest close the last segments. */
const QUIET_MS = 2 * 3_600_000;
const RETRY_MS = 50;
/** The speed layer looks for new manifests at least this often. */
const SPEED_REFRESH_MS = 1_500;
const MAX_TRIES = 100;

/** Feeds `events` events with batch runs in between, waits until every layer has all of them, and reports. */
export async function runHeadless(options: RunOptions & { readonly events: number }, nowMs: number, write: (line: string) => void, signal: AbortSignal): Promise<Report> {
  const startedMs = performance.now();
  const { lambda, feed, clock } = await openFeed(options, nowMs, signal);
  await using _ = lambda;
  const layers = new AbortController();
  const both = AbortSignal.any([signal, layers.signal]);
  const meter = new LayerMeter();
  const generations: (Generation & { readonly whileEventsFlowed: boolean })[] = [];
  lambda.observe((event: TelemetryEvent) => meter.take(event));
  printTelemetry(lambda, write, both);
  const lead = new Lead(Object.fromEntries(Object.keys(feed.appended).map((topic) => [topic, []])));
  lambda.observe(lead.telemetry);

  let failure: unknown;
  const guard = (job: Promise<void>) =>
    job.catch((error: unknown) => {
      if (both.aborted) return;
      failure ??= error;
      layers.abort();
    });
  const running = [guard(lambda.speed({ signal: both })), guard(lambda.ingest({ signal: both }))];

  const run = async (tries: number, whileEventsFlowed: boolean) => {
    for (let i = 0; i < tries; i++) {
      const result = await lambda.batch.run({ signal: both });
      if (!("unchanged" in result)) {
        generations.push({ ...result, whileEventsFlowed });
        return;
      }
      if (i + 1 < tries) await delay(RETRY_MS, undefined, { signal: both });
    }
  };

  /** The segments that ingest closed early are written again under their own ends; after that the layers can be compared. */
  const speedFollows = async () => {
    clock.advanceTo(clock.now() + QUIET_MS);
    await delay(SPEED_REFRESH_MS, undefined, { signal: both });
    await lambda.layers.speed().caughtUp(both);
  };

  try {
    const driveTo = (share: number) =>
      drive(feed, clock, lead, { pace: options.pace, untilEvents: Math.floor(options.events * share), startedAtMs: nowMs }, both);
    let runs: Promise<void> = Promise.resolve();
    for (const share of RUN_AT) {
      await driveTo(share);
      await runs;
      runs = run(MAX_TRIES, true);
      runs.catch(() => {});
    }
    await driveTo(HOLD_AT);
    await runs;
    await driveTo(1);
    await lambda.layers.speed().caughtUp(both);
    clock.advanceTo(clock.now() + QUIET_MS);
    await lambda.layers.ingest().drain(both);
    await speedFollows();
    await run(1, false);
    writeSharedClock(options.dataDir, clock.now());
    const digest = await answersDigest(lambda, feed.nextTs, both);
    layers.abort();
    await Promise.all(running);
    const report: Report = {
      seed: options.seed,
      events: feed.appended,
      deadLetters: meter.deadLetters,
      generations: generations.map(({ number, cut, startedAt, publishedAt, drift, whileEventsFlowed }) => ({ number, cut, durationMs: publishedAt - startedAt, drift, whileEventsFlowed })),
      eventsPerSecond: { log: perSecond(sum(feed.appended), feed.appendMs), ...meter.perSecond() },
      answers: digest,
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1_024),
      wallMs: Math.round(performance.now() - startedMs),
    };
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
    return report;
  } catch (error) {
    layers.abort();
    await Promise.all(running);
    throw failure ?? error;
  }
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);
const perSecond = (events: number, ms: number): number => (ms === 0 ? 0 : Math.round((events * 1_000) / ms));
