import { defineView, sum } from "@millrace/core";
import { expect, it, onTestFinished } from "vitest";
import { big, sales, users, withUser } from "./declarations.js";
import { logWithout } from "./log-without.js";
import { openShared } from "./open-shared.js";
import { ProcessSet } from "./process-set.js";

const never = new AbortController().signal;

it("answers the fold over the log without what was erased, also in a replay, for a new view, and beside an older version", { timeout: 60_000 }, async () => {
  const platform = await openShared();
  const { log, files, clock } = platform;
  const start = (name: string, views: ConstructorParameters<typeof ProcessSet>[1]["views"], beside?: ProcessSet) => {
    const made = new ProcessSet(name, { views }, platform, beside);
    made.start();
    onTestFinished(() => made.stop());
    return made;
  };
  const older = start("older", [sales()]);
  const now = start("now", [users()]);
  await platform.append(20);
  await now.ingest();
  await older.lambda.batch.run();
  await now.lambda.batch.run();
  await platform.append(15);
  await now.ingest();
  await platform.append(8);
  await now.expectExact();

  // Erased is what is sealed: above the cut of the generation before, in the speed layer's rows, and below it.
  const report = await now.lambda.erase.run({ where: { user: 2 } });
  expect(report).toMatchObject({ topics: [{ topic: "orders", erasure: 1 }], generation: 3 });
  expect(report.topics[0]!.events).toBeGreaterThan(2);
  expect(report.topics[0]!.unsealed).toBeGreaterThan(0);
  await now.expectExact(undefined, await logWithout(log, files));
  await expect(now.expectExact()).rejects.toThrow(/instead of/);
  // The older version's last generation still has them: it is not served any more, until its own next run.
  expect((await older.refusal("sales"))?.reason).toBe("not-built");
  await older.lambda.batch.run();
  await older.expectExact(undefined, await logWithout(log, files));

  // Records of the same user that came later count.
  await platform.append(6);
  await now.ingest();
  await now.expectExact(undefined, await logWithout(log, files));
  await now.lambda.batch.run();
  await now.expectExact(undefined, await logWithout(log, files));

  // The speed layer loses all it has, and folds the log again.
  await now.stop();
  await older.stop();
  await platform.store.sweep(8.64e15, never);
  now.start();
  older.start();
  await now.expectExact(undefined, await logWithout(log, files));
  await older.expectExact(undefined, await logWithout(log, files));

  // A view that nobody had is built from the master dataset and the log.
  await now.stop();
  const later = start("later", [users(), big(withUser), defineView({ name: "spent", from: withUser, by: ["user"], every: "minute", measures: (c) => ({ revenue: sum(c.price) }) })]);
  await platform.append(5);
  await later.ingest();
  await later.lambda.batch.run();
  await later.expectExact(undefined, await logWithout(log, files));
  // What the user did since is erased as well, once it is sealed.
  expect(await later.lambda.erase.run({ where: { user: "2" } })).toMatchObject({ topics: [{ erasure: 2, unsealed: 0 }] });
  await later.expectExact(undefined, await logWithout(log, files));
  expect((await later.ask("spent")).rows.filter(({ user }) => user === 2)).toEqual([]);

  // Old generations go once no query reads them; then only what is not Millrace's to remove is left.
  await clock.advance(2 * 3_600_000);
  await later.lambda.erase.prune();
  expect(await later.lambda.erase.remains()).toMatchObject([{ topic: "orders", erasures: 2, notApplied: 0, generations: [], files: 0 }]);
  await later.expectExact(undefined, await logWithout(log, files));
  await later.lambda.batch.run({ full: true });
  await later.expectExact(undefined, await logWithout(log, files));
});
