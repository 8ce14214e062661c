import { from, map } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { ConfigurationError, simulatedClock } from "@millrace/core";
import type { EventBatch } from "@millrace/core";
import { memoryLog, memorySink } from "@millrace/core/memory";
import { consume } from "../consume/consume.js";
import { playOf, plays } from "../testing/plays.js";
import { rowBatch } from "../testing/row-batch.js";
import { filterRows } from "./filter-rows.js";
import { rateLimit } from "./rate-limit.js";
import { writeTo } from "./write-to.js";

const batch = (first: number, rows: number, until = first + rows) => rowBatch<number>(first, Array.from({ length: rows }, (_, i) => ({ offset: first + i, row: first + i })), until);
const rows = map((each: EventBatch<number>) => [...each.rows].join());

describe("rateLimit", () => {
  it("lets a burst through at once and the rest evenly, and completes once all has passed", () => {
    const testing = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    testing.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<EventBatch<number>>("a-b|", { a: batch(0, 3), b: batch(3, 4) });
      // Two at once, and then one each 100 ms: a piece of two waits for both.
      expectObservable(source.pipe(rateLimit({ perSecond: 10, burst: 2, clock: testing }), rows)).toBe("a 99ms b 199ms c 199ms (d|)", { a: "0,1", b: "2", c: "3,4", d: "5,6" });
      expectSubscriptions(source.subscriptions).toBe("^--!");
    });
  });

  it("lets batches without rows through, in their turn, and saves no more than the burst", () => {
    const testing = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    testing.run(({ cold, expectObservable }) => {
      const source = cold<EventBatch<number>>("(abc) 995ms d|", { a: batch(0, 1), b: batch(1, 1), c: batch(2, 0, 5), d: batch(5, 3) });
      expectObservable(source.pipe(rateLimit({ perSecond: 10, burst: 1, clock: testing }), rows)).toBe("a 99ms (bc) 896ms d 99ms e 99ms (f|)", { a: "0", b: "1", c: "", d: "5", e: "6", f: "7" });
    });
  });

  it("hands on an error at once, and ends its pause when it is unsubscribed", () => {
    const testing = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    testing.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<EventBatch<number>>("a#", { a: batch(0, 2) });
      expectObservable(source.pipe(rateLimit({ perSecond: 10, burst: 1, clock: testing }), rows)).toBe("a#", { a: "0" });
      const endless = cold<EventBatch<number>>("a", { a: batch(0, 2) });
      expectObservable(endless.pipe(rateLimit({ perSecond: 10, burst: 1, clock: testing }), rows), "^ 50ms !").toBe("a", { a: "0" });
      expectSubscriptions(endless.subscriptions).toBe("^ 50ms !");
    });
    const clock = simulatedClock(0);
    const running = from([batch(0, 20)]).pipe(rateLimit({ perSecond: 10, clock })).subscribe();
    expect(clock.sleepers).toBe(1);
    running.unsubscribe();
    expect(clock.sleepers).toBe(0);
  });

  it("cuts batches without losing a record, so that sinks hold what they would without it", async () => {
    const held = async (limit: boolean) => {
      const clock = simulatedClock(1_767_614_400_000);
      const log = memoryLog({ clock, topics: { plays: 1 } });
      for (let i = 0; i < 2_300; i++) log.place("plays", 0, [{ offset: i + Math.floor(i / 100) * 3, value: i % 7 === 0 ? "{" : playOf({ at: clock.now(), user: i, song: null, seconds: 1 }) }]);
      const sink = memorySink<{ readonly user: number }>();
      const subscription = consume(log, plays, { clock }, (batches) => {
        const some = batches.pipe(filterRows(({ user }) => user % 3 > 0));
        return limit ? some.pipe(rateLimit({ perSecond: 1_000, burst: 37, clock }), writeTo(sink, { clock })) : some.pipe(writeTo(sink, { clock }));
      }).subscribe();
      for (let i = 0; i < 200; i++) await clock.advance(10);
      subscription.unsubscribe();
      return [...sink.batches.values()];
    };
    const limited = await held(true);
    expect(limited.map(({ id }) => id)).toEqual(["plays/v1024-p0/0", "plays/v1024-p0/1000"]);
    expect(limited).toEqual(await held(false));
  });

  it("tells every mistake of its options at once", () => {
    expect(() => rateLimit({ perSecond: 0, burst: 0.5 })).toThrow(
      new ConfigurationError("limiting the rate of rows", [
        { path: "perSecond", message: "must be more than 0, not 0" },
        { path: "burst", message: "must be a whole number of at least 1, not 0.5" },
      ]),
    );
  });
});
