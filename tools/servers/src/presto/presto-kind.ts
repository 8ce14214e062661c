import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { NotYetError } from "../errors/not-yet-error.js";
import { WITHOUT_FOREIGN, hadoopJvm } from "../hdfs/hadoop-jvm.js";
import { hadoopXml } from "../hdfs/hadoop-xml.js";
import { emptyFolder } from "../instance/empty-folder.js";
import type { ServerKind } from "../instance/server-kind.js";
import { propertiesText } from "../kafka/broker-settings.js";
import { PRESTO_JAVA, installPresto } from "./install-presto.js";
import type { PrestoOptions } from "./presto-options.js";
import { prestoCatalogs, prestoSettings } from "./presto-settings.js";
import { runOnPresto } from "./run-on-presto.js";

const HOST = "127.0.0.1";
const LEVELS = fileURLToPath(new URL("./log.properties", import.meta.url));

/** What Presto needs of the inside of Java 17. */
export const PRESTO_OPENS = [
  ...["java.io", "java.lang", "java.lang.ref", "java.lang.reflect", "java.net", "java.nio", "java.security", "javax.security.auth", "javax.security.auth.login", "java.text"],
  ...["java.util", "java.util.concurrent", "java.util.concurrent.atomic", "java.util.regex", "jdk.internal.loader", "sun.security.action"],
].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);

/** Presto: one process that is coordinator and worker. */
export const prestoKind: ServerKind<PrestoOptions> = {
  name: "presto",
  install: installPresto,
  java: PRESTO_JAVA,
  startsInTurn: false,
  // All that lasts is in the metastore, in Cassandra, and where the tables are.
  shape: () => ({}),
  ports: ({ port }) => ({ http: { port, hosts: [HOST] } }),
  nodes(options, { runDir, ports }) {
    const name = "presto";
    const dir = path.join(runDir, name);
    const port = ports["http"]!;
    return [
      {
        name,
        dir,
        logFiles: [],
        ports: [port],
        graceMs: 20_000,
        prepare({ java, jars, archive }) {
          const temporary = emptyFolder(path.join(dir, "temporary"));
          const catalogs = emptyFolder(path.join(dir, "catalog"));
          const hadoop = path.join(dir, "hadoop.xml");
          const config = path.join(dir, "config.properties");
          mkdirSync(path.join(dir, "data"), { recursive: true });
          writeFileSync(hadoop, hadoopXml({ "fs.defaultFS": options.hdfs?.uri ?? "file:///", "dfs.replication": "1", "hadoop.tmp.dir": temporary }));
          writeFileSync(config, propertiesText(prestoSettings(options, jars, catalogs, port)));
          for (const [catalog, settings] of Object.entries(prestoCatalogs(options, hadoop))) writeFileSync(path.join(catalogs, `${catalog}.properties`), propertiesText(settings));
          return Promise.resolve({
            file: java,
            args: [
              ...PRESTO_OPENS,
              "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
              ...hadoopJvm(archive, temporary),
              "-Xms256m",
              `-Xmx${options.heapMb ?? 1024}m`,
              "-XX:+ExitOnOutOfMemoryError",
              "-Djdk.attach.allowAttachSelf=true",
              // Presto has Java open a port for JMX, which is on all addresses without this.
              `-Dcom.sun.management.jmxremote.host=${HOST}`,
              "-Duser.timezone=UTC",
              "-Dnode.environment=millrace",
              `-Dnode.id=${name}`,
              `-Dnode.bind-ip=${HOST}`,
              `-Dnode.internal-address=${HOST}`,
              `-Dnode.data-dir=${path.join(dir, "data")}`,
              `-Dlog.levels-file=${LEVELS}`,
              `-Dconfig=${config}`,
              "-cp",
              path.join(jars, "lib", "*"),
              "com.facebook.presto.server.PrestoServer",
            ],
            cwd: dir,
            env: WITHOUT_FOREIGN,
          });
        },
        async probe(_everyone, signal) {
          const ask = (sql: string): ReturnType<typeof runOnPresto> => runOnPresto({ host: HOST, port }, sql, signal);
          const [[active] = []] = await ask("SELECT count(*) FROM system.runtime.nodes WHERE state = 'active'");
          if (active !== 1) throw new NotYetError(`Presto has ${String(active)} active nodes`);
          // This one needs a worker.
          const [[sum] = []] = await ask("SELECT sum(n) FROM UNNEST(sequence(1, 4)) AS t(n)");
          if (sum !== 10) throw new NotYetError(`Presto says that 1 + 2 + 3 + 4 is ${String(sum)}`);
        },
      },
    ];
  },
};
