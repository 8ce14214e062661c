import { tableFromIPC } from "apache-arrow";
import { readParquet } from "parquet-wasm";
import { describe, inject, it } from "vitest";
import { int64, text, type Columns } from "@millrace/core";
import { sinkConformance } from "@millrace/core/testing";
import { hdfsFileSystem } from "./hdfs-file-system.js";
import { hdfsSink } from "./hdfs-sink.js";
import { startBreakableProxy } from "./testing/breakable-proxy.js";
import { kitFolder } from "./testing/kit-folder.js";
import { readHdfs } from "./testing/read-hdfs.js";

interface Row {
  readonly n: number;
  readonly words: string;
}

const { webAddress, user } = inject("hdfs");
const { signal } = new AbortController();
const large = (n: number) => `${n}`.padEnd(1_000_000, "☃");

const rowsOf = {
  ndjson: (content: Uint8Array) => Buffer.from(content).toString().trimEnd().split("\n").map((line) => JSON.parse(line) as Row),
  parquet: (content: Uint8Array) => tableFromIPC(readParquet(content).intoIPCStream()).toArray().map((row: { n: bigint; words: string }) => ({ n: Number(row.n), words: row.words })),
};

/** A sink that reaches the server through a proxy, which can be broken. */
async function subject(format: keyof typeof rowsOf, columns?: Columns) {
  const { root, remove } = kitFolder(webAddress, user);
  const proxy = await startBreakableProxy(webAddress);
  const files = hdfsFileSystem({ nameNodes: [webAddress], user, root });
  const open = () => hdfsSink<Row>({ nameNodes: [proxy.address], user, root, folder: "out", patienceMs: 500, ...(columns ? { columns } : {}) });
  return {
    sink: open(),
    row: (n: number, isLarge?: boolean): Row => ({ n, words: isLarge === true ? large(n) : "it's" }),
    readBack: async () => {
      const rows: Row[] = [];
      for (const { path } of await files.list("out", signal)) rows.push(...rowsOf[format]((await readHdfs(webAddress, `${root}/${path}`))!));
      return rows;
    },
    reopen: async () => open(),
    disturb: async (how: "fails" | "hangs") => {
      proxy.how = how;
      return async () => {
        proxy.how = "passes";
      };
    },
    dispose: async () => {
      await files.close();
      await proxy.close();
      await remove();
    },
  };
}

describe("hdfsSink, JSON lines", () => {
  sinkConformance<Row>(it, async () => subject("ndjson"));
});

describe("hdfsSink, Parquet", () => {
  sinkConformance<Row>(it, async () => subject("parquet", { n: int64(), words: text() }));
});
