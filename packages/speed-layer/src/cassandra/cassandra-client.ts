/**
 * What the adapter uses of a Cassandra client: `Client` of the package `cassandra-driver` fits, another may too. Values
 * are given as the bytes of their CQL type or as text, `undefined` leaves a column as it is; they come back as that
 * package gives them: `bigint` columns as `Long` or bigint, timestamps as `Date`, blobs as `Buffer`.
 */
export interface CassandraClient {
  /** Resolves when a node answered. Safe to call again. */
  connect(): Promise<void>;
  /** Runs one statement; of a query, gives one page. */
  execute(query: string, parameters: readonly unknown[], options: CassandraRequestOptions): Promise<CassandraResult>;
  /** Runs statements of one Cassandra partition together. */
  batch(statements: readonly CassandraStatement[], options: CassandraRequestOptions & { readonly logged: boolean }): Promise<unknown>;
  /** Closes every connection. */
  shutdown(): Promise<void>;
  /** Nodes the client knows: statements that change the schema all go to one of them. */
  readonly hosts?: { values(): readonly CassandraHost[] };
}

/** A prepared statement with its values. */
export interface CassandraStatement {
  readonly query: string;
  readonly params: readonly unknown[];
}

/** Options of one request. */
export interface CassandraRequestOptions {
  readonly prepare?: boolean;
  readonly isIdempotent?: boolean;
  /** The level's number in Cassandra's protocol. */
  readonly consistency?: number;
  /** Rows a page. */
  readonly fetchSize?: number;
  readonly pageState?: string;
  /** The node to ask, for statements that change the schema. */
  readonly host?: CassandraHost;
}

/** One page of rows. */
export interface CassandraResult {
  /** Absent where a statement gives none. */
  readonly rows?: readonly Readonly<Record<string, unknown>>[] | undefined;
  /** Where the next page starts; absent or null after the last. */
  readonly pageState?: string | null | undefined;
  /** Of statements that change the schema: whether every node had taken the change. */
  readonly info?: { readonly isSchemaInAgreement?: boolean };
}

/** A node of the cluster. */
export interface CassandraHost {
  /** `127.0.0.1:9042`. */
  readonly address: string;
  /** Whether the client believes that it answers. */
  isUp(): boolean;
}
