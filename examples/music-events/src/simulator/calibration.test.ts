import { beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "./config/load-config.js";
import { eventsPerSecond, usersForRate } from "./event-rate.js";
import { simulateUntil } from "./simulate.js";
import { deviationOf, meanOf, Statistics } from "./testing/statistics.js";

const USERS = 3_000;
const DAY_MS = 86_400_000;
/** A Monday; two weeks later is Martin Luther King's day. */
const START_MS = Date.UTC(2025, 0, 6);
const HOLIDAY_MS = Date.UTC(2025, 0, 20);

const within = (value: number, least: number, most: number) => {
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThanOrEqual(most);
};
const around = (value: number, calibrated: number, share: number) => within(value, calibrated * (1 - share), calibrated * (1 + share));

/**
 * What eventsim's rules give with its configurations, measured apart from this code, and how far off is still right.
 * The bands of rates are wide because a population is: its most active hundredth makes a fifth of the events.
 */
const calibrated = [
  { config: "example", days: 28, growthRate: 0, views: 2.55, listen: 0.846, auth: 0.0128, status: 0.0008, failed: [0.09, 0.16], events: 8.2, minutes: 26, home: 0.099, login: 0.012, logout: 0.011, anonymous: [0.033, 0.043] },
  { config: "alt", days: 28, growthRate: 0, views: 3.06, listen: 0.851, auth: 0.011, status: 0.0009, failed: [0, 0.004], events: 8.7, minutes: 27, home: 0.095, login: 0.011, logout: 0.011, anonymous: [0.03, 0.041] },
  { config: "alt", days: 14, growthRate: 10, views: 3.03, listen: 0.801, auth: 0.0117, status: 0.001, failed: [0, 0.004], events: 6.7, minutes: 19, home: 0.124, login: 0.012, logout: 0.012, anonymous: [0.057, 0.073] },
] as const;

describe.each(calibrated)("$days days of 3,000 users, $config, growth $growthRate", ({ config, days, growthRate, ...expected }) => {
  let measured: Statistics;

  beforeAll(() => {
    measured = new Statistics(simulateUntil({ config: loadConfig(config), seed: 11, users: USERS, startMs: START_MS, growthRate }, START_MS + days * DAY_MS));
  });

  it("has the shares of topics, of changes of level and of failed logins", () => {
    const { topics } = measured;
    within(measured.perView(topics.listen_events), expected.listen - 0.02, expected.listen + 0.02);
    around(measured.perView(topics.auth_events), expected.auth, 0.15);
    around(measured.perView(topics.status_change_events), expected.status, 0.35);
    within(measured.upgrades / topics.status_change_events, 0.82, 0.98);
    within(measured.failedLogins / topics.auth_events, expected.failed[0], expected.failed[1]);
  });

  it("has the shares of pages", () => {
    expect(measured.pageShare("NextSong")).toBe(measured.perView(measured.topics.listen_events));
    around(measured.pageShare("Home"), expected.home, 0.15);
    around(measured.pageShare("Login"), expected.login, 0.15);
    around(measured.pageShare("Logout"), expected.logout, 0.15);
    within(measured.perView(measured.anonymous), expected.anonymous[0], expected.anonymous[1]);
  });

  it("has the rate, the sessions and their length", () => {
    around(measured.topics.page_view_events / USERS / days, expected.views, 0.15);
    around(measured.eventsPerSession.mean, expected.events, 0.12);
    expect(measured.eventsPerSession.median).toBe(2);
    around(measured.meanSessionMin, expected.minutes, 0.15);
  });

  it("has songs of four minutes, and four of five plays from the few who pay", () => {
    around(measured.playedSec / measured.topics.listen_events, 240, 0.05);
    within(measured.paidPlays / measured.topics.listen_events, 0.7, 0.88);
  });

  it("has men and women, and levels, as they were drawn", () => {
    within(measured.share((gender) => gender === "F", measured.genders), 0.481 - 0.03, 0.481 + 0.03);
    // Two of twelve pay at the start, and who signs up is free. Who pays is seen a little sooner, and those who upgrade are more than those who go back.
    const initial = new Map([...measured.firstLevels].filter(([userId]) => userId < USERS + 2));
    within(measured.share((level) => level === "paid", initial), 2 / 12 - 0.02, 2 / 12 + 0.06);
    expect(measured.share((level) => level === "free", new Map([...measured.firstLevels].filter(([userId]) => userId >= USERS + 2 || growthRate === 0)))).toBeGreaterThan(growthRate === 0 ? 0.77 : 0.9999);
  });

  it("is busiest at 15:00, quietest at 03:00", () => {
    const [night, day] = [measured.sessionsStarted(2, 4), measured.sessionsStarted(14, 16)];
    // At the very hours 3.9; over two hours, and with visits that do not follow the clock, a little less.
    within(day / night, 3, 4.6);
  });

  it("has gaps that are exponential for each user, and log-normal means between users", () => {
    const gaps = measured.freeGaps();
    const frequent = gaps.filter(({ length }) => length >= 30);
    around(meanOf(gaps.map(meanOf)), loadConfig(config).eventGapSec, 0.15);
    // Of an exponential the deviation is the mean; whole seconds and small samples take a little off.
    within(meanOf(frequent.map((own) => deviationOf(own) / meanOf(own))), 0.85, 1.05);
    within(deviationOf(frequent.map((own) => Math.log(meanOf(own)))), 0.85, 1.15);
  });

  it("never sees again who has cancelled, and few cancel", () => {
    expect(measured.cameBack).toBe(0);
    // Six of a thousand pages are Settings, and five of a thousand of those lead on to Cancel.
    within(measured.churned.size, 1, 20);
  });
});

describe("weekends, holidays and growth", () => {
  const run = (options: { readonly growthRate?: number; readonly holidays?: boolean }, days: number) =>
    new Statistics(simulateUntil({ seed: 12, users: USERS, startMs: START_MS, ...options }, START_MS + days * DAY_MS));
  const weekdays = new Set([2, 3, 4]);
  const isMiddleOfWeek = (dayMs: number) => weekdays.has(new Date(dayMs).getUTCDay());
  const isWeekend = (dayMs: number) => [0, 6].includes(new Date(dayMs).getUTCDay());

  let measured: Statistics;
  beforeAll(() => {
    measured = run({}, 28);
  });

  it("has half as many sessions a day on weekends and on a holiday, and not on the day when holidays are off", () => {
    const ordinary = measured.sessionsStarted(6, 20, isMiddleOfWeek) / 12;
    within(measured.sessionsStarted(6, 20, isWeekend) / 8 / ordinary, 0.42, 0.58);
    within(measured.sessionsStarted(6, 20, (dayMs) => dayMs === HOLIDAY_MS) / ordinary, 0.4, 0.6);
    within(run({ holidays: false }, 15).sessionsStarted(6, 20, (dayMs) => dayMs === HOLIDAY_MS) / ordinary, 0.85, 1.15);
  });

  it("grows by e in a year at rate 1", () => {
    const newcomers = [...run({ growthRate: 10 }, 14).users].filter((userId) => userId >= USERS + 2).length;
    around(newcomers, USERS * Math.expm1((10 * 14) / 365.25), 0.1);
  });

  it("has the rate that callers choose their users by", () => {
    const perSecond = Object.values(measured.topics).reduce((total, count) => total + count, 0) / (28 * 86_400);
    around(eventsPerSecond(USERS), perSecond, 0.12);
    expect(usersForRate(eventsPerSecond(USERS))).toBe(USERS);
    within(usersForRate(30), 500_000, 600_000);
    within(usersForRate(30, loadConfig("alt")), 430_000, 500_000);
    expect(usersForRate(0)).toBe(1);
  });
});
