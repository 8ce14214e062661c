import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { NotYetError } from "../errors/not-yet-error.js";
import { pythonOf } from "../install/install-python.js";
import type { ServerKind } from "../instance/server-kind.js";
import { installSuperset, preparedDatabase } from "./install-superset.js";
import { supersetEnvironment } from "./superset-environment.js";
import type { SupersetOptions } from "./superset-options.js";

const HOST = "127.0.0.1";

/** Superset behind gunicorn: one process that looks after another, which answers. */
export const supersetKind: ServerKind<SupersetOptions> = {
  name: "superset",
  install: installSuperset,
  java: { from: 17, to: 17 },
  tools: async (signal, options) => ({ java: "", jars: await installSuperset(options, signal) }),
  startsInTurn: false,
  shape: () => ({}),
  ports: ({ port }) => ({ web: { port, hosts: [HOST] } }),
  nodes({ threads = 4 }, { runDir, ports }) {
    const name = "superset";
    const dir = path.join(runDir, name);
    const port = ports["web"]!;
    return [
      {
        name,
        dir,
        logFiles: [],
        ports: [port],
        graceMs: 20_000,
        prepare({ jars }) {
          const home = path.join(runDir, "home");
          mkdirSync(home, { recursive: true });
          const database = path.join(home, "superset.db");
          if (!existsSync(database)) {
            copyFileSync(preparedDatabase(jars), `${database}.new`);
            renameSync(`${database}.new`, database);
          }
          const secret = path.join(home, "secret");
          if (!existsSync(secret)) writeFileSync(secret, randomBytes(48).toString("hex"), { mode: 0o600 });
          return Promise.resolve({
            file: pythonOf(jars),
            args: ["-m", "gunicorn", "--workers", "1", "--worker-class", "gthread", "--threads", String(threads), "--timeout", "120", "--bind", `${HOST}:${port}`, "superset.app:create_app()"],
            cwd: dir,
            env: supersetEnvironment(home, readFileSync(secret, "utf8")),
          });
        },
        async probe(_everyone, signal) {
          const answer = await fetch(`http://${HOST}:${port}/health`, { signal });
          const text = await answer.text();
          if (text !== "OK") throw new NotYetError(`Superset answers with status ${answer.status}: ${text.slice(0, 200)}`);
        },
      },
    ];
  },
};
