import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { NotYetError } from "../errors/not-yet-error.js";
import { WITHOUT_FOREIGN, hadoopJvm } from "../hdfs/hadoop-jvm.js";
import { emptyFolder } from "../instance/empty-folder.js";
import type { ServerKind } from "../instance/server-kind.js";
import { SPARK_JAVA, installSpark } from "./install-spark.js";
import { runOnSpark } from "./run-on-spark.js";
import { SPARK_OPENS } from "./spark-jvm.js";
import type { SparkOptions } from "./spark-options.js";

const HOST = "127.0.0.1";
const LOG4J = fileURLToPath(new URL("./log4j2.properties", import.meta.url));
const POOLS = fileURLToPath(new URL("./fair-scheduler.xml", import.meta.url));

/** Spark's Thrift Server, with Spark in the same process. */
export const sparkKind: ServerKind<SparkOptions> = {
  name: "spark",
  install: installSpark,
  java: SPARK_JAVA,
  startsInTurn: false,
  // All that lasts is in the metastore and where the tables are.
  shape: () => ({}),
  ports: ({ port }) => ({ thrift: { port, hosts: [HOST] } }),
  nodes(options, { runDir, ports }) {
    const name = "thrift";
    const dir = path.join(runDir, name);
    const port = ports["thrift"]!;
    return [
      {
        name,
        dir,
        logFiles: [],
        ports: [port],
        graceMs: 20_000,
        prepare({ java, jars, archive }) {
          const file = path.join(dir, "spark.conf");
          const temporary = emptyFolder(path.join(dir, "temporary"));
          const settings = Object.entries({ ...sparkSettings(options, dir), ...options.settings });
          writeFileSync(file, settings.map(([key, value]) => `${key} ${value}\n`).join(""));
          const hive = {
            "hive.server2.thrift.bind.host": HOST,
            "hive.server2.thrift.port": String(port),
            "hive.server2.authentication": "NONE",
            "hive.server2.enable.doAs": "false",
            // By default a question about a running statement is answered after up to 5 s, and what else the connection asks waits for it.
            "hive.server2.long.polling.timeout": "200ms",
            "hive.exec.scratchdir": `file://${temporary}/hive`,
          };
          return Promise.resolve({
            file: java,
            args: [
              ...SPARK_OPENS,
              ...hadoopJvm(archive, temporary),
              "-Xms256m",
              `-Xmx${options.heapMb ?? 1024}m`,
              `-Dderby.system.home=${dir}`,
              `-Dlog4j2.configurationFile=${LOG4J}`,
              "-cp",
              path.join(jars, "*"),
              "org.apache.spark.deploy.SparkSubmit",
              "--properties-file",
              file,
              "--class",
              "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2",
              "--name",
              name,
              "spark-internal",
              ...Object.entries(hive).flatMap(([key, value]) => ["--hiveconf", `${key}=${value}`]),
            ],
            cwd: dir,
            env: { ...WITHOUT_FOREIGN, SPARK_LOCAL_IP: HOST },
          });
        },
        async probe(_everyone, signal) {
          // The metastore is asked for them.
          const databases = await runOnSpark({ host: HOST, port }, "SHOW DATABASES", signal);
          if (!databases.includes("default")) throw new NotYetError(`Spark knows the databases ${JSON.stringify(databases)}`);
        },
      },
    ];
  },
};

export function sparkSettings({ hdfs, metastore, cores = 2 }: SparkOptions, dir: string): Readonly<Record<string, string>> {
  return {
    "spark.master": `local[${cores}]`,
    "spark.driver.bindAddress": HOST,
    "spark.driver.host": HOST,
    "spark.ui.enabled": "false",
    "spark.local.dir": path.join(dir, "temporary", "blocks"),
    "spark.sql.catalogImplementation": "hive",
    "spark.sql.warehouse.dir": metastore?.warehouse ?? `file://${dir}/warehouse`,
    // Without a metastore that is named, a Derby inside the process knows the tables.
    ...(metastore === undefined
      ? { "spark.hadoop.javax.jdo.option.ConnectionURL": `jdbc:derby:;databaseName=${path.join(dir, "database")};create=true` }
      : { "spark.hadoop.hive.metastore.uris": metastore.uri }),
    "spark.hadoop.fs.defaultFS": hdfs?.uri ?? "file:///",
    "spark.hadoop.dfs.replication": "1",
    // The default first wait of 400 ms is felt on every small file.
    "spark.hadoop.dfs.client.block.write.locateFollowingBlock.initial.delay.ms": "10",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    // The default of 200 makes small tables slow.
    "spark.sql.shuffle.partitions": String(cores),
    "spark.default.parallelism": String(cores),
    // Without the file the pool that all use is FIFO, and small statements wait behind long ones.
    "spark.scheduler.mode": "FAIR",
    "spark.scheduler.allocation.file": `file://${POOLS}`,
  };
}
