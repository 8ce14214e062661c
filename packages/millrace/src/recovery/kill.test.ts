import type { Answer } from "@millrace/serving-layer";
import { UnservableError } from "@millrace/serving-layer";
import type { AnyView } from "@millrace/core";
import fc from "fast-check";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { DATA_DIR_VARIABLE } from "../embedded/data-dir.js";
import type { Lambda } from "../lambda/lambda.js";
import { eventually, expectBetween, expectedRows, sorted, type TotalsRow } from "./answers-of-totals.js";
import { foldOfLog } from "./fold-of-log.js";
import { Victim } from "./victim.js";

const KILLS = Number(process.env["MILLRACE_KILLS"] ?? 50);
const fixture = (name: string): string => fileURLToPath(new URL(`./fixture/${name}`, import.meta.url));
const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

it(`answers the fold of the log after ${KILLS} processes were killed at random moments`, { timeout: 120_000 + KILLS * 4_000 }, async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), "millrace-kill-"));
  const env = { [DATA_DIR_VARIABLE]: dataDir };
  const job = (name: string) => new Victim(name, [command, name, "--config", fixture("millrace.config.mjs")], env);
  const producer = new Victim("producer", [fixture("producer.mjs")], env);
  const speed = job("speed");
  const ingest = job("ingest");
  const batch = new Victim("batch", [fixture("batch-loop.mjs")], env);
  const victims = [producer, speed, ingest, batch];
  onTestFinished(async () => {
    await Promise.all(victims.map((victim) => victim.kill()));
    await rm(dataDir, { recursive: true, force: true });
  });

  process.env[DATA_DIR_VARIABLE] = dataDir;
  const { default: lambda } = (await import(fixture("millrace.config.mjs"))) as { readonly default: Lambda<AnyView> };
  delete process.env[DATA_DIR_VARIABLE];
  const { signal } = new AbortController();
  const log = lambda.platform.log;
  const ask = lambda.query as unknown as (view: string, query: object) => Promise<Answer<TotalsRow>>;
  const query = () => ask("totals", { from: new Date(Date.now() - 3 * 86_400_000), until: new Date(Date.now() + 86_400_000) });

  // The schedule of kills is drawn from the seed, so that a failure can be repeated in kind if not in time.
  const seed = fc.readConfigureGlobal().seed ?? Date.now() & 0x7fffffff;
  const schedule = fc.sample(fc.record({ victim: fc.nat(3), afterMs: fc.integer({ min: 0, max: 350 }) }), { numRuns: KILLS, seed });

  producer.start();
  await producer.ready();
  for (const victim of [speed, ingest, batch]) victim.start();
  let answered = 0;
  let refused = 0;
  for (const { victim: index, afterMs } of schedule) {
    const victim = victims[index]!;
    await victim.ready();
    await delay(afterMs);
    for (const other of victims) other.assertAlive();
    await victim.kill();
    victim.start();
    // Whatever is half written now: an answer holds all below its as-of offsets and nothing that is not in the log.
    try {
      const answer = await query();
      const asOf = Object.fromEntries(answer.envelope.asOf.map(({ partition, offset }) => [partition, offset]));
      expectBetween(answer.rows, await foldOfLog(log, "events", signal, asOf), await foldOfLog(log, "events", signal));
      answered++;
    } catch (error) {
      if (!(error instanceof UnservableError)) throw new Error(`seed ${seed}: a reader failed`, { cause: error });
      refused++;
    }
  }
  expect(answered + refused).toBe(KILLS);
  expect(answered).toBeGreaterThan(0);

  await producer.stop();
  await producer.kill();
  const whole = await foldOfLog(log, "events", signal);
  const exact = async () => {
    for (const victim of [speed, ingest, batch]) victim.assertAlive();
    const answer = await query();
    for (const { partition, offset } of answer.envelope.asOf) if (offset < whole.ends[partition]!) return undefined;
    return answer;
  };
  const answer = await eventually(exact, seed);
  expect(sorted(answer.rows), `seed ${seed}`).toEqual(expectedRows(whole));
  expect(answer.envelope.complete).toBe(true);

  // And once every segment is sealed and in a generation, from the batch layer.
  const { generation } = await eventually(async () => {
    const current = await query();
    const cut = current.envelope.cut["events"] ?? [];
    return cut.length === 2 && cut.every(({ partition, offset }) => offset >= whole.ends[partition]!) ? current.envelope : undefined;
  }, seed);
  expect(generation).toBeGreaterThan(0);
  expect(sorted((await query()).rows), `seed ${seed}`).toEqual(expectedRows(whole));
  for (const drift of await lambda.reconcile()) expect(drift.status, `seed ${seed}`).not.toBe("list");

  const manifests = (await lambda.platform.files.list("master/events/_manifests", signal)).map(({ path: name }) => name);
  const contents = await Promise.all(manifests.map(async (name) => JSON.parse(new TextDecoder().decode(await lambda.platform.files.read(name, signal))) as { readonly records: number; readonly deadLetters: number }));
  expect(contents.reduce((sum, manifest) => sum + manifest.deadLetters, 0)).toBe(whole.deadLetters);
  expect(victims.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThanOrEqual(KILLS);
  await lambda.close();
});
