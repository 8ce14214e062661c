import { parseArgs } from "node:util";
import { FIRST_LOG_VERSION, count, decimal, defineStream, defineView, sum, text, timestamp, type ProgressRow, type SegmentPartials, type ViewStore } from "@millrace/core";
import { cassandraStore } from "@millrace/speed-layer/cassandra";
import { latencyLine, latencyOf } from "../measure/latency.js";
import { measureRun, peakMb } from "../measure/measure-run.js";
import { median } from "../measure/quantile.js";

/*
 * Rows into a Cassandra that runs, and back: `npm run servers -- up cassandra`, then
 * `npm run cassandra -w bench -- --contact 127.0.0.1:9042`. Makes and keeps the keyspace `bench_store`; rows leave in a day.
 */

const { values } = parseArgs({ options: { contact: { type: "string", default: "127.0.0.1:9042" }, rows: { type: "string", default: "1000000" }, rounds: { type: "string", default: "3" } } });
const [host, port] = values.contact.split(":") as [string, string | undefined];
const ROWS = Number(values.rows);
const ROUNDS = Number(values.rounds);

const MINUTE_MS = 60_000;
const BUCKET_MS = 900_000;
const PARTITIONS = 3;
/** Rows of one flush of one segment. */
const FLUSH_ROWS = 5_000;
const never = new AbortController().signal;
const now = Date.now();
/** A day of whole buckets. */
const DAY = Math.floor(now / BUCKET_MS) * BUCKET_MS - 86_400_000;
const expiresAt = now + 86_400_000;

const plays = defineStream({ topic: "listen_events", columns: { ts: timestamp("ms"), song: text().optional(), artist: text(), duration: decimal(5) }, eventTime: "ts" });
const songChart = defineView({ name: "song_chart_minute", from: plays, by: ["song", "artist"], every: "minute", measures: (c) => ({ plays: count(), seconds: sum(c.duration) }) }).definition;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Rows of one segment: `perMinute` songs in each of its fifteen minutes, of `rows` rows those from `start` on. */
function partialsOf(bucket: number, partition: number, perMinute: number, start: number, length: number, version: number): SegmentPartials {
  const songs = Array.from({ length }, (_, i) => (start + i) % perMinute);
  return {
    segment: { topic: "listen_events", logVersion: FIRST_LOG_VERSION, partition, first: bucket * 200_000 },
    receivedAt: DAY + bucket * BUCKET_MS,
    length,
    windows: Float64Array.from({ length }, (_, i) => DAY + bucket * BUCKET_MS + (Math.floor((start + i) / perMinute) % 15) * MINUTE_MS),
    versions: new Float64Array(length).fill(bucket * 200_000 + version),
    dimensions: [songs.map((song) => `A song of about this length ${song}`), songs.map((song) => `An artist ${song % 1_000}`)],
    cells: [songs.map((song) => song + 1), songs.map((song) => 21_534_567 + song)],
  };
}

async function measureWrites(store: ViewStore): Promise<void> {
  const perMinute = Math.ceil(ROWS / (96 * PARTITIONS * 15));
  const perSegment = perMinute * 15;
  const rates: number[] = [];
  const cpus: number[] = [];
  let rows = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    rows = 0;
    const { wallMs, cpuMs } = await measureRun(async () => {
      for (let bucket = 0; bucket < 96; bucket++) {
        await Promise.all(
          Array.from({ length: PARTITIONS }, async (_, partition) => {
            for (let start = 0; start < perSegment; start += FLUSH_ROWS) {
              const length = Math.min(FLUSH_ROWS, perSegment - start);
              await store.write(songChart, partialsOf(bucket, partition, perMinute, start, length, 1 + round), expiresAt, never);
              rows += length;
            }
          }),
        );
      }
    });
    if (round === 0) continue;
    rates.push((rows / wallMs) * 1_000);
    cpus.push((cpuMs / rows) * 1_000);
  }
  print(`rows into Cassandra: ${Math.round(median(rates)).toLocaleString("en")} rows/s, ${median(cpus).toFixed(1)} CPU-s per million rows of this process, peak ${peakMb().toFixed(0)} MB (medians of ${ROUNDS} rounds of ${rows.toLocaleString("en")} rows after a cold one)`);
}

async function measureReads(store: ViewStore): Promise<void> {
  const view = { ...songChart, fingerprint: "00000000000000da" };
  const perMinute = 20;
  const days = 7;
  const progress: ProgressRow[] = [];
  for (let bucket = 0; bucket < 96; bucket++) {
    for (let partition = 0; partition < PARTITIONS; partition++) await store.write(view, partialsOf(bucket, partition, perMinute, 0, perMinute * 15, 1), expiresAt, never);
  }
  for (let bucket = 0; bucket < 96 * days; bucket++) {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      progress.push({
        ...{ fingerprint: view.fingerprint, segment: { topic: "listen_events", logVersion: FIRST_LOG_VERSION, partition, first: bucket * 200_000 }, previous: bucket * 200_000, until: (bucket + 1) * 200_000, sealed: true, version: (bucket + 1) * 200_000 + 1 },
        ...{ records: 200_000, events: 200_000, filtered: 0, late: 0, deadLetters: 0, minWindow: DAY, maxWindow: DAY, maxEventTime: DAY, receivedAt: DAY + bucket * BUCKET_MS, crc: 0, coveredUntil: expiresAt, overlapping: true },
      });
    }
  }
  for (let i = 0; i < progress.length; i += 50) await store.writeProgress(progress.slice(i, i + 50), never);
  const segments = progress.slice(0, 96 * PARTITIONS).map(({ segment }) => segment);
  const timed = async (name: string, expected: number, read: () => Promise<number>): Promise<void> => {
    const times: number[] = [];
    let cpuMs = 0;
    for (let i = 0; i < 40; i++) {
      const taken = await measureRun(read);
      if (taken.result !== expected) throw new Error(`${name}: ${taken.result} rows came back, ${expected} were written`);
      if (i < 10) continue;
      times.push(taken.wallMs);
      cpuMs += taken.cpuMs;
    }
    print(`${latencyLine(name, latencyOf(times))}, ${(cpuMs / times.length).toFixed(0)} CPU-ms each`);
  };
  const rowsOf = async (of: typeof segments, from: number, until: number): Promise<number> => {
    let rows = 0;
    for await (const { length } of store.read({ view, segments: of, from, until }, never)) rows += length;
    return rows;
  };
  const all = 96 * PARTITIONS * perMinute * 15;
  await timed(`a day of minutes, ${all.toLocaleString("en")} rows`, all, () => rowsOf(segments, DAY, DAY + 86_400_000));
  await timed("its last hour", PARTITIONS * perMinute * 60, () => rowsOf(segments.slice(-4 * PARTITIONS), DAY + 82_800_000, DAY + 86_400_000));
  await timed(`progress of ${days} days`, progress.length, async () => (await store.readProgress(view.fingerprint, "listen_events", never)).length);
}

const store = cassandraStore({ contactPoints: [host], port: Number(port ?? 9_042), localDataCenter: "datacenter1", keyspace: "bench_store", replication: { datacenter1: 1 } });
await store.prepare([songChart, { ...songChart, fingerprint: "00000000000000da" }], never);
await measureWrites(store);
await measureReads(store);
await store.close();
