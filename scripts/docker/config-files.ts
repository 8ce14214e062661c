import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { airflowEnvironment } from "../../tools/servers/src/airflow/airflow-kind.js";
import { nodeSettings } from "../../tools/servers/src/cassandra/node-settings.js";
import { hadoopJvm } from "../../tools/servers/src/hdfs/hadoop-jvm.js";
import { hadoopXml } from "../../tools/servers/src/hdfs/hadoop-xml.js";
import { HADOOP_OPENS } from "../../tools/servers/src/hdfs/hdfs-kind.js";
import { hdfsSettings } from "../../tools/servers/src/hdfs/hdfs-settings.js";
import { brokerSettings, propertiesText } from "../../tools/servers/src/kafka/broker-settings.js";
import { metastoreSettings } from "../../tools/servers/src/metastore/metastore-kind.js";
import { PRESTO_OPENS } from "../../tools/servers/src/presto/presto-kind.js";
import { prestoCatalogs, prestoSettings } from "../../tools/servers/src/presto/presto-settings.js";
import { SPARK_OPENS } from "../../tools/servers/src/spark/spark-jvm.js";
import { sparkSettings } from "../../tools/servers/src/spark/spark-kind.js";
import { supersetEnvironment } from "../../tools/servers/src/superset/superset-environment.js";

// Every server in a container has the settings that it has as a plain process, by the same functions. What differs stands
// here: names of hosts instead of 127.0.0.1, ports, folders, and a Spark of several processes.

const HDFS_URI = "hdfs://namenode:8020";
const METASTORE_URI = "thrift://metastore:9083";
/** Where a server of our own images keeps what it knows. */
const DATA = "/var/lib/millrace";
const TEMPORARY = "/tmp";
/** Where the files that are made here are mounted. */
const CONFIG = "/etc/millrace";

/** Files of `docker/config` by their path in it. */
export function configFiles(): Readonly<Record<string, string>> {
  return {
    "kafka/server.properties": made("#", propertiesText(kafka())),
    ...Object.fromEntries([0, 1].map((i) => [`cassandra/cassandra-${i + 1}.yaml`, made("#", `${JSON.stringify(cassandra(i), undefined, 2)}\n`)])),
    "hdfs/site.xml": xml(hdfs()),
    "hdfs/jvm.args": lines([...HADOOP_OPENS, ...jvm(), "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.log.http.requests=off", "-Dorg.slf4j.simpleLogger.log.org.apache.hadoop.hdfs.server.namenode.FSNamesystem.audit=off"]),
    "spark/metastore-site.xml": xml(metastoreSettings({ hdfs: { uri: HDFS_URI } }, { runDir: DATA, ports: {} }, TEMPORARY, `${DATA}/database`)),
    "spark/jvm.args": lines([...SPARK_OPENS, ...jvm()]),
    "spark/spark.conf": made("#", propertyLines(spark())),
    "presto/jvm.args": lines([...PRESTO_OPENS, "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED", ...jvm(), "-XX:+ExitOnOutOfMemoryError", "-Djdk.attach.allowAttachSelf=true", "-Dcom.sun.management.jmxremote.host=127.0.0.1", "-Duser.timezone=UTC", "-Dnode.environment=millrace", "-Dnode.id=presto", "-Dnode.bind-ip=0.0.0.0", "-Dnode.internal-address=127.0.0.1", `-Dnode.data-dir=${DATA}/data`, `-Dlog.levels-file=${CONFIG}/log.properties`, `-Dconfig=${CONFIG}/config.properties`]),
    "presto/config.properties": made("#", propertiesText(prestoSettings({}, "/opt/presto", `${CONFIG}/catalog`, 8082))),
    "presto/hadoop.xml": xml({ "fs.defaultFS": HDFS_URI, "dfs.replication": "1", "hadoop.tmp.dir": TEMPORARY }),
    ...Object.fromEntries(
      Object.entries(prestoCatalogs({ metastore: { uri: METASTORE_URI }, hdfs: { uri: HDFS_URI }, cassandra: { contactPoints: ["cassandra-1", "cassandra-2"], port: 9042 } }, `${CONFIG}/hadoop.xml`)).map(([name, settings]) => [`presto/catalog/${name}.properties`, made("#", propertiesText(settings))]),
    ),
    "airflow/airflow.env": variables(airflow()),
    "superset/superset.env": variables(superset()),
    ...Object.fromEntries(COPIES.map(([from, to]) => [to, readFileSync(new URL(`../../tools/servers/src/${from}`, import.meta.url), "utf8")])),
  };
}

/** Files that are the very same. */
const COPIES = [
  ["spark/log4j2.properties", "spark/log4j2.properties"],
  ["spark/fair-scheduler.xml", "spark/fair-scheduler.xml"],
  ["metastore/log4j2.properties", "spark/metastore-log4j2.properties"],
  ["presto/log.properties", "presto/log.properties"],
  ["superset/superset_config.py", "superset/superset_config.py"],
] as const;

function kafka(): Readonly<Record<string, string>> {
  const settings = brokerSettings(1, {}, { runDir: DATA, ports: { "broker-1": 19_092, "controller-1": 19_093 } }, "/var/lib/kafka/data");
  return {
    ...settings,
    "controller.quorum.voters": "1@kafka:19093",
    // Clients of this machine come by the published port, which sends them back to it; containers by the other one.
    listeners: "PLAINTEXT://:19092,HOST://:9092,CONTROLLER://:19093",
    "advertised.listeners": "PLAINTEXT://kafka:19092,HOST://127.0.0.1:9092",
    "listener.security.protocol.map": `${settings["listener.security.protocol.map"]},HOST:PLAINTEXT`,
  };
}

function cassandra(i: number): Readonly<Record<string, unknown>> {
  const dir = "/var/lib/cassandra";
  const address = `cassandra-${i + 1}`;
  const seeds = "cassandra-1";
  return {
    ...nodeSettings(i, { nodes: 2 }, { runDir: dir, ports: { cql: 9042, storage: 7000, "storage-tls": 7001 } }, dir),
    listen_address: address,
    rpc_address: address,
    seed_provider: [{ class_name: "org.apache.cassandra.locator.SimpleSeedProvider", parameters: [{ seeds }] }],
  };
}

function hdfs(): Readonly<Record<string, string>> {
  const place = { runDir: DATA, ports: { namenode: 8020, "namenode-web": 9870, datanode: 9866, "datanode-web": 9864, "datanode-ipc": 9867 } };
  return {
    ...hdfsSettings({}, place),
    "fs.defaultFS": HDFS_URI,
    "hadoop.tmp.dir": TEMPORARY,
    "dfs.namenode.rpc-address": "namenode:8020",
    "dfs.namenode.http-address": "0.0.0.0:9870",
    "dfs.datanode.address": "0.0.0.0:9866",
    "dfs.datanode.http.address": "0.0.0.0:9864",
    "dfs.datanode.ipc.address": "0.0.0.0:9867",
    "dfs.datanode.hostname": "datanode",
  };
}

function spark(): Readonly<Record<string, string>> {
  const settings = sparkSettings({ hdfs: { uri: HDFS_URI }, metastore: { uri: METASTORE_URI, warehouse: `${HDFS_URI}/user/hive/warehouse` } }, DATA);
  return {
    ...settings,
    "spark.master": "spark://spark-master:7077",
    "spark.driver.bindAddress": "0.0.0.0",
    "spark.driver.host": "spark-thrift",
    "spark.local.dir": TEMPORARY,
    "spark.scheduler.allocation.file": `file://${CONFIG}/fair-scheduler.xml`,
    // The worker's memory and cores: one executor has them all.
    "spark.executor.memory": "1g",
    "spark.cores.max": "2",
    "spark.executor.extraJavaOptions": [...SPARK_OPENS, ...jvm()].join(" "),
  };
}

function airflow(): Readonly<Record<string, string>> {
  const home = "/var/lib/airflow";
  // It reads the secret of a home; the one in containers comes by the environment.
  const runDir = mkdtempSync(path.join(os.tmpdir(), "millrace-airflow-"));
  try {
    mkdirSync(path.join(runDir, "home"));
    writeFileSync(path.join(runDir, "home", "secret"), "");
    const settings = airflowEnvironment({ dagsDir: "/app/examples/music-events/airflow/dags" }, { runDir, ports: { web: 8083 } });
    const { AIRFLOW__API_AUTH__JWT_SECRET: _, ...known } = settings as Readonly<Record<string, string>>;
    const moved = Object.fromEntries(Object.entries(known).map(([name, value]) => [name, value.replaceAll(path.join(runDir, "home"), home)]));
    return {
      ...moved,
      AIRFLOW__CORE__EXECUTION_API_SERVER_URL: "http://airflow:8083/execution/",
      AIRFLOW__API__HOST: "0.0.0.0",
      // Where people open the page; the containers ask by the address above.
      AIRFLOW__API__BASE_URL: "http://localhost:8083",
      // Starting the deployment starts its two DAGs.
      AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION: "False",
    };
  } finally {
    rmSync(runDir, { recursive: true });
  }
}

/** The secret comes by the environment. */
function superset(): Readonly<Record<string, string>> {
  const { MILLRACE_SUPERSET_SECRET: _, ...known } = supersetEnvironment("/var/lib/superset", "") as Readonly<Record<string, string>>;
  return { ...known, SUPERSET_CONFIG_PATH: `${CONFIG}/superset_config.py` };
}

const jvm = (): readonly string[] => hadoopJvm(undefined, TEMPORARY);

const NOTE = "Made by `npm run docker:config` of the settings in tools/servers: change those.";
const made = (sign: string, text: string): string => `${sign} ${NOTE}\n${text}`;
const xml = (settings: Readonly<Record<string, string>>): string => `<!-- ${NOTE} -->\n${hadoopXml(settings)}`;
/** A file of arguments, as `java @file` reads it. */
const lines = (args: readonly string[]): string => made("#", args.map((arg) => `${arg}\n`).join(""));
const variables = (environment: Readonly<Record<string, string>>): string => made("#", Object.entries(environment).map(([name, value]) => `${name}=${value}\n`).join(""));
const propertyLines = (settings: Readonly<Record<string, string>>): string => Object.entries(settings).map(([key, value]) => `${key} ${value}\n`).join("");
