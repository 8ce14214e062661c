/** Whatever names a session or a statement on the server: 16 bytes and a secret, which only the server reads. */
export type HiveHandle = object;

/** How a call ended on the server. */
export interface HiveStatus {
  readonly statusCode: number;
  readonly sqlState?: string | null;
  readonly errorMessage?: string | null;
}

/** Where a statement is. */
export interface HiveOperationStatus {
  readonly status: HiveStatus;
  /** 2 is finished; 0, 1 and 7 are not yet; all others are failures. */
  readonly operationState?: number | null;
  readonly sqlState?: string | null;
  readonly errorMessage?: string | null;
}

/** One column of a result: exactly one of the vectors is there. A set bit of `nulls` (lowest first) is a null. */
export type HiveColumn = Readonly<Record<string, { readonly values: readonly unknown[]; readonly nulls: Uint8Array } | null | undefined>>;

/** A column as the server describes it. */
export interface HiveColumnDescription {
  readonly columnName: string;
  readonly typeDesc: { readonly types: readonly { readonly primitiveEntry?: HivePrimitiveType | null }[] };
}

/** A type by its number in the protocol: `TTypeId`. */
export interface HivePrimitiveType {
  readonly type: number;
  /** `precision` and `scale` of decimals. */
  readonly typeQualifiers?: { readonly qualifiers: Readonly<Record<string, { readonly i32Value?: number | null }>> } | null;
}

/**
 * What the engine uses of a connection: `HiveDriver` of the package `hive-driver` fits, on a client that is connected.
 * The server answers the calls of one connection one after another.
 */
export interface HiveCalls {
  /** Opens a session with settings. */
  openSession(request: {
    readonly client_protocol: number;
    readonly username?: string;
    readonly password?: string;
    readonly configuration?: Readonly<Record<string, string>>;
  }): Promise<{ readonly status: HiveStatus; readonly sessionHandle: HiveHandle }>;
  /** Ends a session with all that runs in it. */
  closeSession(request: { readonly sessionHandle: HiveHandle }): Promise<{ readonly status: HiveStatus }>;
  /** Sends a statement; with `runAsync` before it has run. */
  executeStatement(request: { readonly sessionHandle: HiveHandle; readonly statement: string; readonly runAsync: boolean }): Promise<{ readonly status: HiveStatus; readonly operationHandle: HiveHandle }>;
  /** Where a statement is; the server may wait a while for it to end before it answers. */
  getOperationStatus(request: { readonly operationHandle: HiveHandle }): Promise<HiveOperationStatus>;
  /** The columns of a statement that has ended. */
  getResultSetMetadata(request: { readonly operationHandle: HiveHandle }): Promise<{ readonly status: HiveStatus; readonly schema?: { readonly columns: readonly HiveColumnDescription[] } | null }>;
  /** The next rows. */
  fetchResults(request: { readonly operationHandle: HiveHandle; readonly orientation: number; readonly maxRows: number }): Promise<{ readonly status: HiveStatus; readonly results?: { readonly columns?: readonly HiveColumn[] | null } | null }>;
  /** Cancels a statement; also of another connection's session. */
  cancelOperation(request: { readonly operationHandle: HiveHandle }): Promise<{ readonly status: HiveStatus }>;
  /** Lets the server forget a statement. */
  closeOperation(request: { readonly operationHandle: HiveHandle }): Promise<{ readonly status: HiveStatus }>;
}

/** A connection of its own, with nothing on it yet. */
export interface HiveSocket {
  readonly calls: HiveCalls;
  /** Rejects when the connection is lost; the driver leaves the calls that were under way unanswered. */
  readonly lost: Promise<never>;
  /** Cuts the connection. Safe to call twice. */
  cut(): void;
}

/** Opens a connection; stops trying, and leaves nothing open, when the signal aborts. */
export type OpenHiveSocket = (signal: AbortSignal) => Promise<HiveSocket>;

/** `TOperationState` of the protocol. */
export const HIVE_STATE = { initialized: 0, running: 1, finished: 2, canceled: 3, closed: 4, error: 5, unknown: 6, pending: 7, timedOut: 8 } as const;

/** `TTypeId` of the protocol, as far as results of Spark have them. */
export const HIVE_TYPE = {
  boolean: 0, tinyint: 1, smallint: 2, int: 3, bigint: 4, float: 5, double: 6, string: 7, timestamp: 8, binary: 9, array: 10, map: 11, struct: 12,
  decimal: 15, null: 16, date: 17, varchar: 18, char: 19,
} as const;

/** `TStatusCode` of calls that failed: error, and a handle that the server does not know. */
export const HIVE_FAILED: ReadonlySet<number> = new Set([3, 4]);
