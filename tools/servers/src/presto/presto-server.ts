import { addressesOf } from "../cassandra/node-settings.js";
import type { KnownServer } from "../cli/known-server.js";
import { toPort } from "../cli/to-port.js";
import { hdfsAccess } from "../hdfs/start-hdfs.js";
import { Instance } from "../instance/instance.js";
import { optionsOf } from "../instance/options-of.js";
import { metastoreKind } from "../metastore/metastore-kind.js";
import { metastoreAccess } from "../metastore/start-metastore.js";
import { prestoKind } from "./presto-kind.js";
import { prestoAccess } from "./start-presto.js";

interface Flags {
  readonly prestoPort?: number;
}

/** Presto in the command. */
export const prestoServer: KnownServer = {
  name: "presto",
  needs: ["metastore"],
  uses: ["hdfs", "cassandra"],
  addOptions: (up) => void up.option("--presto-port <port>", "presto: port of HTTP; default: a free one", toPort),
  start(runDir, flags, signal, { metastore, hdfs, cassandra }) {
    const { prestoPort } = flags as Flags;
    return Instance.start(
      prestoKind,
      {
        runDir,
        ...(metastore === undefined ? {} : { metastore: metastoreAccess(metastore, optionsOf(metastoreKind, metastore.runDir)) }),
        ...(hdfs === undefined ? {} : { hdfs: hdfsAccess(hdfs) }),
        ...(cassandra === undefined ? {} : { cassandra: { contactPoints: addressesOf({ nodes: cassandra.nodes.length as 1 | 2 | 3 }), port: cassandra.ports["cql"]! } }),
        ...(prestoPort === undefined ? {} : { port: prestoPort }),
      },
      signal,
    );
  },
  find: (runDir) => Instance.find(prestoKind, { runDir }),
  access: (instance) => ({ ...prestoAccess(instance) }),
  addresses: ({ ports }) => [`127.0.0.1:${ports["http"]}`],
};
