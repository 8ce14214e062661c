import type { SqlEngine } from "@millrace/core";

const refuse = (): never => {
  throw new Error("no SQL was expected");
};

/** For worlds whose batch tables have no row: whoever asks it anything has not looked. */
export const noEngine: SqlEngine = {
  name: "none",
  dialect: {
    name: "duckdb",
    identifier: refuse, literal: refuse, scan: refuse, columnType: refuse, cellType: refuse, mapOf: refuse, wideSum: refuse, insideInteger: refuse, windowStart: refuse, epochMs: refuse, timestamp: refuse,
    dateOf: refuse, surrogateKey: refuse, predicate: refuse, sketch: refuse,
  },
  query: refuse,
  writeTable: refuse,
  close: () => Promise.resolve(),
};
