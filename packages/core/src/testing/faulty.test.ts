import { expect, it } from "vitest";
import { memoryFileSystem } from "../memory/memory-file-system.js";
import { memoryLog } from "../memory/memory-log.js";
import { FileNotFoundError } from "../errors/file-not-found-error.js";
import { faultPlan } from "./fault-plan.js";
import type { Fault } from "./fault-plan.js";
import { faulty } from "./faulty.js";

const never = new AbortController().signal;
const bytes = new TextEncoder().encode("x");

it("counts every call, also of what calls give, and passes what does no I/O", async () => {
  const plan = faultPlan();
  const files = faulty("files", memoryFileSystem(), plan);
  const log = faulty("log", memoryLog({ topics: { t: 1 } }), plan);
  const writer = await files.write("a", never);
  await writer.write(bytes);
  await writer.commit();
  files.uri("a");
  await log.append("t", [{ value: "1" }], never);
  for await (const batch of log.read({ topic: "t", partition: 0, from: 0 }, never)) if (batch.length === 0) break;
  expect(plan.calls.map(({ method }) => method)).toEqual(["files.write", "files.write.write", "files.write.commit", "log.append", "log.read.next", "log.read.next"]);
  expect(plan.calls.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5]);
});

it.each<[Fault, boolean, boolean, boolean]>([
  // fault, the call fails, it was done, the next call works
  ["fails-before", true, false, true],
  ["fails-after", true, true, true],
  ["twice", false, true, true],
  ["crashes-before", true, false, false],
  ["crashes-after", true, true, false],
])("%s", async (fault, fails, done, works) => {
  const inside = memoryFileSystem();
  const plan = faultPlan([{ method: "files.replace", nth: 1, fault }]);
  const files = faulty("files", inside, plan);
  await files.replace("first", bytes, never);
  const failed = await files.replace("second", bytes, never).then(() => false, () => true);
  const there = await inside.read("second", never).then(() => true, (error: unknown) => !(error instanceof FileNotFoundError));
  const next = await files.replace("third", bytes, never).then(() => true, () => false);
  expect([failed, there, next, plan.crashed, plan.injected]).toEqual([fails, done, works, !works, [{ n: 1, method: "files.replace" }]]);
});

it("hangs until the signal aborts", async () => {
  const files = faulty("files", memoryFileSystem(), faultPlan([{ n: 0, fault: "hangs" }]));
  const controller = new AbortController();
  const hanging = files.list("", controller.signal);
  controller.abort(new Error("enough"));
  await expect(hanging).rejects.toThrow("enough");
});

it("a reading may lose a batch, or give one twice", async () => {
  const inside = memoryLog({ topics: { t: 1 } });
  await inside.append("t", [{ value: "1" }, { value: "2" }], never);
  const offsets = async (fault: Fault): Promise<number[]> => {
    const seen: number[] = [];
    const log = faulty("log", inside, faultPlan([{ n: 0, fault }]));
    for await (const batch of log.read({ topic: "t", partition: 0, from: 0, maxRecords: 1 }, never)) {
      if (batch.length === 0) break;
      seen.push(batch.offsets[0]!);
    }
    return seen;
  };
  expect(await offsets("twice")).toEqual([0, 0, 1]);
  await expect(offsets("fails-after")).rejects.toThrow("the reply is lost");
});
