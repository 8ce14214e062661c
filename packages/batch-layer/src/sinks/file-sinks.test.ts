import { rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { boolean, decimal, float64, int64, text, timestamp, type FileSystem } from "@millrace/core";
import { memoryFileSystem } from "@millrace/core/memory";
import { faultPlan, faulty, sinkConformance, type FaultPlan } from "@millrace/core/testing";
import { duckdbEngine } from "../duckdb/duckdb-engine.js";
import { localFileSystem } from "../local/local-file-system.js";
import { temporaryRoot } from "../testing/temporary-root.js";
import { ndjsonFileSink } from "./ndjson-file-sink.js";
import { parquetFileSink } from "./parquet-file-sink.js";

const signal = new AbortController().signal;

/** Files of which a new one fails, or waits, as long as something is wrong. */
function disturbable(files: FileSystem): { readonly files: FileSystem; readonly disturb: (how: "fails" | "hangs") => Promise<() => Promise<void>> } {
  let plan: FaultPlan | undefined;
  const write: FileSystem["write"] = (path, abort) => (plan === undefined ? files : faulty("files", files, plan)).write(path, abort);
  return {
    files: new Proxy(files, { get: (target, name) => (name === "write" ? write : (Reflect.get(target, name, target) as unknown)) }),
    disturb: async (how) => {
      plan = faultPlan([{ n: 0, fault: how === "fails" ? "fails-before" : "hangs" }]);
      return async () => {
        plan = undefined;
      };
    },
  };
}

const large = (n: number) => `${n}`.padEnd(1_000_000, "☃");

describe("ndjsonFileSink", () => {
  sinkConformance<{ readonly n: number; readonly words: string }>(it, async () => {
    const { files, disturb } = disturbable(memoryFileSystem());
    return {
      disturb,
      sink: ndjsonFileSink({ files, folder: "out" }),
      row: (n, isLarge) => ({ n, words: isLarge === true ? large(n) : "it's" }),
      readBack: async () => {
        const rows: { n: number; words: string }[] = [];
        for (const { path } of await files.list("out", signal)) {
          const content = new TextDecoder().decode(await files.read(path, signal));
          for (const line of content.trimEnd().split("\n")) rows.push(JSON.parse(line) as { n: number; words: string });
        }
        return rows;
      },
      reopen: async () => ndjsonFileSink({ files, folder: "out" }),
    };
  });

  it("writes bigints as text and dates as instants", async () => {
    const files = memoryFileSystem();
    const sink = ndjsonFileSink<object>({ files, folder: "out" });
    await sink.write({ id: "t/v1-p0/7", topic: "t", logVersion: 1, partition: 0, from: 7, until: 8, rows: [{ id: 2n ** 63n - 1n, at: new Date(0) }] }, signal);
    expect(new TextDecoder().decode(await files.read("out/t/v1-p0/0000000000000007.ndjson", signal))).toBe('{"id":"9223372036854775807","at":"1970-01-01T00:00:00.000Z"}\n');
  });
});

describe("parquetFileSink", () => {
  const root = temporaryRoot("sinks");
  const local = localFileSystem({ root });
  const engine = duckdbEngine({ files: local });
  afterAll(async () => {
    await engine.close();
    rmSync(root, { recursive: true });
  });
  const rowsIn = async (folder: string, columns: string) => {
    const rows: (readonly unknown[])[] = [];
    const paths = (await local.list(folder, signal)).map(({ path }) => path);
    if (paths.length === 0) return rows;
    const { blocks } = await engine.query(`SELECT ${columns} FROM read_parquet([${paths.map((path) => `'${local.uri(path)}'`).join(", ")}])`, signal);
    for await (const block of blocks) rows.push(...block);
    return rows;
  };

  let subjects = 0;
  sinkConformance<{ readonly n: number; readonly words: string }>(it, async () => {
    const folder = `kit${subjects++}`;
    const { files, disturb } = disturbable(local);
    const open = () => parquetFileSink<{ readonly n: number; readonly words: string }>({ files, folder, columns: { n: int64(), words: text() } });
    return {
      disturb,
      sink: open(),
      row: (n, isLarge) => ({ n, words: isLarge === true ? large(n) : "it's" }),
      readBack: async () => (await rowsIn(folder, "n, words")).map(([n, words]) => ({ n: n as number, words: words as string })),
      reopen: async () => open(),
    };
  });

  it("keeps every type, exactly, and nulls", async () => {
    const columns = { big: int64("bigint").optional(), money: decimal(2, "string").optional(), rate: decimal(5), x: float64(), yes: boolean().optional(), at: timestamp("ms"), words: text().optional() };
    const sink = parquetFileSink<object>({ files: local, folder: "types", columns });
    const rows = [
      { big: 2n ** 63n - 1n, money: "-92233720368547758.08", rate: -1.00001, x: 0.1, yes: true, at: new Date(-1), words: "a\0é" },
      { big: null, money: null, rate: 0, x: -0.5, yes: null, at: new Date(1), words: null },
    ];
    await sink.write({ id: "t/v1-p0/0", topic: "t", logVersion: 1, partition: 0, from: 0, until: 2, rows }, signal);
    expect(await rowsIn("types", 'big, money, rate, x, yes, "at", words')).toEqual([
      [9223372036854775807n, "-92233720368547758.08", "-1.00001", 0.1, true, -1, "a\0é"],
      [null, null, "0.00000", -0.5, null, 1, null],
    ]);
    const wrong = { id: "t/v1-p0/2", topic: "t", logVersion: 1, partition: 0, from: 2, until: 3 };
    await expect(sink.write({ ...wrong, rows: [{ ...rows[0]!, x: null }] }, signal)).rejects.toThrow('writing column "x" of row 0');
    await expect(sink.write({ ...wrong, rows: [{ ...rows[0]!, rate: 0.000001 }] }, signal)).rejects.toThrow('writing column "rate" of row 0');
    expect(await rowsIn("types", "words")).toHaveLength(2);
  });
});
