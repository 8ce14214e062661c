import type { KnownServer } from "../cli/known-server.js";
import { toPort } from "../cli/to-port.js";
import { Instance } from "../instance/instance.js";
import { supersetAccess } from "./start-superset.js";
import { supersetKind } from "./superset-kind.js";

interface Flags {
  readonly supersetPort?: number;
}

/** Superset in the command. */
export const supersetServer: KnownServer = {
  name: "superset",
  addOptions: (up) => void up.option("--superset-port <port>", "superset: port of the page and of REST; default: a free one", toPort),
  start(runDir, flags, signal) {
    const { supersetPort } = flags as Flags;
    return Instance.start(supersetKind, { runDir, ...(supersetPort === undefined ? {} : { port: supersetPort }) }, signal);
  },
  find: (runDir) => Instance.find(supersetKind, { runDir }),
  access: (instance) => ({ ...supersetAccess(instance) }),
  addresses: ({ ports }) => [`127.0.0.1:${ports["web"]}`],
};
