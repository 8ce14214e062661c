import type { Topic } from "../simulator/simulated-event.js";

/** One record as it reaches the log. */
export interface ArrivingRecord {
  readonly topic: Topic;
  /** Epoch ms, when it is appended: as a rule some seconds after `ts`. */
  readonly arrivesAt: number;
  readonly value: string;
}

export interface MadeUpSiteOptions {
  readonly seed: number;
  /** Epoch ms. */
  readonly from: number;
  readonly days: number;
  readonly users: number;
  /** Share of the records that are late by minutes to days. Default 0.05. */
  readonly lateShare?: number;
  /** Records that the site's programmers did not mean: two encodings, quotes, duplicates, broken ones, wrong clocks. Default none. */
  readonly traps?: boolean;
}

const DAY_MS = 86_400_000;
const SONGS = [
  ["Björk", "Jóga", 305.5],
  ["Björk", "Jóga", 231.24],
  ["The Long Tail", "Short", 61.00001],
  ["夜の電車", "最終", 199.9],
  ['Ann "Quick" Doe', "Say, \"No\"", 240],
  ["Plain", "Plain", 180],
  ["Ææ", "Øø", 93.7],
  ["Tail End", "Short", 61.00001],
] as const;
const PLACES = [
  ["Salem", "01970", "MA", -70.896, 42.5195],
  ["Reno", "89502", "NV", -119.7625, 39.4973],
  ["Houston", "77082", "TX", -95.640002, 29.72449],
  ["Tampa", "33637", "FL", -82.36, 28.06],
] as const;

/** Mulberry32 (T. Ettinger, public domain): enough for what need only be various. */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Visits of a small site with much of what is rare on a large one: upgrades and downgrades within a second of the page
 * before, sessions over midnight, logins that fail, pages of nobody, titles with two recordings, records that come days
 * late. In order of arrival. Smaller and denser than the simulator, whose statistics are those of a real site.
 */
export function madeUpSite({ seed, from, days, users, lateShare = 0.05, traps = false }: MadeUpSiteOptions): readonly ArrivingRecord[] {
  const random = randomOf(seed);
  const whole = (below: number) => Math.floor(random() * below);
  const records: ArrivingRecord[] = [];
  const doublyEncoded = (text: string) => Buffer.from(Buffer.from(text).toString("latin1")).toString("latin1");
  let session = 0;

  for (let user = 0; user < users; user++) {
    const [city, zip, state, lon, lat] = PLACES[whole(PLACES.length)]!;
    const person = { userId: user + 2, lastName: `Last${user % 7}`, firstName: `First${user}`, gender: user % 3 === 0 ? "M" : "F", registration: from - whole(900) * DAY_MS };
    const agent = traps && user % 2 === 0 ? `"Agent ${user % 5}"` : `Agent ${user % 5}`;
    let level = user % 5 === 0 ? "paid" : "free";
    const starts = Array.from({ length: 1 + whole(3 * days) }, () => from + whole(days * 86_400) * 1_000).sort((a, b) => a - b);
    for (const start of starts) {
      let ts = start;
      let item = 0;
      let auth = random() < 0.3 ? "Logged Out" : "Logged In";
      let loginBefore = false;
      const sessionId = ++session;
      const write = (topic: Topic, more: object) => {
        const shift = traps && user % 11 === 0 ? -7 * 3_600_000 : 0;
        const tail = { city, zip, state, userAgent: agent, lon, lat, ...(auth === "Logged In" ? person : {}) };
        const value = JSON.stringify({ ts: ts + shift, sessionId, level, itemInSession: item, ...tail, ...more });
        const lateMs = random() < lateShare ? 60_000 + whole(2 * DAY_MS) : 0;
        const record = { topic, arrivesAt: ts + 1_000 + whole(5_000) + lateMs, value };
        records.push(record);
        if (!traps) return;
        if (random() < 0.03) records.push({ ...record, arrivesAt: record.arrivesAt + 2_000 });
        if (random() < 0.03) records.push({ ...record, value: [value.slice(0, -9), "", value.replace(/"ts":\d+,/, ""), value.replace(/"level":"\w+"/, '"level":null')][whole(4)]! });
      };
      for (let items = 1 + whole(14); items > 0; items--) {
        const page = (name: string, method: string, status: number, more: object = {}) => {
          if (loginBefore) write("auth_events", { success: auth === "Logged In" });
          loginBefore = false;
          write("page_view_events", { page: name, auth, method, status, ...more });
          item++;
        };
        const draw = random();
        if (auth === "Logged Out") {
          page(draw < 0.5 ? "Home" : "Help", "GET", 200);
          ts += whole(90) * 1_000;
          if (random() < 0.6) {
            page("Login", "PUT", 307);
            ts += 1_000;
            loginBefore = true;
            if (random() < 0.8) auth = "Logged In";
          }
        } else if (draw < 0.7) {
          const [artist, song, duration] = SONGS[Math.min(whole(SONGS.length), whole(SONGS.length))]!;
          const text = traps && user % 4 === 0 ? doublyEncoded : (plain: string) => plain;
          const play = { artist: text(artist), song: text(song), duration };
          write("listen_events", { auth, ...play });
          page("NextSong", "PUT", 200, play);
          ts += Math.floor(duration) * 1_000;
        } else if (draw < 0.8) {
          const next = level === "free" ? "paid" : "free";
          write("status_change_events", { auth });
          page(next === "paid" ? "Submit Upgrade" : "Submit Downgrade", "PUT", 307);
          level = next;
          ts += whole(2) * 1_000;
          page("Home", "GET", 200);
          ts += whole(60) * 1_000;
        } else if (draw < 0.9) {
          page("Home", "GET", 200);
          ts += whole(120) * 1_000;
        } else {
          page("Logout", "PUT", 307);
          ts += 1_000;
          auth = "Logged Out";
        }
      }
    }
  }
  return records.sort((a, b) => a.arrivesAt - b.arrivesAt);
}
