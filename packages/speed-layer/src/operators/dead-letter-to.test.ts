import { describe, expect, it } from "vitest";
import { simulatedClock } from "@millrace/core";
import type { DeadLetter } from "@millrace/core";
import { memoryLog, memorySink } from "@millrace/core/memory";
import { consume } from "../consume/consume.js";
import { playOf, plays } from "../testing/plays.js";
import { deadLetterTo } from "./dead-letter-to.js";
import { slowestOf } from "./slowest-of.js";
import { writeTo } from "./write-to.js";

const START_MS = 1_767_614_400_000;
const text = (bytes: Uint8Array | null | undefined): string => new TextDecoder().decode(bytes!);

describe("deadLetterTo", () => {
  it("keeps what could not be decoded, raw and with its coordinates, beside the events of the same reading", async () => {
    const clock = simulatedClock(START_MS);
    const log = memoryLog({ clock, topics: { plays: 1, dead: 1 } });
    const good = (user: number) => playOf({ at: START_MS, user, song: null, seconds: 1 });
    log.place("plays", 0, [
      { value: good(1) },
      { value: "{", key: "k" },
      { value: good(2) },
      { value: `{"at":1767614400000}` },
      { value: good(3), offset: 1_000 },
    ]);
    const events = memorySink<{ readonly user: number }>("events");
    const letters = memorySink<DeadLetter>("letters");
    const subscription = consume(log, plays, { clock }, (batches) =>
      batches.pipe(slowestOf(writeTo(events, { clock }), deadLetterTo(letters, { clock }), deadLetterTo({ log, topic: "dead" }, { clock }))),
    ).subscribe();
    await clock.advance(10);
    subscription.unsubscribe();
    expect(events.rows.map(({ user }) => user)).toEqual([1, 2]);
    expect([...letters.batches.keys()]).toEqual(["plays/v1024-p0/0"]);
    expect(letters.rows.map(({ offset, reason, column, key, value }) => ({ offset, reason, column, key: key && text(key), value: text(value) }))).toEqual([
      { offset: 1, reason: "undecodable", column: undefined, key: "k", value: "{" },
      { offset: 3, reason: "missing", column: "user", key: null, value: `{"at":1767614400000}` },
    ]);
    const copies = log.records("dead", 0).map(({ key, value, headers }) => ({
      key: key && text(key),
      value: text(value),
      headers: Object.fromEntries(Object.entries(headers!).map(([name, bytes]) => [name, text(bytes)])),
    }));
    expect(copies).toMatchObject([
      { key: "k", value: "{", headers: { "millrace-topic": "plays", "millrace-partition": "0", "millrace-offset": "1", "millrace-reason": "undecodable" } },
      { key: null, value: `{"at":1767614400000}`, headers: { "millrace-offset": "3", "millrace-column": "user" } },
    ]);
  });
});
