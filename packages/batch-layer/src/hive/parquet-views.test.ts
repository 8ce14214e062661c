import { expect, it } from "vitest";
import { ParquetViews } from "./parquet-views.js";
import { sparkDialect } from "./spark-dialect.js";

const scan = (n: number) => sparkDialect.scan([`/files/${n}.parquet`], { n: "BIGINT" });
const select = (...numbers: readonly number[]) => `SELECT 1 FROM ${numbers.map(scan).join(", ")}`;

it("makes a view of a scan once, as long as the session keeps it and nothing failed", () => {
  const session = new ParquetViews();
  const run = (...numbers: readonly number[]) => {
    const { statement, views } = session.of(select(...numbers));
    session.made(views);
    return { names: [...statement.matchAll(/millrace_files_\d+/g)].map(([name]) => name), made: views.map(({ name }) => name) };
  };
  expect(run(1, 2, 1)).toEqual({ names: ["millrace_files_0", "millrace_files_1", "millrace_files_0"], made: ["millrace_files_0", "millrace_files_1"] });
  expect(run(2)).toEqual({ names: ["millrace_files_1"], made: [] });
  expect(session.of(select(1)).statement).toContain("millrace_files_0");
  session.forget();
  expect(run(2)).toEqual({ names: ["millrace_files_0"], made: ["millrace_files_0"] });
});

it("replaces the view that was used longest ago, and none of the statement's own", () => {
  const session = new ParquetViews();
  const all = Array.from({ length: 32 }, (_, i) => i);
  session.made(session.of(select(...all)).views);
  session.made(session.of(select(0)).views);
  // 1 is the oldest, and is needed: 2 goes.
  const { views, statement } = session.of(select(1, 100));
  expect(views.map(({ name }) => name)).toEqual(["millrace_files_2"]);
  expect(statement).toContain("millrace_files_1");
  session.made(views);
  expect(session.of(select(2)).views).toHaveLength(1);

  const more = Array.from({ length: 40 }, (_, i) => 200 + i);
  const names = session.of(select(...more)).views.map(({ name }) => name);
  expect(new Set(names).size).toBe(40);
});
