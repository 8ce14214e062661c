const PACKAGES = [
  ...["java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util", "java.util.concurrent", "java.util.concurrent.atomic"],
  ...["jdk.internal.ref", "sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar"],
];

/** What Spark and the metastore need of the inside of Java 17. */
export const SPARK_OPENS: readonly string[] = [
  ...PACKAGES.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
  "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
  "-Djdk.reflect.useDirectMethodHandle=false",
  "-Dio.netty.tryReflectionSetAccessible=true",
];

/**
 * Of a user's own Hadoop, Hive and Spark; nothing of it is meant for these servers. With a `HADOOP_USER_NAME` here, and
 * not as a property of Java, Hive acts for that user and is refused ("not allowed to impersonate").
 */
export const WITHOUT_FOREIGN = Object.fromEntries(
  ["HADOOP_USER_NAME", "HADOOP_CONF_DIR", "HADOOP_HOME", "HIVE_CONF_DIR", "HIVE_HOME", "SPARK_HOME", "SPARK_CONF_DIR", "SPARK_LOCAL_DIRS", "CLASSPATH"].map((name) => [name, undefined]),
);
