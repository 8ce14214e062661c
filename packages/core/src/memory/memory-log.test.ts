import { describe, expect, it } from "vitest";
import { simulatedClock } from "../clock/simulated-clock.js";
import { LogTrimmedError } from "../errors/log-trimmed-error.js";
import { OffsetBeyondEndError } from "../errors/offset-beyond-end-error.js";
import type { RawBatch } from "../log/raw-batch.js";
import { memoryLog } from "./memory-log.js";

const never = new AbortController().signal;
const texts = (batch: RawBatch): string[] => Array.from({ length: batch.length }, (_, i) => Buffer.from(batch.data.subarray(batch.valueStart[i], batch.valueEnd[i])).toString());

describe("memoryLog", () => {
  it("gives records with gaps and stepping clocks as they were placed, then says that it is at the end, then waits", async () => {
    const log = memoryLog({ clock: simulatedClock(1_000), topics: { t: 1 } });
    log.place("t", 0, [{ value: "a" }, { value: "b", offset: 5, appendedAt: 900 }, { value: "c", appendedAt: 2_000, offset: 6 }, { value: "d" }]);
    log.skipTo("t", 0, 12);
    const reading = log.read({ topic: "t", partition: 0, from: 0, maxRecords: 3 }, never)[Symbol.asyncIterator]();
    const first = (await reading.next()).value as RawBatch;
    expect([texts(first), [...first.offsets], [...first.appendedAt], first.position, first.end]).toEqual([["a", "b", "c"], [0, 5, 6], [1_000, 900, 2_000], 7, 12]);
    const second = (await reading.next()).value as RawBatch;
    expect([texts(second), [...second.offsets], [...second.appendedAt], second.position]).toEqual([["d"], [7], [2_000], 12]);
    const atEnd = (await reading.next()).value as RawBatch;
    expect([atEnd.length, atEnd.position, atEnd.end]).toEqual([0, 12, 12]);
    const waiting = reading.next();
    await log.append("t", [{ value: "e" }], never);
    expect([...((await waiting).value as RawBatch).offsets]).toEqual([12]);
  });

  it("refuses positions that are trimmed, beyond the end, or of an earlier incarnation", async () => {
    const log = memoryLog({ clock: simulatedClock(0), topics: { t: 1 } });
    log.place("t", 0, [{ value: "a" }, { value: "b" }, { value: "c" }]);
    log.trim("t", 0, 2);
    const next = (from: number): Promise<unknown> => log.read({ topic: "t", partition: 0, from }, never)[Symbol.asyncIterator]().next();
    await expect(next(1)).rejects.toThrow(LogTrimmedError);
    await expect(next(4)).rejects.toThrow(OffsetBeyondEndError);
    const reading = log.read({ topic: "t", partition: 0, from: 2 }, never)[Symbol.asyncIterator]();
    await reading.next();
    log.recreate("t");
    log.place("t", 0, Array.from({ length: 9 }, () => ({ value: "new" })));
    await expect(reading.next()).rejects.toThrow(OffsetBeyondEndError);
    expect((await log.describe("t", never)).partitions).toEqual([{ partition: 0, logVersion: 1_025, start: 0, end: 9 }]);
  });
});
