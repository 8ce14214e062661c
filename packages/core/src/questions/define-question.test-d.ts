import { count } from "../measures/count.js";
import { sum } from "../measures/sum.js";
import { defineModel } from "../models/define-model.js";
import { sql } from "../models/sql.js";
import { decimal, float64, int64, text, timestamp } from "../streams/column-type.js";
import { defineStream } from "../streams/define-stream.js";
import { defineView } from "../views/define-view.js";
import { defineQuestion } from "./define-question.js";
import { parameter } from "./parameter.js";
import type { AskedRow, AskParameters, Question } from "./question.js";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <_ extends true>() => {};
type Parts<Q> = Q extends Question<infer N, infer P, infer R, infer G> ? { name: N; parameters: P; row: R; granularity: G } : never;

const plays = defineStream({ topic: "plays", columns: { ts: timestamp("ms"), song: text().optional(), artist: text(), seconds: decimal(1) }, eventTime: "ts" });
const byMinute = defineView({ name: "by_minute", from: plays, by: ["song", "artist"], every: "minute", measures: (c) => ({ plays: count(), seconds: sum(c.seconds) }) });
const bySecond = defineView({ name: "by_second", from: plays, by: ["song"], every: "second", measures: () => ({ plays: count() }) });
const factPlay = defineModel({ name: "fact_play", from: { plays }, columns: { ts: timestamp("ms"), song: text() }, key: ["ts"], partitioned: "date", sql: ({ plays: p }) => sql`select ${p.ts}, ${p.song} from ${p}` });

export const top = defineQuestion({
  name: "top",
  doc: "d",
  views: [byMinute, bySecond],
  by: ["song"],
  measures: ["plays"],
  granularity: "day",
  parameters: { least: parameter.count({ doc: "d", default: 1 }), song: parameter.text({ doc: "d", default: null }) },
  where: ({ song, least }) => {
    same<Equal<typeof song, string | null>>();
    same<Equal<typeof least, number>>();
    return least > 1 ? { song } : {};
  },
});
same<Equal<Parts<typeof top>["row"], { song: string | null; plays: number }>>();
same<Equal<Parts<typeof top>["granularity"], "day">>();
same<Equal<AskedRow<Parts<typeof top>["row"], "day">, { window: Date; song: string | null; plays: number }>>();
same<Equal<AskedRow<Parts<typeof top>["row"], "all">, { song: string | null; plays: number }>>();
const asked: AskParameters<Parts<typeof top>["parameters"], "all"> = { from: 0, until: new Date(), granularity: "all", least: 2 };

const base = { name: "q", doc: "d", granularity: "day" } as const;
export const uses = () => {
  void asked;
  const songs = defineQuestion({ ...base, from: { p: factPlay }, columns: { songs: int64("bigint"), mean: float64().optional() }, sql: ({ p }, _, ask) => sql`select ${ask.window(p.ts)} as window_start, ${p.song} from ${p}` });
  void songs;
  same<Equal<Parts<typeof songs>["row"], { songs: bigint; mean: number | null }>>();
  // @ts-expect-error a dimension that one of the views lacks
  defineQuestion({ ...base, views: [byMinute, bySecond], by: ["artist"], measures: ["plays"] });
  // @ts-expect-error a measure that one of the views lacks
  defineQuestion({ ...base, views: [byMinute, bySecond], by: [], measures: ["seconds"] });
  // @ts-expect-error finer than the view
  defineQuestion({ ...base, granularity: "second", views: [byMinute], by: [], measures: ["plays"] });
  // @ts-expect-error the model has no such column
  defineQuestion({ ...base, from: { p: factPlay }, columns: { n: int64() }, sql: ({ p }, _, ask) => sql`select ${ask.window(p.tss)}` });
  // @ts-expect-error the window of a text
  defineQuestion({ ...base, from: { p: factPlay }, columns: { n: int64() }, sql: ({ p }, _, ask) => sql`select ${ask.window(p.song)}` });
  // @ts-expect-error a default that is none of the choices
  parameter.oneOf(["a", "b"], { doc: "d", default: "c" });
  // @ts-expect-error a parameter that the question does not have
  const wrong: AskParameters<Parts<typeof top>["parameters"], "day"> = { from: 0, until: 1, lest: 2 };
  void wrong;
};
