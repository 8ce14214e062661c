import { MillraceError } from "../errors/millrace-error.js";
import { KafkaError } from "./kafka-error.js";

interface CodeMeaning {
  readonly name: string;
  readonly retryable: boolean;
  readonly advice?: string;
}

const passes = (name: string): CodeMeaning => ({ name, retryable: true });
const stays = (name: string, advice?: string): CodeMeaning => ({ name, retryable: false, ...(advice === undefined ? {} : { advice }) });
const ALLOW = "grant the principal the operation: docs/guides/kafka.md lists what is needed";

// https://kafka.apache.org/protocol.html#protocol_error_codes, those that our requests can meet
const CODES: ReadonlyMap<number, CodeMeaning> = new Map([
  [1, stays("OFFSET_OUT_OF_RANGE")],
  [2, passes("CORRUPT_MESSAGE")],
  [3, passes("UNKNOWN_TOPIC_OR_PARTITION")],
  [5, passes("LEADER_NOT_AVAILABLE")],
  [6, passes("NOT_LEADER_OR_FOLLOWER")],
  [7, passes("REQUEST_TIMED_OUT")],
  [8, passes("BROKER_NOT_AVAILABLE")],
  [9, passes("REPLICA_NOT_AVAILABLE")],
  [10, stays("MESSAGE_TOO_LARGE", "raise max.message.bytes of the topic, or write smaller records")],
  [13, passes("NETWORK_EXCEPTION")],
  [14, passes("COORDINATOR_LOAD_IN_PROGRESS")],
  [15, passes("COORDINATOR_NOT_AVAILABLE")],
  [16, passes("NOT_COORDINATOR")],
  [17, stays("INVALID_TOPIC_EXCEPTION")],
  [18, stays("RECORD_LIST_TOO_LARGE", "raise segment.bytes of the topic, or write smaller records")],
  [19, passes("NOT_ENOUGH_REPLICAS")],
  [20, passes("NOT_ENOUGH_REPLICAS_AFTER_APPEND")],
  [29, stays("TOPIC_AUTHORIZATION_FAILED", ALLOW)],
  [30, stays("GROUP_AUTHORIZATION_FAILED", ALLOW)],
  [31, stays("CLUSTER_AUTHORIZATION_FAILED", ALLOW)],
  [35, stays("UNSUPPORTED_VERSION", "the adapter needs brokers of Kafka 3.1 or later")],
  [37, stays("INVALID_PARTITIONS")],
  [38, stays("INVALID_REPLICATION_FACTOR", "ask for as many replicas as there are brokers, or fewer")],
  [40, stays("INVALID_CONFIG", "correct topicSettings")],
  [41, passes("NOT_CONTROLLER")],
  [44, stays("POLICY_VIOLATION")],
  [45, stays("OUT_OF_ORDER_SEQUENCE_NUMBER")],
  [46, stays("DUPLICATE_SEQUENCE_NUMBER")],
  [47, stays("INVALID_PRODUCER_EPOCH")],
  [48, stays("INVALID_TXN_STATE")],
  [49, stays("INVALID_PRODUCER_ID_MAPPING")],
  [51, passes("CONCURRENT_TRANSACTIONS")],
  [53, stays("TRANSACTIONAL_ID_AUTHORIZATION_FAILED", ALLOW)],
  [56, passes("KAFKA_STORAGE_ERROR")],
  [59, stays("UNKNOWN_PRODUCER_ID")],
  [74, passes("FENCED_LEADER_EPOCH")],
  [75, passes("UNKNOWN_LEADER_EPOCH")],
  [76, stays("UNSUPPORTED_COMPRESSION_TYPE")],
  [78, passes("OFFSET_NOT_AVAILABLE")],
  [89, passes("THROTTLING_QUOTA_EXCEEDED")],
  [90, stays("PRODUCER_FENCED")],
  [100, passes("UNKNOWN_TOPIC_ID")],
  [103, passes("INCONSISTENT_TOPIC_ID")],
]);

/** The error that an answer's code stands for. A code that is not in the table is not retryable. */
export function brokerRefusal(doing: string, code: number): KafkaError {
  const { name, retryable, advice } = CODES.get(code) ?? { name: `code ${code}`, retryable: false };
  return new KafkaError(doing, `the broker answered ${name}`, { retryable, kafkaCode: name, ...(advice === undefined ? {} : { advice }) });
}

/** Fields of the errors that kafkajs throws. */
interface KafkajsError {
  readonly name?: unknown;
  readonly message?: unknown;
  /** The protocol's name of the error. */
  readonly type?: unknown;
  readonly code?: unknown;
  readonly retriable?: unknown;
  readonly cause?: unknown;
  /** Several in one, of createTopics. */
  readonly errors?: readonly unknown[];
}

const CONNECTION_ERRORS = new Set([
  "KafkaJSConnectionError",
  "KafkaJSConnectionClosedError",
  "KafkaJSRequestTimeoutError",
  "KafkaJSBrokerNotFound",
  "KafkaJSMetadataNotLoaded",
  "KafkaJSTopicMetadataNotLoaded",
  "KafkaJSLockTimeout",
  "KafkaJSNoBrokerAvailableError",
  "KafkaJSGroupCoordinatorNotFound",
]);

/** An error of kafkajs as one of ours. Errors of Millrace's own pass. */
export function kafkajsFailure(doing: string, error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  const root = rootOf(error as KafkajsError);
  const message = typeof root.message === "string" ? root.message : String(error);
  if (root.name === "KafkaJSSASLAuthenticationError") {
    return new KafkaError(doing, message, { retryable: false, kafkaCode: "SASL_AUTHENTICATION_FAILED", cause: error, advice: "check mechanism, user and password of `sasl`" });
  }
  if (typeof root.type === "string" && typeof root.code === "number") {
    // Codes that kafkajs does not know are in its words alone.
    const known = CODES.get(root.type === "KAFKAJS_UNKNOWN_ERROR_CODE" ? Number(/-?\d+$/.exec(message)?.[0]) : root.code);
    return new KafkaError(doing, `the broker answered ${known?.name ?? root.type}`, {
      retryable: known?.retryable ?? false,
      kafkaCode: known?.name ?? root.type,
      cause: error,
      ...(known?.advice === undefined ? {} : { advice: known.advice }),
    });
  }
  const away = typeof root.name === "string" && CONNECTION_ERRORS.has(root.name);
  return new KafkaError(doing, message, { retryable: away, cause: error });
}

/** "Number of retries exceeded" and the like say what happened only in what they wrap. */
function rootOf(error: KafkajsError): KafkajsError {
  let root = error;
  for (let depth = 0; depth < 5; depth++) {
    const inner = root.errors?.[0] ?? (root.type === undefined ? root.cause : undefined);
    if (!(inner instanceof Error)) return root;
    root = inner as unknown as KafkajsError;
  }
  return root;
}
