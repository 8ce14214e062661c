import { describeError, printTelemetry } from "millrace";
import { Lead } from "../feed/lead.js";
import { answersTable } from "./answers.js";
import { drive } from "./drive.js";
import { openFeed } from "./open-feed.js";
import type { RunOptions } from "./run-options.js";

const TABLE_EVERY_MS = 5_000;
const HOUR_MS = 3_600_000;

/** Runs until the signal aborts: events, both layers, and a table of merged answers every few seconds. */
export async function runLive(options: RunOptions, nowMs: number, write: (line: string) => void, signal: AbortSignal): Promise<void> {
  const { lambda, feed, clock, resumed } = await openFeed(options, nowMs, signal);
  await using _ = lambda;
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  printTelemetry(lambda, write, both);
  if (options.pace.kind === "wall" && resumed) feed.skipTo(nowMs - options.backfillHours * HOUR_MS);
  write(
    `music-events: ${resumed ? `resumed in ${options.dataDir} after ${feed.taken.toLocaleString("en-US")} events` : `fresh data in ${options.dataDir}`}${options.pace.kind === "wall" ? `; history since ${new Date(feed.nextTs).toISOString()} first, then live` : ""}`,
  );
  const lead = new Lead(Object.fromEntries(Object.keys(feed.appended).map((topic) => [topic, []])));
  lambda.observe(lead.telemetry);

  const table = async () => {
    while (!both.aborted) {
      await clock.sleep(TABLE_EVERY_MS, both);
      write(await answersTable(lambda, clock.now()));
    }
  };
  const serve = async (port: number) => {
    const server = await lambda.serve({ port, signal: both, onError: (error) => write(`serving: ${describeError(error)}`) });
    write(`music-events: live page on ${server.url}`);
    await server.closed;
  };
  let failure: { readonly error: unknown } | undefined;
  const jobs = [
    lambda.dev({ signal: both }),
    drive(feed, clock, lead, { pace: options.pace, untilEvents: options.events ?? Infinity, startedAtMs: nowMs }, both),
    table(),
    ...(options.port === undefined ? [] : [serve(options.port)]),
  ].map(async (job) => {
    try {
      await job;
    } catch (error) {
      if (both.aborted) return;
      failure ??= { error };
      stop.abort();
    }
  });
  await Promise.all(jobs);
  if (failure) throw failure.error;
  write("music-events: stopped; start again to go on");
}
