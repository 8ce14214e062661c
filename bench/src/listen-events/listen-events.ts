import { randomOf } from "./random.js";

/** First instant of the events: a full minute. */
export const START_MS = 1_700_000_040_000;
export const MINUTES = 60;
export const PARTITIONS = 3;
const SONGS = 10_000;
const ARTISTS = 3_000;
const USERS = 50_000;
const LATE_SHARE = 0.05;
export const MAX_LATE_MS = 180_000;

const WORDS = "Midnight River Golden Shadow Dance Lonely Electric Summer Ghost Heart Fire Ocean Silver Echo Broken Wild Paper Café Señorita Björk".split(" ");
const STATES =
  "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY".split(" ");
const CITIES = ["San Francisco", "Houston", "Tampa", "Costa Mesa", "New York", "Reno", "Salem", "Fort Lauderdale", "Minneapolis", "Springfield"];
const FIRST_NAMES = "Dilan Ann Chloe Jayden Matthew Sophia Aiden Isabella".split(" ");
const LAST_NAMES = "Williams Doe Mcdonald Johnson Garcia Smith Rodriguez".split(" ");
// The simulator whose wire shape this is writes quotes around most of them into the text itself.
const USER_AGENTS = [
  '"Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/36.0.1985.143 Safari/537.36"',
  '"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_4) AppleWebKit/537.77.4 (KHTML, like Gecko) Version/7.0.5 Safari/537.77.4"',
  "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:31.0) Gecko/20100101 Firefox/31.0",
  '"Mozilla/5.0 (iPhone; CPU iPhone OS 7_1_2 like Mac OS X) AppleWebKit/537.51.2 (KHTML, like Gecko) Version/7.0 Mobile/11D257 Safari/9537.53"',
];

export interface ListenEvent {
  readonly partition: number;
  readonly appendedAt: number;
  /** JSON of about 478 bytes. */
  readonly value: string;
}

/**
 * `count` plays over `minutes` in the order in which they arrive: songs after Zipf's law, 50,000 users, 5 % of events up
 * to three minutes late, partitions at random.
 */
export function* listenEvents(count: number, minutes = MINUTES, seed = 0x5eed1234): Generator<ListenEvent> {
  const random = randomOf(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(values: readonly T[]) => values[below(values.length)]!;
  const song = Array.from({ length: SONGS }, (_, i) => {
    // Some titles need escapes, the most played one among them.
    const id = i % 97 === 0 ? `"${i.toString(36)}"` : i.toString(36);
    return {
      title: JSON.stringify(`${pick(WORDS)} ${pick(WORDS)} ${id}${i % 3 === 0 ? " (Album Version)" : ""}`),
      artist: i < ARTISTS ? i : below(ARTISTS),
      duration: (60 + random() * 360).toFixed(5),
    };
  });
  const artist = Array.from({ length: ARTISTS }, (_, i) => JSON.stringify(`${i % 2 === 1 ? "The " : ""}${pick(WORDS)} ${pick(WORDS)}s ${i.toString(36)}`));
  const user = Array.from({ length: USERS }, (_, i) => {
    const place = `"city":"${pick(CITIES)}","zip":"${String(below(99_999)).padStart(5, "0")}","state":"${STATES[Math.floor(random() ** 1.5 * STATES.length)]}"`;
    const position = `"lon":${(-70 - random() * 50).toFixed(6)},"lat":${(25 + random() * 22).toFixed(5)}`;
    const person = `"userId":${i + 2},"lastName":"${pick(LAST_NAMES)}","firstName":"${pick(FIRST_NAMES)}","gender":"${random() < 0.48 ? "F" : "M"}"`;
    return `${place},"userAgent":${JSON.stringify(pick(USER_AGENTS))},${position},${person},"registration":${1_495_975_266_000 + below(1e8) * 1_000}`;
  });
  const weight = new Float64Array(SONGS);
  for (let i = 0, total = 0; i < SONGS; i++) weight[i] = total += 1 / (i + 1);
  const zipf = () => {
    const target = random() * weight[SONGS - 1]!;
    let low = 0;
    let high = SONGS - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (weight[middle]! < target) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const at = (i: number) => START_MS + Math.floor((i * minutes * 60_000) / count);
  const arrival = Float64Array.from({ length: count }, (_, i) => at(i) + (random() < LATE_SHARE ? random() * MAX_LATE_MS : 0));
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => arrival[a]! - arrival[b]! || a - b);
  for (const i of order) {
    const played = song[zipf()]!;
    const who = below(USERS);
    yield {
      partition: below(PARTITIONS),
      appendedAt: Math.floor(arrival[i]!),
      value:
        `{"artist":${artist[played.artist]!},"song":${played.title},"duration":${played.duration},"ts":${at(i)},"sessionId":${who + 1 + (i % 7) * USERS},` +
        `"auth":"Logged In","level":"${who % 5 === 0 ? "paid" : "free"}","itemInSession":${below(90)},${user[who]!}}`,
    };
  }
}
