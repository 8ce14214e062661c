import fc from "fast-check";
import { from, lastValueFrom, toArray } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { FIRST_LOG_VERSION } from "@millrace/core";
import type { SinkBatch } from "@millrace/core";
import { BatchSourceError } from "../consume/batch-source-error.js";
import { progressOf } from "../consume/progress.js";
import { rowBatch } from "../testing/row-batch.js";
import type { RowRecord } from "../testing/row-batch.js";
import { filterRows } from "./filter-rows.js";
import { sealOnGrid } from "./seal-on-grid.js";

const log = fc
  .array(fc.record({ gap: fc.constantFrom(0, 0, 0, 200, 999, 1_500), stepMs: fc.constantFrom(0, 1, 400, 1_000, -2_500), row: fc.option(fc.nat(9), { nil: undefined }) }), { maxLength: 60 })
  .map((steps) => {
    let offset = -1;
    let appendedAt = 1_700_000_000_500;
    return steps.map(({ gap, stepMs, row }): RowRecord<number> => {
      offset += 1 + gap;
      appendedAt += stepMs;
      return { offset, appendedAt, ...(row === undefined ? {} : { row }) };
    });
  });

/** The grid's definition, record by record. */
function naiveBatches(records: readonly RowRecord<number>[]): { id: string; from: number; until: number; rows: number[] }[] {
  const groups: RowRecord<number>[][] = [];
  for (const [i, record] of records.entries()) {
    const first = groups.at(-1)?.[0];
    const grew =
      first !== undefined &&
      (Math.floor(record.offset / 1_000) > Math.floor(records[i - 1]!.offset / 1_000) || Math.floor(record.appendedAt! / 1_000) > Math.floor(first.appendedAt! / 1_000));
    if (first === undefined || grew) groups.push([record]);
    else groups.at(-1)!.push(record);
  }
  return groups.slice(0, -1).map((group) => ({
    id: `t/v${FIRST_LOG_VERSION}-p0/${group[0]!.offset}`,
    from: group[0]!.offset,
    until: group.at(-1)!.offset + 1,
    rows: group.flatMap(({ row }) => (row === undefined ? [] : [row])),
  }));
}

function split(records: readonly RowRecord<number>[], sizes: readonly number[]): ReturnType<typeof rowBatch<number>>[] {
  const batches = [];
  let position = 0;
  for (let i = 0, s = 0; i < records.length; s++) {
    const part = records.slice(i, i + sizes[s % sizes.length]!);
    batches.push(rowBatch(position, part));
    position = part.at(-1)!.offset + 1;
    i += part.length;
  }
  return batches;
}

describe("sealOnGrid", () => {
  it("forms the batches of the grid over all records, however they were read and whatever was filtered", async () => {
    await fc.assert(
      fc.asyncProperty(log, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }), fc.nat(9), async (records, sizes, least) => {
        const sealed = await lastValueFrom(
          from(split(records, sizes)).pipe(
            filterRows((row) => row >= least),
            sealOnGrid("writeTo"),
            toArray(),
          ),
        );
        const brief = sealed.map(({ batch: { id, from, until, rows } }) => ({ id, from, until, rows: [...rows] }));
        expect(brief).toEqual(naiveBatches(records).map((batch) => ({ ...batch, rows: batch.rows.filter((row) => row >= least) })));
      }),
    );
  });

  it("emits a batch when the next one's first record is seen, and drops the unsealed one on completion", () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold("-a-b-|", { a: rowBatch(0, [{ offset: 998, row: "x" }, { offset: 999, row: "y" }]), b: rowBatch(1_000, [{ offset: 1_000, row: "z" }]) });
      const x: SinkBatch<string> = { id: `t/v${FIRST_LOG_VERSION}-p0/998`, topic: "t", logVersion: FIRST_LOG_VERSION, partition: 0, from: 998, until: 1_000, rows: ["x", "y"] };
      expectObservable(source.pipe(sealOnGrid("writeTo"))).toBe("---x-|", { x: { batch: x, progress: [progressOf("t", 0, 1_000)] } });
      expectSubscriptions(source.subscriptions).toBe("^----!");
    });
  });

  it("refuses batches that were dropped, and batches that an operator rebuilt", async () => {
    const batches = [rowBatch(0, [{ offset: 0, row: 1 }]), rowBatch(5, [{ offset: 5, row: 2 }])];
    await expect(lastValueFrom(from(batches).pipe(sealOnGrid("writeTo")))).rejects.toThrow(
      'taking batch [5, 6) of "t" partition 0 into "writeTo": it follows offset 5, but the last one ended at 1',
    );
    await expect(lastValueFrom(from(batches.map((batch) => ({ ...batch }))).pipe(sealOnGrid("writeTo")))).rejects.toThrow(BatchSourceError);
  });
});
