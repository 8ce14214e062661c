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
/** Ingest has this long to bring what a run needs; then something is wrong, and the report will show it. */
const GIVE_UP_MS = 60_000;

/** Feeds `events` events with batch runs in between, waits until every layer has all of them, and reports. */
export async function runHeadless(options: RunOptions & { readonly events: number }, nowMs: number, write: (line: string) => void, signal: AbortSignal): Promise<Report> {
  const startedMs = performance.now();
  const { lambda, feed, clock } = await openFeed(options, nowMs, signal);
  await using _ = lambda;
  const layers = new AbortController();
  const both = AbortSignal.any([signal, layers.signal]);
  const meter = new LayerMeter();
  const generations: (Generation & { readonly durationMs: number; readonly whileEventsFlowed: boolean })[] = [];
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

  /** Runs the batch layer; with `sealed`, segments are known to be sealed that no generation holds, so ingest is waited for. */
  const run = async (sealed: boolean, whileEventsFlowed: boolean) => {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    for (;;) {
      const result = await lambda.batch.run({ signal: both });
      if (!("unchanged" in result)) return void generations.push({ ...result, durationMs: meter.lastRunMs, whileEventsFlowed });
      if (!sealed || performance.now() > giveUpAt) return;
      await delay(RETRY_MS, undefined, { signal: both });
    }
  };

  try {
    const driveTo = (share: number) =>
      drive(feed, clock, lead, { pace: options.pace, untilEvents: Math.floor(options.events * share), startedAtMs: nowMs }, both);
    let runs: Promise<void> = Promise.resolve();
    const segmentMs = lambda.describe().grid.segmentMs ?? Infinity;
    const slot = () => Math.floor(clock.now() / segmentMs);
    let lastSlot = slot();
    for (const share of RUN_AT) {
      await driveTo(share);
      await runs;
      // Where broker time has passed a point of the grid, it has sealed segments.
      runs = run(slot() > lastSlot, true);
      lastSlot = slot();
      runs.catch(() => {});
    }
    await driveTo(HOLD_AT);
    await runs;
    await driveTo(1);
    await lambda.layers.speed().caughtUp(both);
    clock.advanceTo(clock.now() + QUIET_MS);
    await lambda.layers.ingest().drain(both);
    await run(false, false);
    writeSharedClock(options.dataDir, clock.now());
    const digest = await answersDigest(lambda, feed.nextTs, both);
    layers.abort();
    await Promise.all(running);
    const report: Report = {
      seed: options.seed,
      events: feed.appended,
      deadLetters: meter.deadLetters,
      generations: generations.map(({ number, cut, durationMs, drift, whileEventsFlowed }) => ({ number, cut, durationMs: Math.round(durationMs), drift, whileEventsFlowed })),
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
