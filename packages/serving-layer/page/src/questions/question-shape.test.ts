import { describe, expect, it } from "vitest";
import { columnsOf, shapeOf } from "./question-shape.js";

const column = (name: string, type: string) => ({ name, type, nullable: false });
const WINDOW = column("window", "timestamp");
const at = (hour: number) => new Date(Date.UTC(2026, 2, 1, hour));
const ms = (...hours: readonly number[]) => hours.map((hour) => at(hour).getTime());

/** Over views: a user is a dimension, though it is a number. */
const top = { columns: [WINDOW, column("song", "text"), column("user", "int64"), column("plays", "count"), column("mean", "ratio")] };
const logins = { columns: [WINDOW, column("logins", "count"), column("users", "countDistinct")] };
/** Over the warehouse. */
const users = { columns: [WINDOW, column("gender", "text"), column("level", "text"), column("users", "int64 as bigint"), column("share", "decimal(2)"), column("last", "timestamp")] };

describe("the columns of an answer", () => {
  it("are drawn where a view measures them, or where a table has numbers", () => {
    expect(columnsOf(top)).toEqual({ keys: ["song", "user"], values: ["plays", "mean"] });
    expect(columnsOf(users)).toEqual({ keys: ["gender", "level", "last"], values: ["users", "share"] });
  });
});

describe("an answer is drawn", () => {
  it("as nothing where it has no rows or no numbers", () => {
    expect(shapeOf(logins, [], "hour", "UTC")).toEqual({ kind: "none" });
    expect(shapeOf({ columns: [WINDOW, column("name", "text")] }, [{ window: at(1), name: "a" }], "hour", "UTC")).toEqual({ kind: "none" });
  });

  it("as figures where it is a total without groups", () => {
    expect(shapeOf(logins, [{ logins: 3, users: null }], "all", "UTC")).toEqual({ kind: "figures", values: [{ name: "logins", value: 3 }, { name: "users", value: null }] });
  });

  it("over time by one of its values, with a place for windows that have no row", () => {
    const rows = [{ window: at(1), logins: 3, users: 2 }, { window: at(4), logins: 5, users: 4 }];
    expect(shapeOf(logins, rows, "hour", "UTC", "users")).toEqual({ kind: "time", windows: ms(1, 2, 3, 4), series: [{ name: "users", values: [2, null, null, 4] }], note: undefined });
    expect(shapeOf(logins, rows, "hour", "UTC", "nothing")).toMatchObject({ series: [{ name: "logins", values: [3, null, null, 5] }] });
  });

  it("over time for its highest groups, and says that there are more", () => {
    const rows = [1, 2].flatMap((hour) => Array.from({ length: 8 }, (_, i) => ({ window: at(hour), song: i === 7 ? null : `s${i}`, user: 1, plays: hour === 2 && i === 0 ? 100 : i, mean: 0 })));
    const shape = shapeOf(top, rows.slice(0, -1), "hour", "UTC");
    expect(shape).toMatchObject({ kind: "time", windows: ms(1, 2), note: "The 6 with the highest value of 8; the table has all." });
    expect(shape.kind === "time" && shape.series.map(({ name, values }) => [name, ...values])).toEqual([["s0 · 1", 0, 100], ["(none) · 1", 7, null], ["s6 · 1", 6, 6], ["s5 · 1", 5, 5], ["s4 · 1", 4, 4], ["s3 · 1", 3, 3]]);
  });

  it("as bars where it has groups in one window or in none", () => {
    const rows = Array.from({ length: 22 }, (_, i) => ({ window: at(1), song: `s${i}`, user: 1, plays: 22 - i, mean: 0.5 }));
    const shape = shapeOf(top, rows, "hour", "UTC");
    expect(shape).toMatchObject({ kind: "bars", direction: "across", note: "The first 20 of 22; the table has all.", series: [{ name: "plays" }] });
    expect(shape.kind === "bars" && [shape.categories.length, shape.categories[0], shape.series[0]!.values[0]]).toEqual([20, "s0 · 1", 22]);
    expect(shapeOf(top, rows.slice(0, 1), "all", "UTC", "mean")).toMatchObject({ kind: "bars", categories: ["s0 · 1"], series: [{ name: "mean", values: [0.5] }], note: undefined });
  });

  it("as groups of bars where two columns make a small grid", () => {
    const grid = { columns: users.columns.slice(0, 4) };
    const rows = [["F", "free", 3n], ["F", "paid", 2n], ["M", "free", 4n]].map(([gender, level, n]) => ({ gender, level, users: n }));
    expect(shapeOf(grid, rows, "all", "UTC")).toEqual({ kind: "bars", categories: ["F", "M"], direction: "up", note: undefined, series: [{ name: "free", values: [3n, 4n] }, { name: "paid", values: [2n, null] }] });
    // Pairs of which each has its own names are no grid.
    expect(shapeOf(grid, ["a", "b", "c"].map((name) => ({ gender: name, level: `${name}!`, users: 1n })), "all", "UTC")).toMatchObject({ kind: "bars", direction: "across", categories: ["a · a!", "b · b!", "c · c!"] });
  });
});
