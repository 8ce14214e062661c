import { avg } from "../measures/avg.js";
import { countDistinct } from "../measures/count-distinct.js";
import { count } from "../measures/count.js";
import { defineMeasure } from "../measures/define-measure.js";
import { max, min } from "../measures/extremes.js";
import { quantile } from "../measures/quantile.js";
import { ratio } from "../measures/ratio.js";
import { sum } from "../measures/sum.js";
import { boolean, decimal, float64, int64, text, timestamp } from "../streams/column-type.js";
import { defineStream } from "../streams/define-stream.js";
import { defineView } from "./define-view.js";
import type { AnyView, View } from "./view.js";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <_ extends true>() => {};

const columns = {
  ts: timestamp("ms"),
  song: text().optional(),
  artist: text(),
  duration: decimal(5),
  exact: decimal(2, "string"),
  userId: int64("bigint").optional(),
  level: text(),
  x: float64(),
  paid: boolean(),
};
const plays = defineStream({ topic: "listen_events", columns, eventTime: "ts" });
const longest = defineMeasure({
  name: "longest",
  input: [text()],
  zero: () => 0,
  add: (n: number, song) => Math.max(n, song.length),
  merge: (a, b) => Math.max(a, b),
  present: (n) => `${n}`,
  encode: (n) => Uint8Array.of(n),
  decode: (bytes) => bytes[0] ?? 0,
});
const base = { name: "v", from: plays, by: ["song"], every: "minute" } as const;

const songChart = defineView({
  name: "song_chart",
  from: plays,
  where: (c) => c.song.isNotNull(),
  by: ["song", "artist", "ts", "paid"],
  every: "minute",
  measures: (c) => ({
    plays: count(),
    paidPlays: count().where(c.level.eq("paid")),
    seconds: sum(c.duration),
    exactSum: sum(c.exact),
    ids: sum(c.userId),
    low: min(c.userId),
    last: max(c.ts),
    mean: avg(c.x),
    median: quantile(c.duration, 0.5),
    listeners: countDistinct(c.userId),
    share: ratio(sum(c.userId), avg(c.x)),
    longest: longest(c.artist),
  }),
});
same<
  Equal<
    typeof songChart,
    View<
      "song_chart",
      { song: string; artist: string; ts: Date; paid: boolean },
      {
        plays: number;
        paidPlays: number;
        seconds: number;
        exactSum: string;
        ids: bigint;
        low: bigint | null;
        last: Date | null;
        mean: number | null;
        median: number | null;
        listeners: number;
        share: number | null;
        longest: string;
      },
      "minute"
    >
  >
>();
const any: AnyView = songChart;
void any;

type DimsOf<V> = V extends View<string, infer D, unknown, "minute"> ? D : never;
const measures = () => ({ n: count() });
// What a filter proves not null is not null in the answer, and nothing else is.
export const both = defineView({ ...base, by: ["song", "userId"], where: (c) => c.song.isNotNull().and(c.userId.eq(5n)), measures });
same<Equal<DimsOf<typeof both>, { song: string; userId: bigint }>>();
export const either = defineView({ ...base, by: ["song", "userId"], where: (c) => c.song.eq("a").or(c.song.in(["b"]).and(c.userId.gt(5n))), measures });
same<Equal<DimsOf<typeof either>, { song: string; userId: bigint | null }>>();
export const negated = defineView({ ...base, where: (c) => c.song.isNull().not(), measures });
same<Equal<DimsOf<typeof negated>, { song: string | null }>>();
export const unfiltered = defineView({ ...base, measures });
same<Equal<DimsOf<typeof unfiltered>, { song: string | null }>>();
export const total = defineView({ ...base, by: [], measures });
same<Equal<DimsOf<typeof total>, {}>>();

// What must not compile. Definitions with mistakes would throw, so nothing here is run.
export const mistakes = () => {
  // @ts-expect-error "sogn" is not assignable to "song" | "artist" | ...
  defineView({ ...base, by: ["sogn"], measures });
  // @ts-expect-error a float64 cannot be a dimension
  defineView({ ...base, by: ["x"], measures });
  // @ts-expect-error sum takes numbers: Type '"text"' is not assignable to type 'Numeric'
  defineView({ ...base, measures: (c) => ({ n: sum(c.song) }) });
  // @ts-expect-error sum takes no timestamps, although max does
  defineView({ ...base, measures: (c) => ({ n: sum(c.ts) }) });
  // @ts-expect-error Property 'duratoin' does not exist. Did you mean 'duration'?
  defineView({ ...base, measures: (c) => ({ n: sum(c.duratoin) }) });
  // @ts-expect-error this name is already a column of the answer
  defineView({ ...base, measures: () => ({ song: count() }) });
  // @ts-expect-error the window is a column of every answer
  defineView({ ...base, measures: () => ({ window: count() }) });
  // @ts-expect-error a custom measure's input: '"decimal"' is not assignable to '"text"'
  defineView({ ...base, measures: (c) => ({ n: longest(c.duration) }) });
  // @ts-expect-error a custom measure that takes no null: the column is optional
  defineView({ ...base, measures: (c) => ({ n: longest(c.song) }) });
  // @ts-expect-error days depend on the reader's zone, so no view is kept by day
  defineView({ ...base, every: "day", measures });
  // @ts-expect-error a number where the column is text
  defineView({ ...base, where: (c) => c.level.eq(5), measures });
  // @ts-expect-error a column that is never null cannot be asked for null
  defineView({ ...base, where: (c) => c.level.isNull(), measures });
  // @ts-expect-error null is no value to compare with: isNull() asks for it
  defineView({ ...base, where: (c) => c.song.eq(null), measures });
  // @ts-expect-error a filter gives a condition, not a column
  defineView({ ...base, where: (c) => c.paid, measures });
  // @ts-expect-error a ratio is of numbers, not of decimals as text
  defineView({ ...base, measures: (c) => ({ n: ratio(sum(c.exact), count()) }) });
  // @ts-expect-error what a measure's condition reads must be of this stream
  defineView({ ...base, measures: (c) => ({ n: count().where(c.nope.eq("x")) }) });
};
