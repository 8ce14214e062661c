import { archiveFlags, type ClassArchive } from "../install/class-archive.js";
import { HDFS_USER } from "./hdfs-settings.js";

/** Flags of every Java with Hadoop in it: a small process that acts as the user who may do everything. */
export const hadoopJvm = (archive: ClassArchive | undefined, temporary: string): readonly string[] => [
  ...archiveFlags(archive),
  "-XX:+UseSerialGC",
  "-XX:-UsePerfData",
  "-Xshare:auto",
  "-Djava.awt.headless=true",
  "-Djava.net.preferIPv4Stack=true",
  `-Djava.io.tmpdir=${temporary}`,
  `-DHADOOP_USER_NAME=${HDFS_USER}`,
];

/**
 * Of a user's own Hadoop, Hive and Spark; nothing of it is meant for these servers. With a `HADOOP_USER_NAME` here, and
 * not as a property of Java, Hive acts for that user and is refused ("not allowed to impersonate").
 */
export const WITHOUT_FOREIGN = Object.fromEntries(
  ["HADOOP_USER_NAME", "HADOOP_CONF_DIR", "HADOOP_HOME", "HIVE_CONF_DIR", "HIVE_HOME", "SPARK_HOME", "SPARK_CONF_DIR", "SPARK_LOCAL_DIRS", "CLASSPATH"].map((name) => [name, undefined]),
);
