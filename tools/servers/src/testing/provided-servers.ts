import type {} from "vitest";

/** The broker that every test may use: make topics of your own names, and leave the broker alone. */
export interface ProvidedKafka {
  /** `host:port`. */
  readonly bootstrap: string;
}

/** The node that every test may use: make a keyspace of your own name, and leave the node alone. */
export interface ProvidedCassandra {
  readonly contactPoints: readonly string[];
  readonly port: number;
  readonly localDataCenter: string;
}

/** The HDFS that every test may use: make a folder of your own name, and leave the servers alone. */
export interface ProvidedHdfs {
  /** `hdfs://host:port`. */
  readonly uri: string;
  /** `http://host:port`: WebHDFS is below `/webhdfs/v1`. */
  readonly webUrl: string;
  /** The same as `host:port`, as `hdfsFileSystem` takes it. */
  readonly webAddress: string;
  /** The user that may do everything. */
  readonly user: string;
}

/** The Thrift Server of Spark that every test may use, with its metastore: make databases of your own names. It reads files of this machine and of HDFS. */
export interface ProvidedSpark {
  readonly host: string;
  readonly port: number;
}

/** The Presto that every test may use, on the metastore of the shared Spark (catalog `hive`) and, where a test wants that too, on the shared Cassandra: make schemas of your own names. */
export interface ProvidedPresto {
  readonly host: string;
  readonly port: number;
}

/** The Superset that every test may use: give what you put into it names of your own, and leave the server alone. */
export interface ProvidedSuperset {
  /** `http://host:port`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

declare module "vitest" {
  /** What `inject` gives in a `*.servers.test.ts`. A server is started where a test file that is to run says `inject("<its name>")` itself. */
  interface ProvidedContext {
    kafka: ProvidedKafka;
    cassandra: ProvidedCassandra;
    hdfs: ProvidedHdfs;
    spark: ProvidedSpark;
    presto: ProvidedPresto;
    superset: ProvidedSuperset;
  }
}
