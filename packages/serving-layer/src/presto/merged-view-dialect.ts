/** What Presto and Trino spell differently in a merged view, all of it. */
export interface MergedViewDialect {
  /** An instant as the type that the Cassandra catalog gives to a `timestamp` column: a constant, so that partitions are found by it. */
  readonly storedInstant: (epochMs: number) => string;
  /** A `timestamp` column of the Cassandra catalog as the type that the Hive catalog gives to one. */
  readonly fromStored: (column: string) => string;
  /** An expression of epoch ms as the type that the Hive catalog gives to a timestamp column. */
  readonly timestamp: (epochMs: string) => string;
}

const unixTime = (epochMs: number): string => `from_unixtime(${epochMs / 1_000}e0)`;

// Presto's timestamps are instants, shown in the zone of the session: a literal would be read in that zone.
const presto: MergedViewDialect = {
  storedInstant: unixTime,
  fromStored: (column) => column,
  timestamp: (epochMs) => `from_unixtime(CAST(${epochMs} AS DOUBLE) / 1000e0)`,
};

// Trino's have a zone in Cassandra and none in Hive, where they are UTC.
const trino: MergedViewDialect = {
  storedInstant: unixTime,
  fromStored: (column) => `CAST(${column} AT TIME ZONE 'UTC' AS TIMESTAMP(3))`,
  timestamp: (epochMs) => `CAST(from_unixtime(CAST(${epochMs} AS DOUBLE) / 1000e0) AT TIME ZONE 'UTC' AS TIMESTAMP(3))`,
};

/** By the name of the server. */
export const MERGED_VIEW_DIALECTS: Readonly<Record<"presto" | "trino", MergedViewDialect>> = { presto, trino };
