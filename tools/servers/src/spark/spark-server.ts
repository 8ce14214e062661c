import type { KnownServer } from "../cli/known-server.js";
import { toPort } from "../cli/to-port.js";
import { hdfsAccess } from "../hdfs/start-hdfs.js";
import { Instance } from "../instance/instance.js";
import { optionsOf } from "../instance/options-of.js";
import { metastoreKind } from "../metastore/metastore-kind.js";
import { metastoreAccess } from "../metastore/start-metastore.js";
import { sparkKind } from "./spark-kind.js";
import { sparkAccess } from "./start-spark.js";

interface Flags {
  readonly sparkPort?: number;
}

/** Spark in the command. */
export const sparkServer: KnownServer = {
  name: "spark",
  needs: ["metastore"],
  uses: ["hdfs"],
  addOptions: (up) => void up.option("--spark-port <port>", "spark: port of the Thrift Server; default: a free one", toPort),
  start(runDir, flags, signal, { metastore, hdfs }) {
    const { sparkPort } = flags as Flags;
    return Instance.start(
      sparkKind,
      {
        runDir,
        ...(metastore === undefined ? {} : { metastore: metastoreAccess(metastore, optionsOf(metastoreKind, metastore.runDir)) }),
        ...(hdfs === undefined ? {} : { hdfs: hdfsAccess(hdfs) }),
        ...(sparkPort === undefined ? {} : { port: sparkPort }),
      },
      signal,
    );
  },
  find: (runDir) => Instance.find(sparkKind, { runDir }),
  access: (instance) => ({ ...sparkAccess(instance) }),
  addresses: ({ ports }) => [`127.0.0.1:${ports["thrift"]}`],
};
