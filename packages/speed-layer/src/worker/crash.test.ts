import { describe, expect, it } from "vitest";
import type { Fault } from "@millrace/core/testing";
import { faultPlan, faulty } from "@millrace/core/testing";
import { deliver } from "@millrace/core";
import { memorySink } from "@millrace/core/memory";
import { playOf, plays } from "../testing/plays.js";
import { START_MS, TOPIC, served, speedWorld, truth, truthOfProgress } from "../testing/speed-world.js";
import type { SpeedWorld } from "../testing/speed-world.js";

type Play = { readonly at: Date; readonly user: number; readonly song: string | null; readonly seconds: number };

function append({ log }: SpeedWorld, count: number, partition: number): void {
  for (let i = 0; i < count; i++) {
    const { length } = log.records(TOPIC, partition);
    const appendedAt = START_MS + length * 4_000;
    log.place(TOPIC, partition, [
      { appendedAt, value: length % 7 === 3 ? "{" : playOf({ at: appendedAt - (length % 5) * 40_000, user: length % 3, song: length % 4 === 0 ? null : `s${length % 4}`, seconds: length }) },
    ]);
  }
}

/** A story that touches every write of the layer: flushes, seals, an early end, a generation below what was read, outputs. */
async function story(world: SpeedWorld, run: (name: string) => Promise<{ readonly failed: boolean }>): Promise<void> {
  append(world, 14, 0);
  append(world, 5, 1);
  await run("first");
  await world.batch.commit(0, { quiet: true, hidden: 4 });
  await world.batch.commit(1, { quiet: true, hidden: 2 });
  append(world, 6, 1);
  await run("second");
  await world.batch.commit(0, { quiet: true });
  await world.batch.publish({ 0: world.batch.manifests(0)[0]!.until });
  append(world, 9, 0);
  await run("third");
}

async function runWith(faults: Parameters<typeof faultPlan>[0], retryable: boolean) {
  const world = speedWorld();
  const sink = memorySink<Play>("sink");
  const plan = faultPlan(faults, { retryable });
  const outputs = [deliver(plays, sink)];
  const broken = {
    store: faulty("store", world.store, plan),
    files: faulty("files", world.files, plan),
    log: faulty("log", world.log, plan),
    outputs: [deliver(plays, faulty("sink", sink, plan))],
  };
  const failures: unknown[] = [];
  await story(world, async (name) => {
    const worker = world.start(name, broken);
    // One process after the other, each until it has caught up or died; a dead one is started again, with whole ports.
    let failed = false;
    await Promise.race([world.catchUp(worker), worker.ended]).catch((error: unknown) => {
      failed = true;
      failures.push(error);
    });
    await worker.stop().catch(() => undefined);
    if (!failed && !plan.crashed) return { failed };
    const next = world.start(`${name}-again`, { outputs });
    await world.catchUp(next);
    await next.stop();
    return { failed };
  });
  const last = world.start("last", { outputs });
  await world.catchUp(last);
  await world.clock.advance(5_000);
  await last.stop();
  return { world, sink, plan, failures };
}

/** Every event once, in the order of its partition, up to the unsealed batches. */
function expectDelivered(world: SpeedWorld, sink: Awaited<ReturnType<typeof runWith>>["sink"]): void {
  for (const partition of [0, 1]) {
    const rows = [...sink.batches.values()].filter((batch) => batch.partition === partition).sort((a, b) => a.from - b.from).flatMap((batch) => batch.rows);
    const events = world.log.records(TOPIC, partition).flatMap(({ value }) => {
      try {
        return [(JSON.parse(new TextDecoder().decode(value!)) as { at: number }).at];
      } catch {
        return [];
      }
    });
    // Records lie four seconds apart, so each is a batch of its own and only the last is unsealed.
    const last = new TextDecoder().decode(world.log.records(TOPIC, partition).at(-1)!.value!);
    expect(rows.map(({ at }) => at.getTime())).toEqual(last === "{" ? events : events.slice(0, -1));
  }
}

async function expectTruth(world: SpeedWorld): Promise<void> {
  const { links, ...answer } = await served(world);
  expect(answer).toEqual(await truth(world));
  for (const link of links) expect(link).toMatchObject(truthOfProgress(world, link));
}

// Some hundred short lives: seconds on a free machine, more on a shared one.
describe("the speed layer, when it dies or a call fails", { timeout: 180_000 }, () => {
  it("serves the truth and delivers every row once, whichever call it was", async () => {
    const { world, sink, plan, failures } = await runWith([], true);
    expect(failures).toEqual([]);
    await expectTruth(world);
    expectDelivered(world, sink);
    const faults: readonly { readonly fault: Fault; readonly retryable: boolean }[] = [
      { fault: "crashes-before", retryable: false },
      { fault: "crashes-after", retryable: false },
      { fault: "fails-before", retryable: true },
      { fault: "fails-after", retryable: true },
      { fault: "fails-after", retryable: false },
      { fault: "twice", retryable: true },
    ];
    const injected = new Set<string>();
    const seen = new Map<string, number>();
    const writes = /^(store\.write(Progress)?|files\.(putIfAbsent|replace)|sink\.write)$/;
    // Every write, and of what is repeated every second the first few.
    const calls = plan.calls.filter(({ method }) => {
      const nth = seen.get(method) ?? 0;
      seen.set(method, nth + 1);
      return writes.test(method) || nth < 4;
    });
    for (const [i, { n, method }] of calls.entries()) {
      // A step of a reading that comes twice is no fault of a log: it gives every record once.
      const possible = faults.filter(({ fault }) => fault !== "twice" || !method.startsWith("log.read"));
      const { fault, retryable } = possible[i % possible.length]!;
      const { world, sink, plan } = await runWith([{ n, fault }], retryable);
      for (const call of plan.injected) injected.add(call.method);
      try {
        await expectTruth(world);
        expectDelivered(world, sink);
      } catch (error) {
        throw new Error(`after call ${n} ("${method}") ${fault}`, { cause: error });
      }
    }
    expect([...injected].sort()).toEqual(
      expect.arrayContaining(["files.putIfAbsent", "files.replace", "log.read.next", "sink.write", "store.readProgress", "store.write", "store.writeHeartbeat", "store.writeProgress"]),
    );
  });
});
