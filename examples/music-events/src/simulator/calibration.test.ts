import { beforeAll, describe, expect, it } from "vitest";
import { eventsPerSecond, usersForRate } from "./event-rate.js";
import type { Topic } from "./simulated-event.js";
import { simulate } from "./simulate.js";

const users = 3_000;
const days = 28;

/**
 * The bands are around what eventsim's rules give with its example configuration. They are wide because a population
 * is: its most active hundredth makes a fifth of the events.
 */
describe("28 days of 3,000 users without growth", () => {
  const topics: Record<Topic, number> = {
    listen_events: 0,
    auth_events: 0,
    page_view_events: 0,
    status_change_events: 0,
  };
  const pages = new Map<string, number>();
  const sessions = new Map<number, number>();
  let failedLogins = 0;
  let anonymous = 0;
  let paidPlays = 0;

  const perView = (count: number) => count / topics.page_view_events;
  const expectBetween = (value: number, least: number, most: number) => {
    expect(value).toBeGreaterThanOrEqual(least);
    expect(value).toBeLessThanOrEqual(most);
  };

  beforeAll(() => {
    const startMs = Date.UTC(2026, 0, 1);
    const untilMs = startMs + days * 86_400_000;
    for (const { topic, ts, value } of simulate({ seed: 2, users, startMs, growthRate: 0 })) {
      if (ts >= untilMs) break;
      topics[topic]++;
      if (topic === "auth_events" && value.endsWith("false}")) failedLogins++;
      if (topic === "listen_events" && value.includes('"level":"paid"')) paidPlays++;
      if (topic !== "page_view_events") continue;
      const [, session, page] = /"sessionId":(\d+),"page":"([^"]+)"/.exec(value)!;
      pages.set(page!, (pages.get(page!) ?? 0) + 1);
      sessions.set(Number(session), (sessions.get(Number(session)) ?? 0) + 1);
      if (!value.includes('"userId"')) anonymous++;
    }
  });

  it("has the shares of topics", () => {
    expectBetween(perView(topics.listen_events), 0.826, 0.866);
    expectBetween(perView(topics.auth_events), 0.0108, 0.0148);
    expectBetween(perView(topics.status_change_events), 0.0005, 0.0012);
  });

  it("has the shares of pages", () => {
    expectBetween(perView(pages.get("Home")!), 0.085, 0.115);
    expectBetween(perView(pages.get("Login")!), 0.01, 0.014);
    expectBetween(perView(pages.get("Logout")!), 0.009, 0.013);
  });

  it("has the rate and the sessions", () => {
    expectBetween(topics.page_view_events / users / days, 2.2, 2.9);
    expectBetween(topics.page_view_events / sessions.size, 7, 9.5);
    const lengths = [...sessions.values()].sort((left, right) => left - right);
    expect(lengths[lengths.length >> 1]).toBe(2);
  });

  it("has the anonymous, the failed logins and the plays of those who pay", () => {
    expectBetween(perView(anonymous), 0.03, 0.045);
    expectBetween(failedLogins / topics.auth_events, 0.09, 0.15);
    expectBetween(paidPlays / topics.listen_events, 0.7, 0.88);
  });

  it("has the rate that callers choose their users by", () => {
    const total = Object.values(topics).reduce((sum, count) => sum + count, 0);
    const measured = total / (days * 86_400);
    expectBetween(eventsPerSecond(users) / measured, 0.88, 1.12);
    expect(usersForRate(eventsPerSecond(users))).toBe(users);
    expectBetween(usersForRate(30), 500_000, 600_000);
    expect(usersForRate(0)).toBe(1);
  });
});
