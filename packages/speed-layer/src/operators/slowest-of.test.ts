import { from, lastValueFrom, map, toArray } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import type { EventBatch } from "@millrace/core";
import { memorySink } from "@millrace/core/memory";
import { sealedBatch } from "../consume/batch-source.js";
import { progressOf } from "../consume/progress.js";
import type { Progress } from "../consume/progress.js";
import { rowBatch } from "../testing/row-batch.js";
import { discard } from "./discard.js";
import { forkTo } from "./fork-to.js";
import type { Forked } from "./forked.js";
import { slowestOf } from "./slowest-of.js";
import { writeTo } from "./write-to.js";

const scheduler = () => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const at = (partition: number, until: number, released?: number) => progressOf("t", partition, until, released);
const seal = (name: string, ...progress: Progress[]) => ({ batch: { id: name, topic: name, logVersion: 1, partition: 0, from: 0, until: 1 }, progress });

describe("slowestOf", () => {
  it("tells of each partition how far all are, also what they hold no more", () => {
    scheduler().run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const a = hot<Progress>("-ab-c-d---|", { a: at(0, 1, 5), b: at(1, 3, 3), c: at(0, 4, 6), d: at(0, 4, 9) });
      const b = hot<Progress>("-x-y--z|", { x: at(0, 2, 2), y: at(0, 2, 8), z: at(0, 7, 9) });
      const source = cold<number>("0-----------|");
      const all = source.pipe(slowestOf(() => a, () => b));
      // Nothing of partition 1, of which the second has said nothing.
      expectObservable(all).toBe("-i-jk-(lm)|", { i: at(0, 1, 2), j: at(0, 1, 5), k: at(0, 2, 6), l: at(0, 2, 8), m: at(0, 4, 9) });
      expectSubscriptions(a.subscriptions).toBe("^---------!");
      expectSubscriptions(b.subscriptions).toBe("^------!");
    });
  });

  it("unsubscribes the others at the first error", () => {
    scheduler().run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const a = hot<Progress>("--#", {}, "broken");
      const b = hot<Progress>("-b---");
      const source = cold<number>("0-----|");
      expectObservable(source.pipe(slowestOf(() => a, () => b))).toBe("--#", {}, "broken");
      expectSubscriptions(b.subscriptions).toBe("^-!");
      expectSubscriptions(source.subscriptions).toBe("^-!");
    });
  });
});

describe("forkTo", () => {
  it("gives both outputs their way, and is as far as both", async () => {
    const main = memorySink<string>("main");
    const side = memorySink<number>("side");
    const forked: Forked<string, number>[] = [
      { main: sealedBatch(seal("m1"), ["a", "b"]), side: sealedBatch(seal("m1"), []) },
      { main: sealedBatch(seal("s1"), []), side: sealedBatch(seal("s1"), [7]) },
      { main: sealedBatch(seal("tick", at(0, 3, 9), at(1, 2, 2)), []), side: sealedBatch(seal("tick", at(0, 3, 9), at(1, 2, 2)), []) },
    ];
    const progress = await lastValueFrom(from(forked).pipe(forkTo(writeTo(main), writeTo(side)), toArray()));
    expect(progress).toEqual([at(0, 3, 9), at(1, 2, 2)]);
    expect([[...main.batches.keys()], main.rows, [...side.batches.keys()], side.rows]).toEqual([["m1"], ["a", "b"], ["s1"], [7]]);
  });
});

describe("discard", () => {
  it("says of every batch at once that nothing is outstanding", () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<EventBatch<unknown>>("a-b-#", { a: rowBatch(0, [{ offset: 3, row: 1 }], 9), b: sealedBatch(seal("tick", at(0, 10, 12)), [1]) });
      expectObservable(source.pipe(discard())).toBe("a-b-#", { a: at(0, 9), b: at(0, 10, 12) });
      expectSubscriptions(source.subscriptions).toBe("^---!");
    });
  });

  it("refuses batches that an operator rebuilt", async () => {
    await expect(lastValueFrom(from([rowBatch(0, [{ offset: 0, row: 1 }])]).pipe(map((batch) => ({ ...batch })), discard()))).rejects.toMatchObject({ code: "BATCH_SOURCE" });
  });
});
