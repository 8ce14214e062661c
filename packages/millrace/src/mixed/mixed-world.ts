import { partitionName, segmentName, type AnyView } from "@millrace/core";
import type { Answer, Envelope } from "@millrace/serving-layer";
import { createSpeedLayer } from "@millrace/speed-layer";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import type { Lambda } from "../lambda/lambda.js";
import { eventually, expectedRows, sorted, type TotalsRow } from "../recovery/answers-of-totals.js";
import { foldOfLog, type NaiveFold } from "../recovery/fold-of-log.js";
import { Victim } from "../recovery/victim.js";

/** Where the servers of a test are. */
export interface MixedServers {
  readonly brokers: readonly string[];
  readonly cassandra: { readonly contactPoints: readonly string[]; readonly port: number; readonly localDataCenter: string };
}

const fixture = (name: string): string => fileURLToPath(new URL(`./fixture/${name}`, import.meta.url));
const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const never = new AbortController().signal;
let worlds = 0;

/**
 * A pipeline on Kafka and Cassandra with local files, in processes of its own, over a topic, a keyspace and a folder of its
 * own. All processes are gone when the test ends.
 */
export async function mixedWorld(servers: MixedServers, { maxInFlight }: { readonly maxInFlight?: number } = {}) {
  const name = `mixed_${process.pid}_${Date.now().toString(36)}_${worlds++}`;
  const dataDir = await mkdtemp(path.join(tmpdir(), "millrace-mixed-"));
  const env = { MIXED_SERVERS: JSON.stringify({ ...servers, topic: name, keyspace: name, dataDir, ...(maxInFlight === undefined ? {} : { maxInFlight }) }) };
  const victims: Victim[] = [];
  const victim = (label: string, ...args: readonly string[]): Victim => {
    const made = new Victim(label, args, env);
    victims.push(made);
    return made;
  };
  const job = (label: string, ...args: readonly string[]): Victim => victim(label, command, ...args, "--config", fixture("millrace.config.mjs"));

  Object.assign(process.env, env);
  // Each world reads its own environment, so it must not get the module of another.
  const { default: lambda } = (await import(`${fixture("millrace.config.mjs")}?${name}`)) as { readonly default: Lambda<AnyView> };
  delete process.env["MIXED_SERVERS"];
  onTestFinished(async () => {
    await Promise.all(victims.map((each) => each.kill()));
    await lambda.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const ask = lambda.query as unknown as (view: string, query: object) => Promise<Answer<TotalsRow>>;
  const query = () => ask("totals", { from: new Date(Date.now() - 3 * 86_400_000), until: new Date(Date.now() + 86_400_000) });
  const fold = (until?: Readonly<Record<number, number>>): Promise<NaiveFold> => foldOfLog(lambda.platform.log, name, never, until);

  return {
    topic: name,
    lambda,
    victims,
    query,
    fold,
    producer: () => victim("producer", fixture("producer.mjs")),
    speed: (label = "speed", ...args: readonly string[]) => job(label, "speed", ...args),
    ingest: () => job("ingest", "ingest"),
    batch: () => victim("batch", fixture("batch-loop.mjs")),
    /** All that the log held at the call is in an answer. */
    async expectCaughtUp(): Promise<void> {
      const { partitions } = await lambda.platform.log.describe(name, never);
      await eventually(async () => {
        const { asOf } = (await query()).envelope;
        return partitions.every(({ partition, end }) => asOf.some((at) => at.partition === partition && at.offset >= end)) ? true : undefined;
      }, 0);
    },
    /** Every row of the view in the store, as text. */
    async storedRows(): Promise<readonly string[]> {
      const { store } = lambda.platform;
      const view = lambda.definitions.views[0]!;
      const segments = (await store.readProgress(view.fingerprint, name, never)).map(({ segment }) => segment);
      const rows: string[] = [];
      for await (const { segment, length, windows, versions, dimensions, cells } of store.read({ view, segments, from: 0, until: Number.MAX_SAFE_INTEGER }, never)) {
        for (let i = 0; i < length; i++) rows.push(plainText([partitionName(segment), segmentName(segment), windows[i], versions[i], dimensions.map((column) => column[i]), cells.map((cell) => cell[i])]));
      }
      return rows.sort();
    },
    /** A worker that sees no progress folds from the first offset, and writes every row again. */
    async foldAgain(): Promise<void> {
      const { platform, definitions } = lambda;
      const { log, files, clock } = platform;
      const layer = createSpeedLayer({
        log, files, clock,
        store: { ...platform.store, readProgress: () => Promise.resolve([]) },
        views: definitions.views,
        plans: definitions.plans,
        grid: lambda.describe().grid,
        workerId: "again",
      });
      const stop = new AbortController();
      const running = layer.run(stop.signal);
      await layer.caughtUp(never);
      stop.abort();
      await running;
    },
    /** Every acknowledged record is in the log once: as many records as were acknowledged. */
    async expectAcknowledged(producer: Victim): Promise<void> {
      const acknowledged = Number(/acknowledged (\d+)/.exec(producer.output)?.[1]);
      const { partitions } = await lambda.platform.log.describe(name, never);
      expect(partitions.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(acknowledged);
    },
    /** The served answer is the fold of the whole log, at the latest after `withinMs`. */
    async expectExact(seed: number, withinMs = 90_000): Promise<Envelope> {
      const whole = await fold();
      const answer = await eventually(
        async () => {
          const current = await query();
          return current.envelope.asOf.every(({ partition, offset }) => offset >= whole.ends[partition]!) ? current : undefined;
        },
        seed,
        withinMs,
      );
      expect(sorted(answer.rows), `seed ${seed}`).toEqual(expectedRows(whole));
      expect(answer.envelope.complete).toBe(true);
      return answer.envelope;
    },
  };
}

const plainText = (row: unknown): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value instanceof Map ? [...(value as Map<number, number>)].sort(([a], [b]) => a - b) : value));
