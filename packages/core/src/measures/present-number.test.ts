import { describe, expect, it } from "vitest";
import { decimal, float64, int64, timestamp } from "../streams/column-type.js";
import { defineStream } from "../streams/define-stream.js";
import { defineView } from "../views/define-view.js";
import { avg } from "./avg.js";
import type { CellValue } from "./cell.js";
import { count } from "./count.js";
import { max, min } from "./extremes.js";
import { PrecisionError } from "./precision-error.js";
import { ratio } from "./ratio.js";
import { sum } from "./sum.js";

const stream = defineStream({
  topic: "t",
  columns: { ts: timestamp("ms"), n: int64(), big: int64("bigint"), price: decimal(2), exact: decimal(2, "string"), x: float64() },
  eventTime: "ts",
});
const { definition } = defineView({
  name: "v",
  from: stream,
  by: [],
  every: "hour",
  measures: (c) => ({
    count: count(),
    n: sum(c.n),
    big: sum(c.big),
    price: sum(c.price),
    exact: sum(c.exact),
    x: sum(c.x),
    low: min(c.price),
    last: max(c.ts),
    mean: avg(c.price),
    share: ratio(count(), sum(c.big)),
  }),
});
const present = (name: string, ...cells: CellValue[]) => definition.measures.find((measure) => measure.name === name)!.present(cells);

describe("what measures present", () => {
  it("is what their column declares", () => {
    expect(present("count", 5)).toBe(5);
    expect(present("n", -7)).toBe(-7);
    expect(present("big", 7)).toBe(7n);
    expect(present("big", 2n ** 60n)).toBe(2n ** 60n);
    expect(present("price", 110)).toBe(1.1);
    expect(present("exact", 110)).toBe("1.10");
    expect(present("exact", -(2n ** 60n))).toBe("-11529215046068469.76");
    expect(present("x", 0.1)).toBe(0.1);
    expect(present("last", 5)).toEqual(new Date(5));
    expect(present("low", null)).toBeNull();
    expect(present("mean", 10, 4)).toBe(0.025);
    expect(present("mean", 0, 0)).toBeNull();
    expect(present("share", 1, 4)).toBe(0.25);
    expect(present("share", 1, 0)).toBeNull();
  });

  it("is never rounded silently: the error names the measure and what to declare", () => {
    for (const [name, advice] of [
      ["n", 'declare the column as int64("bigint")'],
      ["price", 'declare the column as decimal(2, "string")'],
      ["low", 'declare the column as decimal(2, "string")'],
    ] as const) {
      expect(present(name, Number.MAX_SAFE_INTEGER)).toBeTypeOf("number");
      let error: unknown;
      try {
        present(name, 2n ** 53n);
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(PrecisionError);
      expect(error).toMatchObject({ code: "PRECISION", retryable: false, measure: name, advice });
      expect((error as Error).message).toBe(`presenting measure "${name}": 9007199254740992 is beyond 2^53 and would be rounded`);
    }
  });
});
