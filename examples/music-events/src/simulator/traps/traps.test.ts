import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SimulatedEvent } from "../simulated-event.js";
import { simulate, simulateUntil } from "../simulate.js";
import type { SimulatorOptions } from "../simulator-options.js";
import { take } from "../testing/take.js";
import { doubleEncoded } from "./double-encoded.js";
import { HeldBack } from "./held-back.js";
import { parseTraps, TRAPS, type Trap } from "./trap.js";

const startMs = Date.UTC(2025, 0, 6);
const untilMs = startMs + 7 * 86_400_000;
const options: SimulatorOptions = { seed: 11, users: 2_000, startMs, growthRate: 2 };
const run = (...traps: Trap[]): SimulatedEvent[] => [...simulateUntil({ ...options, traps }, untilMs)];
const clean = run();
const values = (events: readonly SimulatedEvent[]) => events.map(({ value }) => value);
const sorted = (texts: readonly string[]) => [...texts].sort();
const parsed = (text: string): Record<string, unknown> | undefined => {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
};

describe("parseTraps", () => {
  it("reads a list, all and none, and gives back what is no trap", () => {
    expect(parseTraps("late, duplicates")).toEqual({ traps: ["late", "duplicates"], unknown: [] });
    expect(parseTraps("all")).toEqual({ traps: TRAPS, unknown: [] });
    expect(parseTraps("none")).toEqual({ traps: [], unknown: [] });
    expect(parseTraps("latte,malformed,")).toEqual({ traps: ["malformed"], unknown: ["latte", ""] });
  });
});

describe("without traps", () => {
  it("events are sent when they happen, no text is misread and no user agent is quoted", () => {
    expect(clean.length).toBeGreaterThan(20_000);
    for (const { ts, sentMs, value } of clean) if (ts !== sentMs || /Ã|"userAgent":"\\"/.test(value)) expect(value).toBe("clean");
  });
});

describe("double-encoding", () => {
  it("misreads twice what is not ASCII, and can be undone", () => {
    expect(doubleEncoded("Björk")).toBe("BjÃ\u0083Â¶rk");
    expect(doubleEncoded("Plain (Live)")).toBe("Plain (Live)");
    const back = (text: string) => Buffer.from(text, "latin1").toString("utf8");
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(back(back(doubleEncoded(text)))).toBe(text);
    }));
  });

  it("changes songs and artists, and nothing else", () => {
    const fixed = run("double-encoding").map(({ value }) => {
      const record = JSON.parse(value) as Record<string, unknown>;
      const back = (text: unknown) => Buffer.from(Buffer.from(String(text), "latin1").toString("utf8"), "latin1").toString("utf8");
      for (const field of ["artist", "song"]) if (field in record) record[field] = back(record[field]);
      return JSON.stringify(record);
    });
    expect(fixed).toEqual(values(clean));
    expect(run("double-encoding").filter(({ value }) => value.includes("BjÃ\u0083Â¶rk")).length).toBeGreaterThan(5);
  });
});

describe("quoted-user-agents", () => {
  it("puts quotation marks around about seven of ten, and changes nothing else", () => {
    const quoted = run("quoted-user-agents");
    expect(quoted.map(({ value }) => value.replace(/"userAgent":"\\"(.*?)\\""/, '"userAgent":"$1"'))).toEqual(values(clean));
    const share = quoted.filter(({ value }) => value.includes('"userAgent":"\\"')).length / quoted.length;
    expect(share).toBeGreaterThan(0.6);
    expect(share).toBeLessThan(0.85);
  });
});

describe("local-time-as-utc", () => {
  it("labels times seven hours ahead, and sends them when they are", () => {
    const ahead = 7 * 3_600_000;
    run("local-time-as-utc").forEach(({ ts, sentMs, value }, index) => {
      const before = clean[index]!;
      const expected = before.value
        .replace(`"ts":${before.ts}`, `"ts":${before.ts + ahead}`)
        .replace(/"registration":(\d+)/, (_, registration) => `"registration":${Number(registration) + ahead}`);
      if (ts !== before.ts + ahead || sentMs !== before.sentMs || value !== expected) expect({ ts, sentMs, value }).toEqual({ ts: before.ts + ahead, sentMs: before.sentMs, value: expected });
    });
  });
});

describe("late", () => {
  const late = run("late");
  it("loses nothing and sends in the order of sending", () => {
    expect(sorted(values(late))).toEqual(sorted(values(clean)));
    late.forEach(({ sentMs }, index) => index > 0 && sentMs < late[index - 1]!.sentMs && expect(sentMs).toBe("in order"));
  });

  it("holds 2 of 100 back, a tenth of them by hours", () => {
    const delays = late.map(({ ts, sentMs }) => sentMs - ts).filter((delay) => delay > 0);
    expect(delays.length / late.length).toBeCloseTo(0.02, 2);
    expect(delays.filter((delay) => delay > 3_600_000).length / delays.length).toBeCloseTo(0.09, 1);
    expect(Math.min(...late.map(({ ts, sentMs }) => sentMs - ts))).toBe(0);
  });
});

describe("duplicates", () => {
  it("sends every event, and 1 of 100 again, byte for byte", () => {
    const left = new Map<string, number>();
    for (const { value } of clean) left.set(value, (left.get(value) ?? 0) + 1);
    const again = run("duplicates").filter(({ value }) => {
      const count = left.get(value) ?? 0;
      if (count > 0) left.set(value, count - 1);
      return count === 0;
    });
    expect([...left.values()].every((count) => count === 0)).toBe(true);
    expect(again.length / clean.length).toBeCloseTo(0.01, 2);
    for (const { value } of again) if (!left.has(value)) expect(value).toBe("one of the others");
  });
});

describe("malformed", () => {
  it("breaks 2 of 1,000, each in one of seven ways, and leaves the others and the order", () => {
    const kinds = new Set<string>();
    let broken = 0;
    run("malformed").forEach(({ value, topic, sentMs }, index) => {
      const before = clean[index]!;
      expect([topic, sentMs]).toEqual([before.topic, before.sentMs]);
      if (value === before.value) return;
      broken++;
      expect(value).not.toContain("\n");
      const record = parsed(value);
      if (record) kinds.add(record["ts"] === undefined ? "no ts" : typeof record["ts"] === "string" ? "ts is text" : record["sessionId"] === null ? "null" : "sound");
      else kinds.add(value.startsWith("<") ? "html" : value.includes("NaN") ? "NaN" : value === before.value + before.value ? "two" : "cut");
    });
    expect(kinds).toEqual(new Set(["no ts", "ts is text", "null", "html", "NaN", "two", "cut"]));
    expect(broken / clean.length).toBeCloseTo(0.002, 3);
  });
});

describe("together", () => {
  it("hit the same records whichever others are on", () => {
    const broken = (events: readonly SimulatedEvent[]) => sorted([...new Set(values(events).filter((value) => !parsed(value) && !value.startsWith("<")))]);
    expect(broken(run("malformed", "late", "duplicates"))).toEqual(broken(run("malformed")));
  });

  it("are the same for the same seed, and continue from any event", () => {
    const given = { ...options, users: 200, traps: TRAPS };
    const whole = take(3_000, simulate(given));
    expect(take(3_000, simulate(given))).toEqual(whole);
    for (const taken of [0, 1, 777, 2_500]) expect(take(500, simulate(given, taken))).toEqual(whole.slice(taken, taken + 500));
  });
});

describe("HeldBack", () => {
  it("gives by time, and of one time in the order of coming", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 50 }), (times) => {
        const held = new HeldBack();
        times.forEach((sentMs, userId) => held.add({ topic: "listen_events", ts: 0, sentMs, userId, value: "" }));
        const taken: [number, number][] = [];
        while (held.dueMs < Infinity) {
          const { sentMs, userId } = held.take();
          taken.push([sentMs, userId]);
        }
        expect(taken).toEqual(times.map((sentMs, userId): [number, number] => [sentMs, userId]).sort((a, b) => a[0] - b[0] || a[1] - b[1]));
      }),
    );
  });
});
