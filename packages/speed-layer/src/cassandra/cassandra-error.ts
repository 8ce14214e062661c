import { MillraceError } from "@millrace/core";

/**
 * Why a request failed.
 *
 * - `unreachable`: no node answered. `unavailable`: too few replicas are up for the consistency that is needed.
 * - `timeout`: no answer in time. A write may have happened; repeating it changes nothing, because it carries its timestamp.
 * - `overloaded`: a node refused or failed for now.
 * - `authentication`, `permission`: the credentials, or what they may do.
 * - `missing-keyspace`, `missing-table`, `schema`: what the views need is not there, or is something else.
 * - `invalid`: Cassandra will never take the request.
 */
export type CassandraFailure =
  | "unreachable"
  | "unavailable"
  | "timeout"
  | "overloaded"
  | "authentication"
  | "permission"
  | "missing-keyspace"
  | "missing-table"
  | "schema"
  | "invalid";

const RETRYABLE: ReadonlySet<CassandraFailure> = new Set<CassandraFailure>(["unreachable", "unavailable", "timeout", "overloaded"]);

/**
 * A request to Cassandra failed. Retryable where the same request can succeed later; every request of the adapter may be
 * repeated. A table that one node does not know may be one that it has not heard of yet, so that is retryable too, other than
 * a table that is not in the schema.
 */
export class CassandraError extends MillraceError {
  readonly code = "CASSANDRA";
  readonly retryable: boolean;
  readonly failure: CassandraFailure;

  /** `doing` is what was attempted, in lower case; `why` what happened. */
  constructor(doing: string, failure: CassandraFailure, why: string, info: { readonly cause?: unknown; readonly advice?: string; readonly retryable?: boolean } = {}) {
    super(`${doing}: ${why}`, info);
    this.failure = failure;
    this.retryable = info.retryable ?? RETRYABLE.has(failure);
  }
}

/** What a client threw, as an error that says what it means. Errors of Millrace's own stay as they are. */
export function cassandraErrorOf(doing: string, cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const { failure, why, advice, retryable } = meaningOf(cause);
  return new CassandraError(doing, failure, why, { cause, ...(advice === undefined ? {} : { advice }), ...(retryable === undefined ? {} : { retryable }) });
}

interface Meaning {
  readonly failure: CassandraFailure;
  readonly why: string;
  readonly advice?: string;
  readonly retryable?: boolean;
}

/** Fields of the driver's errors. Read by name: several copies of a package have several classes. */
interface DriverError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly innerErrors?: Readonly<Record<string, unknown>>;
  readonly required?: number;
  readonly alive?: number;
  readonly received?: number;
  readonly blockFor?: number;
}

const CREDENTIALS: Omit<Meaning, "why"> = { failure: "authentication", advice: "check `credentials` of the Cassandra platform" };
/** What a node answers that has not heard of a change of the schema yet, for example one that stood still. */
const UNKNOWN_TO_NODE = { advice: "create what the views need: millrace ddl --apply", retryable: true };

function meaningOf(cause: unknown): Meaning {
  const error = (typeof cause === "object" && cause !== null ? cause : {}) as DriverError;
  const message = error.message ?? String(cause);
  switch (error.name) {
    case "NoHostAvailableError":
      return ofAllHosts(Object.entries(error.innerErrors ?? {}), message);
    case "AuthenticationError":
      return { ...CREDENTIALS, why: message };
    case "OperationTimedOutError":
      return { failure: "timeout", why: message };
    case "BusyConnectionError":
      return { failure: "overloaded", why: message };
    case "ResponseError":
      return ofResponse(error, message);
    case "TypeError":
    case "RangeError":
    case "ArgumentError":
    case "NotSupportedError":
      return { failure: "invalid", why: message };
    default:
      // What is no answer of a node is its connection's failure.
      return { failure: "unreachable", why: message };
  }
}

/** What the nodes tried had to say: an answer tells more than a broken connection. */
function ofAllHosts(inner: readonly (readonly [string, unknown])[], message: string): Meaning {
  const meanings = inner.map(([, error]) => meaningOf(error));
  const told = meanings.find(({ failure }) => failure !== "unreachable");
  if (told !== undefined) return told;
  const [first] = inner;
  const hosts = inner.map(([host]) => host).join(", ");
  return {
    failure: "unreachable",
    why: first === undefined ? message : `no node answered (${hosts}): ${(first[1] as Error | undefined)?.message ?? String(first[1])}`,
    advice: "check `contactPoints`, `port` and `localDataCenter`, and that Cassandra runs",
  };
}

/** Codes of Cassandra's binary protocol, section 9. */
function ofResponse(error: DriverError, message: string): Meaning {
  switch (error.code) {
    case 0x0100:
      return { ...CREDENTIALS, why: message };
    case 0x1000:
      return {
        failure: "unavailable",
        why: error.required === undefined ? message : `${error.required} replicas are needed, ${error.alive ?? 0} are up`,
        advice: "bring the replicas back; writes wait until then",
      };
    case 0x1100:
    case 0x1200:
      return { failure: "timeout", why: error.blockFor === undefined ? message : `${error.received ?? 0} of ${error.blockFor} replicas answered in time` };
    case 0x0000:
    case 0x1001:
    case 0x1002:
    case 0x1003:
    case 0x1300:
    case 0x1500:
      return { failure: "overloaded", why: message };
    case 0x2100:
      return { failure: "permission", why: message, advice: "grant the role SELECT and MODIFY on the keyspace, and CREATE and ALTER where it is to create tables" };
    case 0x2200:
      if (/keyspace .* does not exist/i.test(message)) return { failure: "missing-keyspace", why: message, ...UNKNOWN_TO_NODE };
      if (/unconfigured table|table .* does not exist|unknown keyspace\/cf/i.test(message)) return { failure: "missing-table", why: message, ...UNKNOWN_TO_NODE };
      if (/undefined column|unknown identifier/i.test(message)) return { failure: "schema", why: message, ...UNKNOWN_TO_NODE };
      return { failure: "invalid", why: message };
    default:
      return { failure: "invalid", why: message };
  }
}
