import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { WITHOUT_FOREIGN, hadoopJvm } from "../hdfs/hadoop-jvm.js";
import { hadoopXml } from "../hdfs/hadoop-xml.js";
import { emptyFolder } from "../instance/empty-folder.js";
import type { Place, ServerKind } from "../instance/server-kind.js";
import { SPARK_JAVA } from "../spark/install-spark.js";
import { SPARK_OPENS } from "../spark/spark-jvm.js";
import { installMetastore } from "./install-metastore.js";
import type { MetastoreOptions } from "./metastore-options.js";
import { warehouseOf } from "./metastore-options.js";
import { probeMetastore } from "./probe-metastore.js";

const HOST = "127.0.0.1";
const LOG4J = fileURLToPath(new URL("./log4j2.properties", import.meta.url));

/** The metastore of Hive 2.3.10, which Spark brings with it, on an embedded Derby. */
export const metastoreKind: ServerKind<MetastoreOptions> = {
  name: "metastore",
  install: installMetastore,
  java: SPARK_JAVA,
  startsInTurn: false,
  // The default database is made with the place that its tables go to.
  shape: ({ hdfs }) => (hdfs === undefined ? {} : { hdfs: { uri: hdfs.uri } }),
  ports: ({ port }) => ({ thrift: { port, hosts: [HOST] } }),
  nodes(options, place) {
    const name = "metastore";
    const dir = path.join(place.runDir, name);
    const port = place.ports["thrift"]!;
    return [
      {
        name,
        dir,
        logFiles: [],
        ports: [port],
        graceMs: 15_000,
        prepare({ java, jars, archive }) {
          const file = path.join(dir, "site.xml");
          const database = path.join(dir, "database");
          const temporary = emptyFolder(path.join(dir, "temporary"));
          writeFileSync(file, hadoopXml(metastoreSettings(options, place, temporary, database)));
          // What `kill -9` leaves; another process on the same folder is excluded by the record of the run folder.
          for (const lock of ["db.lck", "dbex.lck"]) rmSync(path.join(database, lock), { force: true });
          return Promise.resolve({
            file: java,
            args: [
              ...SPARK_OPENS,
              ...hadoopJvm(archive, temporary),
              `-Xmx${options.heapMb ?? 512}m`,
              "-XX:TieredStopAtLevel=1",
              `-Dderby.stream.error.file=${path.join(dir, "derby.log")}`,
              `-Dlog4j2.configurationFile=${LOG4J}`,
              "-cp",
              path.join(jars, "*"),
              "MetastoreServer",
              HOST,
              String(port),
              file,
            ],
            cwd: dir,
            env: WITHOUT_FOREIGN,
          });
        },
        probe: (_everyone, signal) => probeMetastore(port, signal),
      },
    ];
  },
};

export function metastoreSettings(options: MetastoreOptions, { runDir }: Place, temporary: string, database: string): Readonly<Record<string, string>> {
  return {
    "fs.defaultFS": options.hdfs?.uri ?? "file:///",
    "hadoop.tmp.dir": temporary,
    "dfs.replication": "1",
    "javax.jdo.option.ConnectionURL": `jdbc:derby:;databaseName=${database};create=true`,
    "javax.jdo.option.ConnectionDriverName": "org.apache.derby.jdbc.EmbeddedDriver",
    "datanucleus.schema.autoCreateAll": "true",
    "datanucleus.connectionPoolingType": "HikariCP",
    "hive.metastore.schema.verification": "false",
    "hive.metastore.try.direct.sql": "false",
    "hive.metastore.warehouse.dir": warehouseOf(options, runDir),
    "hive.metastore.execute.setugi": "true",
    // Else a jar is missed that Spark does not bring.
    "hive.async.log.enabled": "false",
    ...options.settings,
  };
}
