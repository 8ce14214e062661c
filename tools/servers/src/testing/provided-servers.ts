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

declare module "vitest" {
  /** What `inject` gives in a `*.servers.test.ts`. */
  interface ProvidedContext {
    kafka: ProvidedKafka;
    cassandra: ProvidedCassandra;
  }
}
