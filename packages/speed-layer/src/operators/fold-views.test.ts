import { filter, map, take, tap } from "rxjs";
import { describe, expect, it } from "vitest";
import { simulatedClock } from "@millrace/core";
import type { ColumnBatch } from "@millrace/core";
import { memoryLog, memoryViewStore } from "@millrace/core/memory";
import { BatchSourceError } from "../consume/batch-source-error.js";
import { consume } from "../consume/consume.js";
import { naiveViews } from "../testing/naive-views.js";
import { playOf, plays, songs, users } from "../testing/plays.js";
import { mergeStored, readChain } from "../testing/stored-views.js";
import { filterRows } from "./filter-rows.js";
import { foldViews } from "./fold-views.js";

const START_MS = 1_767_614_400_000;
const at = { topic: "plays", logVersion: 1_024, partition: 0 };

function setUp(records: number) {
  const clock = simulatedClock(START_MS);
  const log = memoryLog({ clock, topics: { plays: 1 } });
  for (let i = 0; i < records; i++) log.place("plays", 0, [{ value: playOf({ at: START_MS - i * 1_000, user: i % 3, song: i % 5 === 0 ? null : `s${i % 4}`, seconds: i }) }]);
  return { clock, log, store: memoryViewStore({ clock }) };
}

describe("foldViews", () => {
  it("keeps views alone, without a batch layer", async () => {
    const { clock, log, store } = setUp(250);
    const progress: number[] = [];
    const subscription = consume(log, plays, { clock, views: [songs, users], maxInFlight: 2_000 }, (batches) =>
      batches.pipe(foldViews([songs, users], { store, clock, grid: { segmentOffsets: 100, segmentMs: null } })),
    ).subscribe(({ until }) => progress.push(until));
    await clock.advance(100);
    subscription.unsubscribe();
    expect(progress.at(-1)).toBe(250);
    for (const view of [songs.definition, users.definition]) {
      const chain = await readChain(store, view, at, 0, clock.now());
      expect(chain.links.map(({ segment, until, sealed }) => [segment.first, until, sealed])).toEqual([[0, 100, true], [100, 200, true], [200, 250, false]]);
      const naive = naiveViews(log.records("plays", 0))[view.name as "songs" | "users"];
      expect([...(await mergeStored(store, view, chain.links))].sort()).toEqual([...naive].sort());
    }
  });

  it("refuses batches that were filtered, rebuilt, dropped or repeated: a view counts every record of the log", async () => {
    const reasons: unknown[] = [];
    const tamperings: ((batch: ColumnBatch, index: number) => ColumnBatch | undefined)[] = [
      (batch) => ({ ...batch }),
      (batch, index) => (index === 1 ? undefined : batch),
    ];
    for (const tamper of tamperings) {
      const { clock, log, store } = setUp(5_000);
      consume(log, plays, { clock, maxInFlight: 2_000 }, (batches) =>
        batches.pipe(map(tamper), filter((batch) => batch !== undefined), foldViews([songs], { store, clock })),
      ).subscribe({ error: (error: unknown) => reasons.push(error) });
      await clock.advance(1_000);
    }
    const { clock, log, store } = setUp(10);
    consume(log, plays, { clock }, (batches) =>
      // The compiler refuses it as well: rows are all that is left.
      batches.pipe(filterRows(() => true), foldViews([songs], { store, clock }) as never),
    ).subscribe({ error: (error: unknown) => reasons.push(error) });
    await clock.advance(10);
    expect(reasons.map((error) => error instanceof BatchSourceError && error.message)).toEqual([
      'taking batch [0, 1000) of "plays" partition 0 into "foldViews": it does not come from consume, or an operator rebuilt it: change rows with mapRows and filterRows',
      'taking batch [2000, 3000) of "plays" partition 0 into "foldViews": it follows offset 2000, but the last one ended at 1000: batches were dropped, repeated or reordered',
      'taking batch [0, 10) of "plays" partition 0 into "foldViews": its rows were mapped or filtered, and views count every record of the log',
    ]);
  });

  it("completes once all is durable after its source completed", async () => {
    const { clock, log, store } = setUp(2_500);
    const seen: (number | "completed")[] = [];
    consume(log, plays, { clock, maxInFlight: 2_000 }, (batches) =>
      batches.pipe(
        take(2),
        foldViews([songs], { store, clock, flushMinMs: 1_000 }),
        tap({ next: ({ until }) => seen.push(until), complete: () => seen.push("completed") }),
      ),
    ).subscribe();
    for (let turn = 0; turn < 5; turn++) await clock.advance(1);
    expect(seen.slice(-2)).toEqual([2_000, "completed"]);
    expect((await readChain(store, songs.definition, at, 0, clock.now())).reach).toBe(2_000);
  });
});
