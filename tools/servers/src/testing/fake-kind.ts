import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { once } from "node:events";
import path from "node:path";
import type { InstanceOptions } from "../instance/instance.js";
import type { ServerKind } from "../instance/server-kind.js";

/** A server that needs nothing to be installed. */
export interface FakeOptions extends InstanceOptions {
  readonly count?: number;
  /** What each node runs, with its port in `PORT`; default: it answers every connection with `hello`. */
  readonly script?: string;
}

const HELLO = 'require("node:net").createServer((socket) => socket.end("hello")).listen(Number(process.env.PORT), "127.0.0.1"); console.log("listening")';
const HOSTS = ["127.0.0.1"];

/** A kind whose nodes are programs of Node. */
export const fakeKind: ServerKind<FakeOptions> = {
  name: "fake",
  install: () => Promise.resolve(""),
  java: { from: 17, to: 17 },
  startsInTurn: false,
  shape: ({ count = 1 }) => ({ count }),
  ports: ({ count = 1 }) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`port-${i + 1}`, { port: undefined, hosts: HOSTS }])),
  nodes: ({ count = 1, script = HELLO }, { runDir, ports }) =>
    Array.from({ length: count }, (_, i) => {
      const name = `fake-${i + 1}`;
      const port = ports[`port-${i + 1}`]!;
      return {
        name,
        dir: path.join(runDir, name),
        logFiles: [],
        ports: [port],
        graceMs: 300,
        prepare: () => Promise.resolve({ file: process.execPath, args: ["-e", script], env: { PORT: String(port) } }),
        async probe(_everyone: boolean, signal: AbortSignal) {
          const socket = connect(port, "127.0.0.1");
          const [data] = (await once(socket, "data", { signal }).finally(() => socket.destroy())) as [Buffer];
          if (data.toString() !== "hello") throw new Error("it does not say hello");
        },
      };
    }),
  tools: () => Promise.resolve({ java: "", jars: "" }),
};

/** What a node of an instance printed. */
export const outputOf = (runDir: string, name: string): string => readFileSync(path.join(runDir, name, "output.log"), "utf8");
