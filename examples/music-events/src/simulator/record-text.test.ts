import { beforeAll, describe, expect, it } from "vitest";
import type { SimulatedEvent, Topic } from "./simulated-event.js";
import { simulate } from "./simulate.js";
import { take } from "./testing/take.js";

interface Parsed extends SimulatedEvent {
  readonly record: Readonly<Record<string, unknown>>;
}

const startMs = Date.UTC(2026, 0, 1) + 796;
const identity = ["userId", "lastName", "firstName", "gender", "registration"];
const device = ["city", "zip", "state", "userAgent", "lon", "lat"];
const song = ["artist", "song", "duration"];

function fieldsOf(topic: Topic, shown: boolean, isSong: boolean): string[] {
  const tail = ["itemInSession", ...device, ...(shown ? identity : [])];
  switch (topic) {
    case "listen_events":
      return [...song, "ts", "sessionId", "auth", "level", ...tail];
    case "page_view_events":
      return ["ts", "sessionId", "page", "auth", "method", "status", "level", ...tail, ...(isSong ? song : [])];
    case "auth_events":
      return ["ts", "sessionId", "level", ...tail, "success"];
    case "status_change_events":
      return ["ts", "sessionId", "auth", "level", ...tail];
  }
}

describe("records of 200,000 events", () => {
  let events: Parsed[] = [];
  const of = (topic: Topic) => events.filter((event) => event.topic === topic);

  beforeAll(() => {
    // Growth brings guests, and thereby the rest of the pages.
    events = take(200_000, simulate({ seed: 11, startMs, growthRate: 10 })).map((event) => ({
      ...event,
      record: JSON.parse(event.value) as Record<string, unknown>,
    }));
    // The count may cut an action in two.
    while (events.at(-1)?.topic !== "page_view_events") events.pop();
  });

  it("are JSON as JSON.stringify writes it, in the field order of the wire, absent fields absent", () => {
    for (const { topic, value, record } of events) {
      const { auth, success, page } = record;
      const shown = auth === "Logged In" || auth === "Cancelled" || success === true;
      const fields = fieldsOf(topic, shown, page === "NextSong");
      if (Object.keys(record).join() !== fields.join()) expect(Object.keys(record)).toEqual(fields);
      if (JSON.stringify(record) !== value) expect(value).toBe(JSON.stringify(record));
    }
  });

  it("have the types, units and value sets of the wire", () => {
    const text = expect.stringMatching(/./) as string;
    const sample = [...events.slice(0, 5_000), ...of("auth_events"), ...of("status_change_events")];
    for (const { topic, ts, userId, record } of sample) {
      const isSong = topic === "listen_events" || record["page"] === "NextSong";
      expect(record).toEqual({
        ts,
        sessionId: expect.any(Number) as number,
        level: expect.stringMatching(/^(free|paid)$/) as string,
        itemInSession: expect.any(Number) as number,
        city: text,
        zip: expect.stringMatching(/^\d{5}$/) as string,
        state: expect.stringMatching(/^[A-Z]{2}$/) as string,
        userAgent: expect.stringMatching(/^Mozilla\/.*[^"]$/) as string,
        lon: expect.any(Number) as number,
        lat: expect.any(Number) as number,
        ...(record["userId"] !== undefined && {
          userId,
          lastName: text,
          firstName: text,
          gender: expect.stringMatching(/^[FM]$/) as string,
          registration: expect.any(Number) as number,
        }),
        ...(isSong && { artist: text, song: text, duration: expect.any(Number) as number }),
        ...(topic === "auth_events"
          ? { success: expect.any(Boolean) as boolean }
          : { auth: expect.stringMatching(/^(Guest|Logged In|Logged Out|Cancelled)$/) as string }),
        ...(topic === "page_view_events" && {
          page: text,
          method: expect.stringMatching(/^(GET|PUT)$/) as string,
          status: expect.any(Number) as number,
        }),
      });
    }
  });

  it("visit all 17 pages, each with its method and status", () => {
    const seen = new Map<unknown, string>();
    for (const { record } of of("page_view_events")) {
      seen.set(record["page"], `${record["method"] as string} ${record["status"] as number}`);
    }
    expect(Object.fromEntries(seen)).toEqual({
      About: "GET 200",
      Cancel: "PUT 307",
      "Cancellation Confirmation": "GET 200",
      Downgrade: "GET 200",
      Error: "GET 404",
      Help: "GET 200",
      Home: "GET 200",
      Login: "PUT 307",
      Logout: "PUT 307",
      NextSong: "PUT 200",
      Register: "GET 200",
      "Save Settings": "PUT 307",
      Settings: "GET 200",
      "Submit Downgrade": "PUT 307",
      "Submit Registration": "PUT 307",
      "Submit Upgrade": "PUT 307",
      Upgrade: "GET 200",
    });
  });

  it("follow each listen event with its page view twin, and write no play without one", () => {
    const parts = /^\{(.*),("ts":\d+,"sessionId":\d+),("auth":"Logged In"),(.*)\}$/;
    events.forEach(({ topic, value, userId }, index) => {
      if (topic !== "listen_events") return;
      const twin = events[index + 1]!;
      const expected = value.replace(parts, '{$2,"page":"NextSong",$3,"method":"PUT","status":200,$4,$1}');
      if (twin.value !== expected || twin.topic !== "page_view_events" || twin.userId !== userId) {
        expect(twin).toMatchObject({ topic: "page_view_events", userId, value: expected });
      }
    });
    const plays = of("page_view_events").filter(({ record }) => record["page"] === "NextSong");
    expect(of("listen_events")).toHaveLength(plays.length);
  });

  it("carry on a change of level the old one, and the new one on the page after it", () => {
    const changes = of("status_change_events");
    expect(new Set(changes.map(({ record }) => record["level"]))).toEqual(new Set(["free", "paid"]));
    // By user, the change that its last page view was.
    const pending = new Map<number, unknown>();
    let change: Parsed | undefined;
    for (const event of events) {
      if (event.topic === "status_change_events") change = event;
      if (event.topic !== "page_view_events") continue;
      const { page, level } = event.record;
      const oldLevel = pending.get(event.userId);
      if (oldLevel !== undefined) {
        expect(page).toBe("Home");
        expect(level).not.toBe(oldLevel);
        pending.delete(event.userId);
      }
      if (change !== undefined) {
        expect(change).toMatchObject({ ts: event.ts, userId: event.userId, record: { level } });
        expect(page).toBe(level === "free" ? "Submit Upgrade" : "Submit Downgrade");
        pending.set(event.userId, level);
      }
      change = undefined;
    }
  });

  it("report a login on the page after it, repeated on redirects, with success when logged in", () => {
    // The rule told again from page views alone: the memory is the page before, and redirects do not move it.
    const sessions = new Map<unknown, { last: unknown; memory: unknown }>();
    let reported: Parsed | undefined;
    let failed = 0;
    for (const event of events) {
      if (event.topic === "auth_events") reported = event;
      if (event.topic !== "page_view_events") continue;
      const { sessionId, page, status, itemInSession, auth } = event.record;
      if (itemInSession === 0) sessions.set(sessionId, { last: undefined, memory: undefined });
      const session = sessions.get(sessionId);
      if (session !== undefined) {
        if (status !== 307) session.memory = session.last;
        session.last = page;
        const isDue = session.memory === "Login";
        if ((reported !== undefined) !== isDue) expect({ event, reported }).toBe(`reported: ${isDue}`);
      }
      if (reported !== undefined) {
        const success = auth === "Logged In";
        expect(reported.record).toMatchObject({ ts: event.ts, sessionId, itemInSession, success });
        expect("userId" in reported.record).toBe(success);
        if (!success) failed++;
      }
      reported = undefined;
    }
    expect(failed).toBeGreaterThan(50);
  });

  it("come one second after the page on redirects, and play the next song when the one before is over", () => {
    const sessions = new Map<unknown, { ts: number; songEndMs: number }>();
    let waited = 0;
    for (const { ts, record } of of("page_view_events")) {
      const { sessionId, page, status, duration } = record;
      const before = sessions.get(sessionId);
      let songEndMs = before?.songEndMs ?? 0;
      if (before !== undefined) {
        let expected = ts;
        if (status === 307) expected = before.ts + 1_000;
        else if (page === "NextSong" && before.ts < songEndMs) {
          expected = songEndMs;
          waited++;
        }
        if (ts !== expected) expect({ ts, record }).toBe(`at ${expected}`);
      }
      if (page === "NextSong") songEndMs = ts + Math.floor(duration as number) * 1_000;
      sessions.set(sessionId, { ts, songEndMs });
    }
    expect(waited).toBeGreaterThan(50_000);
  });

  it("count the items of a session from 0 without gaps, and keep a user's place and device for life", () => {
    const items = new Map<unknown, number>();
    const homes = new Map<number, string>();
    for (const { record, userId } of of("page_view_events")) {
      const item = record["itemInSession"] as number;
      const before = items.get(record["sessionId"]);
      // Only a session that began before the start is seen from a later item on: it is the first of its user.
      const expected = before !== undefined ? before + 1 : homes.has(userId) ? 0 : item;
      if (item !== expected) expect(item).toBe(expected);
      items.set(record["sessionId"], item);

      const home = device.map((field) => record[field]).join();
      if (!homes.has(userId)) homes.set(userId, home);
      if (homes.get(userId) !== home) expect(home).toBe(homes.get(userId));
    }
  });

  it("hold text that is not ASCII, quotation marks, zips with a leading zero and no line end", () => {
    const values = events.map(({ value }) => value);
    expect(values.some((value) => value.includes('"artist":"Björk"'))).toBe(true);
    expect(values.some((value) => /"song":"[^"]*\\"/.test(value))).toBe(true);
    expect(values.some((value) => value.includes('"zip":"0'))).toBe(true);
    expect(values.some((value) => value.includes("\n"))).toBe(false);
  });
});
