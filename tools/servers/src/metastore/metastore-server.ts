import type { KnownServer } from "../cli/known-server.js";
import { toPort } from "../cli/to-port.js";
import { hdfsAccess } from "../hdfs/start-hdfs.js";
import { Instance } from "../instance/instance.js";
import { optionsOf } from "../instance/options-of.js";
import { readRunState } from "../instance/run-state.js";
import { metastoreKind } from "./metastore-kind.js";
import { metastoreAccess } from "./start-metastore.js";

interface Flags {
  readonly metastorePort?: number;
}

/** The metastore in the command. */
export const metastoreServer: KnownServer = {
  name: "metastore",
  uses: ["hdfs"],
  addOptions: (up) => void up.option("--metastore-port <port>", "metastore: port of Thrift; default: a free one", toPort),
  start(runDir, flags, signal, { hdfs }) {
    const { metastorePort } = flags as Flags;
    // One that was made before HDFS keeps its tables where they are.
    const made = readRunState(runDir) !== undefined;
    const options = made ? optionsOf(metastoreKind, runDir) : hdfs === undefined ? {} : { hdfs: { uri: hdfsAccess(hdfs).uri } };
    return Instance.start(metastoreKind, { ...options, runDir, ...(metastorePort === undefined ? {} : { port: metastorePort }) }, signal);
  },
  find: (runDir) => Instance.find(metastoreKind, { runDir }),
  access: (instance) => ({ ...metastoreAccess(instance, optionsOf(metastoreKind, instance.runDir)) }),
  addresses: ({ ports }) => [`127.0.0.1:${ports["thrift"]}`],
};
