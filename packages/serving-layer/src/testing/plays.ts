import {
  HLL_REGISTERS,
  avg,
  boolean,
  count,
  countDistinct,
  ddCoordinate,
  decimal,
  defineMeasure,
  defineStream,
  defineView,
  encodeSketch,
  float64,
  hllCoordinateOf,
  int64,
  max,
  min,
  quantile,
  ratio,
  sum,
  text,
  timestamp,
  type CellValue,
  type DimensionValue,
  type MeasureCell,
  type ViewDefinition,
} from "@millrace/core";

/** One decoded record: column values in their inside form, with its coordinates. */
export interface Play {
  readonly partition: number;
  readonly offset: number;
  /** Event time, epoch ms. */
  readonly ts: number;
  readonly late: boolean;
  readonly song: string | null;
  readonly artist: string;
  readonly paid: boolean;
  /** Scaled by 100. */
  readonly seconds: number;
  readonly userId: number | null;
}

export const plays = defineStream({
  topic: "plays",
  columns: {
    ts: timestamp("ms"),
    song: text().optional(),
    artist: text(),
    paid: boolean(),
    seconds: decimal(2),
    userId: int64("bigint").optional(),
    volume: float64().optional(),
  },
  eventTime: "ts",
  latenessMs: 60_000,
});

/** The longest artist name, as a measure of the user's own. */
const longest = defineMeasure({
  name: "longest",
  input: [text()],
  zero: () => 0,
  add: (n, name) => Math.max(n, name.length),
  merge: (a, b) => Math.max(a, b),
  present: (n) => n,
  encode: (n) => Uint8Array.of(n & 255, n >>> 8),
  decode: (bytes) => bytes[0]! + bytes[1]! * 256,
});

export const songs = defineView({
  name: "songs",
  from: plays,
  by: ["song", "artist", "paid"],
  every: "minute",
  measures: (c) => ({
    plays: count(),
    seconds: sum(c.seconds),
    users: sum(c.userId),
    shortest: min(c.seconds),
    lastPlay: max(c.ts),
    mean: avg(c.seconds),
    paidShare: ratio(count().where(c.paid.eq(true)), count()),
    listeners: countDistinct(c.userId),
    median: quantile(c.seconds, 0.5),
  }),
});

export const names = defineView({
  name: "names",
  from: plays,
  by: ["artist"],
  every: "minute",
  measures: (c) => ({ plays: count(), longest: longest(c.artist) }),
});

/** Dimensions of the kinds that are held otherwise than they present. */
export const listens = defineView({ name: "listens", from: plays, by: ["userId", "seconds", "ts"], every: "second", measures: () => ({ plays: count() }) });

export const totals = defineView({ name: "totals", from: plays, by: [], every: "hour", measures: () => ({ plays: count() }) });

/** What one event puts into a cell: computed without the fold, so that it can be its judge. */
function eventCell(cell: MeasureCell, play: Play): CellValue {
  if (cell.where !== undefined && !play.paid) return cell.type === "int64" ? 0 : null;
  const column = "column" in cell.input ? (play[cell.input.column as keyof Play] as number | null) : null;
  switch (cell.input.of) {
    case "one":
      return 1;
    case "notNull":
      return column === null ? 0 : 1;
    case "value":
      return column === null && cell.combine === "sum" ? 0 : column;
    case "computed":
      throw new TypeError(`no view here has a computed cell such as "${cell.name}"`);
    case "values":
      return Uint8Array.of(play.artist.length & 255, play.artist.length >>> 8);
    case "coordinate": {
      const { kind, column: of } = cell.input.coordinate;
      const value = play[of as keyof Play] as number | null;
      if (value === null) return encodeSketch(kind === "dd" ? "sumByKey" : "maxByKey", []);
      if (kind === "dd") return encodeSketch("sumByKey", [[ddCoordinate(value), 1]]);
      const packed = hllCoordinateOf(String(value));
      if (packed >> 6 >= HLL_REGISTERS) throw new RangeError("a register beyond the last");
      return encodeSketch("maxByKey", [[packed >> 6, packed & 63]]);
    }
  }
}

export interface Accumulated {
  readonly window: number;
  readonly dimensions: readonly DimensionValue[];
  readonly cells: CellValue[];
}

/** Merges values of a cell the plain way: all entries of a sketch at once, numbers by their own arithmetic. */
export function combine(cell: MeasureCell, values: readonly CellValue[], decode: (bytes: Uint8Array) => Iterable<readonly [number, number]>): CellValue {
  const numbers = values.filter((value) => value !== null);
  switch (cell.combine) {
    case "sum":
      return (numbers as number[]).reduce((a, b) => a + b, 0);
    case "min":
      return numbers.length === 0 ? null : Math.min(...(numbers as number[]));
    case "max":
      return numbers.length === 0 ? null : Math.max(...(numbers as number[]));
    case "maxByKey":
    case "sumByKey":
      return encodeSketch(cell.combine, (numbers as Uint8Array[]).flatMap((bytes) => [...decode(bytes)]));
    case "custom":
      return (numbers as Uint8Array[]).reduce((a, b) => (b[0]! + b[1]! * 256 > a[0]! + a[1]! * 256 ? b : a));
  }
}

/** The accumulators of events by (window, dimensions), in order of first appearance. */
export function foldPlays(
  view: ViewDefinition,
  events: readonly Play[],
  windowOf: (ts: number) => number,
  dimensions: readonly string[],
  decode: (bytes: Uint8Array) => Iterable<readonly [number, number]>,
): Accumulated[] {
  const groups = new Map<string, { readonly window: number; readonly dimensions: readonly DimensionValue[]; readonly events: Play[] }>();
  for (const play of events) {
    const values = dimensions.map((name) => play[name as keyof Play] as DimensionValue);
    const window = windowOf(play.ts);
    const key = JSON.stringify([window, values]);
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { window, dimensions: values, events: [] }));
    group.events.push(play);
  }
  return [...groups.values()].map((group) => ({
    window: group.window,
    dimensions: group.dimensions,
    cells: view.cells.map((cell) => combine(cell, group.events.map((play) => eventCell(cell, play)), decode)),
  }));
}
