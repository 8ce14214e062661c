# HDFS, Spark with the metastore, and Presto: the jars of tools/servers, which the tests run on, on Debian's Java 17.
# Everything is fetched from Maven Central and PyPI by name and version. Jars are for every architecture.
ARG DEBIAN_IMAGE=debian:bookworm-20260803-slim

FROM ${DEBIAN_IMAGE} AS java
# curl asks for the health of the servers.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl openjdk-17-jre-headless \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 millrace \
 && useradd --uid 10001 --gid millrace --home-dir /var/lib/millrace --shell /usr/sbin/nologin millrace \
 && install -d -o millrace -g millrace /var/lib/millrace
WORKDIR /var/lib/millrace

FROM java AS fetch
RUN apt-get update \
 && apt-get install -y --no-install-recommends maven python3-pip python3-venv \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build

FROM fetch AS hdfs-jars
COPY tools/servers/src/hdfs/pom.xml ./
RUN mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=/opt/hdfs -DincludeScope=runtime \
 && rm -rf /root/.m2

FROM java AS hdfs
COPY --from=hdfs-jars /opt/hdfs /opt/hdfs
USER 10001:10001

FROM fetch AS spark-jars
# The version of tools/servers/src/spark/install-spark.ts. The source archive holds the whole Spark; no Python runs in it.
ARG SPARK_VERSION=4.1.4
COPY tools/servers/src/metastore/MetastoreServer.scala ./
RUN python3 -m pip download -q --no-cache-dir --no-deps --no-binary :all: --dest . "pyspark==${SPARK_VERSION}" \
 && mkdir -p /opt/spark \
 && tar -xzf "pyspark-${SPARK_VERSION}.tar.gz" -C /opt/spark --strip-components=2 "pyspark-${SPARK_VERSION}/deps/jars" \
 && rm -rf /opt/spark/jars/connect-repl "pyspark-${SPARK_VERSION}.tar.gz" \
 && mkdir -p /opt/metastore \
 && java -XX:TieredStopAtLevel=1 -cp '/opt/spark/jars/*' scala.tools.nsc.Main -usejavacp -d /opt/metastore/metastore-server.jar MetastoreServer.scala

FROM java AS spark
# A worker starts executors from the folder `jars` of the home, and asks for the version of Scala where Spark's own scripts would say it.
ENV SPARK_HOME=/opt/spark SPARK_SCALA_VERSION=2.13
COPY --from=spark-jars /opt/spark /opt/spark
COPY --from=spark-jars /opt/metastore /opt/metastore
USER 10001:10001

FROM fetch AS presto-jars
COPY tools/servers/src/presto/pom.xml ./
# 1.9 GB, of which 0.4 GB stay. The ASM in it does not know classes of Java 17: it is replaced.
RUN mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=/build/fetched -DincludeScope=runtime \
 && rm -rf /root/.m2 \
 && mkdir -p whole /opt/presto/plugin \
 && tar -xzf fetched/presto-server-*.tar.gz -C whole --strip-components=1 \
 && mv whole/lib /opt/presto/ \
 && mv whole/plugin/cassandra whole/plugin/hive-hadoop2 whole/plugin/memory /opt/presto/plugin/ \
 && for jar in /build/fetched/asm*.jar; do \
      name="$(basename "${jar}" .jar)"; \
      find /opt/presto -name "${name%-*}-[0-9]*.jar" -exec sh -c 'rm "$2" && cp "$1" "$(dirname "$2")/"' replace "${jar}" {} \; ; \
    done \
 && test -z "$(find /opt/presto -name 'asm*-9.0.jar')" \
 && test -n "$(find /opt/presto/lib -name 'asm-9.7*.jar')" \
 && rm -rf fetched whole

FROM java AS presto
COPY --from=presto-jars /opt/presto /opt/presto
USER 10001:10001
