import { kafkaLog } from "@millrace/core/kafka";
import { Command } from "commander";
import { describeError, stopSignal } from "millrace";
import { setTimeout as delay } from "node:timers/promises";
import { readFeedState, siteMismatch, type Site } from "../feed/feed-state.js";
import { Feed } from "../feed/feed.js";
import { loadConfig, parseTraps, usersForRate } from "../simulator/index.js";

// The simulator of the cluster: a site's events to Kafka as they happen, after some hours of history. Killed at any
// moment, the next one goes on with the very next event.

const CHUNK_EVENTS = 5_000;
const TICK_MS = 200;
const TELL_EVERY_MS = 10_000;
const HOUR_MS = 3_600_000;

interface Flags {
  readonly brokers: string;
  readonly state: string;
  readonly rate: string;
  readonly seed: string;
  readonly backfill: string;
  readonly traps: string;
}

async function simulateToKafka({ brokers, state, rate, seed, backfill, traps }: Flags, signal: AbortSignal): Promise<void> {
  const backfillMs = Number(backfill) * HOUR_MS;
  const site: Site = { config: loadConfig("example"), growthRate: 1, traps: parseTraps(traps).traps };
  const resumed = readFeedState(state);
  const mismatch = resumed === undefined ? undefined : siteMismatch(resumed.site, site);
  if (mismatch !== undefined) throw new Error(`"${state}" was made ${mismatch}: npm run cluster -- down --delete-data`);
  const log = kafkaLog({ brokers: brokers.split(",") });
  try {
    const { users, startMs } = resumed ?? { users: usersForRate(Number(rate), site.config), startMs: Math.floor((Date.now() - backfillMs) / 1_000) * 1_000 };
    const feed = await Feed.open({ log, dataDir: state, seed: Number(seed), users, startMs, simulated: false, site, resumed }, signal);
    // Of a long pause only the end is simulated: nobody was there to send the rest.
    if (resumed) feed.skipTo(Date.now() - backfillMs);
    process.stdout.write(`${resumed ? `going on after ${feed.taken} events` : `beginning with ${users} users`}; from ${new Date(feed.nextTs).toISOString()}\n`);
    let toldMs = Date.now();
    while (!signal.aborted) {
      // A chunk that was begun is appended whole.
      const chunk = feed.take(Date.now(), CHUNK_EVENTS);
      if (chunk === undefined) await delay(TICK_MS, undefined, { signal }).catch(() => {});
      else await chunk.append(new AbortController().signal);
      if (Date.now() - toldMs < TELL_EVERY_MS) continue;
      toldMs = Date.now();
      process.stdout.write(`${new Date(toldMs).toISOString()} sent ${feed.taken} events, the next is of ${new Date(feed.nextTs).toISOString()}\n`);
    }
    process.stdout.write("stopped\n");
  } finally {
    await log.close();
  }
}

const flags = new Command("simulator")
  .requiredOption("--brokers <list>")
  .requiredOption("--state <dir>")
  .requiredOption("--rate <n>")
  .requiredOption("--seed <n>")
  .requiredOption("--backfill <hours>")
  .requiredOption("--traps <list>")
  .parse()
  .opts<Flags>();
try {
  await simulateToKafka(flags, stopSignal());
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
