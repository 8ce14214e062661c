import { map } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { sourceOf } from "../consume/batch-source.js";
import { rowBatch } from "../testing/row-batch.js";
import { filterRows } from "./filter-rows.js";
import { mapRows } from "./map-rows.js";

const scheduler = () => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const a = rowBatch(0, [{ offset: 0, row: 1 }, { offset: 2 }, { offset: 5, row: 2 }]);
const b = rowBatch(6, [{ offset: 6, row: 3 }]);
const shape = map((batch: { readonly rows: Iterable<unknown>; readonly offsets: Float64Array; readonly length: number; readonly from: number; readonly until: number }) => ({
  rows: [...batch.rows],
  offsets: [...batch.offsets],
  length: batch.length,
  from: batch.from,
  until: batch.until,
}));

describe("mapRows", () => {
  it("maps rows one by one, keeps offsets, and completes with its source", () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold("-a-b-|", { a, b });
      expectObservable(source.pipe(mapRows((row: number) => `${row}!`), shape)).toBe("-a-b-|", {
        a: { rows: ["1!", "2!"], offsets: [0, 5], length: 2, from: 0, until: 6 },
        b: { rows: ["3!"], offsets: [6], length: 1, from: 6, until: 7 },
      });
      expectSubscriptions(source.subscriptions).toBe("^----!");
    });
  });

  it("errors with what the function throws, and lets go of its source", () => {
    const failure = new Error("no threes");
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold("-a-b-|", { a, b });
      const mapped = source.pipe(
        mapRows((row: number) => {
          if (row === 3) throw failure;
          return row;
        }),
        map(({ until }) => until),
      );
      expectObservable(mapped).toBe("-a-#", { a: 6 }, failure);
      expectSubscriptions(source.subscriptions).toBe("^--!");
    });
  });

  it("remembers every record of the batch, and that the rows are no longer those of the log", () => {
    const [mapped] = collect(mapRows((row: number) => row));
    expect([...sourceOf(mapped!, "test").raw.offsets]).toEqual([0, 2, 5]);
    expect(sourceOf(mapped!, "test").whole).toBe(false);
  });
});

describe("filterRows", () => {
  it("keeps batches without rows, and offsets and broker times of the rows that stay", () => {
    scheduler().run(({ cold, expectObservable }) => {
      const source = cold("-a-b-|", { a, b });
      expectObservable(source.pipe(filterRows((row: number) => row === 2), shape)).toBe("-a-b-|", {
        a: { rows: [2], offsets: [5], length: 1, from: 0, until: 6 },
        b: { rows: [], offsets: [], length: 0, from: 6, until: 7 },
      });
    });
  });

  it("unsubscribes its source when it is unsubscribed", () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold("-a-b-|", { a, b });
      expectObservable(source.pipe(filterRows(() => true), map(({ until }) => until)), "--!").toBe("-a", { a: 6 });
      expectSubscriptions(source.subscriptions).toBe("^-!");
    });
  });
});

function collect<R>(operator: ReturnType<typeof mapRows<number, R>>) {
  const seen: ReturnType<typeof rowBatch<R>>[] = [];
  scheduler().run(({ cold, flush }) => {
    cold("a|", { a })
      .pipe(operator)
      .subscribe((batch) => seen.push(batch));
    flush();
  });
  return seen;
}
