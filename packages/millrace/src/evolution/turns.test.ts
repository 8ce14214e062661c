import { readErasures } from "@millrace/core";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { UnservableError } from "@millrace/serving-layer";
import { big, bigger, dimShop, sales, users, withAnyPrice } from "./declarations.js";
import { logWithout } from "./log-without.js";
import { openShared } from "./open-shared.js";
import { ProcessSet } from "./process-set.js";

const VERSIONS: readonly ConstructorParameters<typeof ProcessSet>[1][] = [
  { views: [sales(), big()], models: [dimShop()] },
  { views: [sales(), bigger()] },
  { views: [users()] },
  { views: [sales(withAnyPrice)], models: [dimShop(withAnyPrice)] },
];

const version = fc.nat(VERSIONS.length - 1);
const turn = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("append" as const), records: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ingest" as const), version }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("publish" as const), version, full: fc.constantFrom(false, false, true) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("restart" as const), version }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("prune" as const), version, keep: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("erase" as const), user: fc.nat(3) }) },
);

it("answers each of four versions exactly or refuses it, whoever ingests, publishes, prunes, erases and starts again when", { timeout: 120_000 }, async () => {
  let answers = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { minLength: 6, maxLength: 12 }), async (turns) => {
      const platform = await openShared();
      const sets = VERSIONS.map((declarations, i) => new ProcessSet(`version ${i}`, declarations, platform));
      for (const set of sets) {
        set.start();
        onTestFinished(() => set.stop());
      }
      const expectExact = async (set: ProcessSet, mayRefuse: boolean) => {
        const log = await logWithout(platform.log, platform.files);
        for (const { name } of set.lambda.definitions.views) {
          try {
            await set.expectExact([name], log);
            answers++;
          } catch (error) {
            // Until it publishes for itself, or after somebody erased what its last generation has.
            if (!mayRefuse || !(error instanceof UnservableError) || !["not-built", "fingerprint-changed"].includes(error.reason)) throw error;
          }
        }
      };
      for (const each of turns) {
        if (each.do === "append") await platform.append(each.records);
        else if (each.do === "ingest") await sets[each.version]!.ingest();
        else if (each.do === "publish") await sets[each.version]!.lambda.batch.run({ acceptDeadLetters: true, full: each.full });
        else if (each.do === "restart") {
          await sets[each.version]!.stop();
          sets[each.version]!.start();
        } else if (each.do === "prune") {
          await platform.clock.advance(2 * 3_600_000);
          await sets[each.version]!.lambda.batch.prune({ keep: each.keep });
          if ((await readErasures(platform.files, "orders", new AbortController().signal)).length > 0) await sets[2]!.lambda.erase.prune().catch((error: { code: string }) => expect(error.code).toBe("RUN_OPTION"));
        } else await sets[2]!.lambda.erase.run({ where: { user: each.user } }).catch((error: { code: string }) => expect(error.code).toBe("STREAM_CHANGED"));
        for (const set of sets) await expectExact(set, true);
      }
      await sets[0]!.ingest();
      for (const set of sets) await set.lambda.batch.run({ acceptDeadLetters: true });
      for (const set of sets) await expectExact(set, false);
      for (const set of sets) await set.stop();
    }),
    { numRuns: 3 },
  );
  expect(answers).toBeGreaterThan(20);
});
