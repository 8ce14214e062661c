import { FileSystemError } from "@millrace/core";

/** What a server or the network said. */
export interface HdfsRefusal {
  /** What was being done: `renaming "/a" at nn1:9870`. */
  readonly doing: string;
  readonly path: string;
  /** The Java class of the exception without its package, a system code (`ECONNREFUSED`), or `HTTP 503`. */
  readonly code: string;
  /** The server's own words, of any length. */
  readonly message?: string | undefined;
  readonly cause?: unknown;
}

interface Known {
  readonly retryable: boolean;
  readonly advice?: string;
}

const AWAY = "is the server up, and can its name and port be reached from here?";
const GATEWAY: Known = { retryable: true, advice: "the server or a gateway before it is overloaded or starting" };
const SIGN_IN: Known = { retryable: false, advice: "give `delegationToken`, or `headers` that sign requests for a gateway (Kerberos)" };
const LEASE: Known = { retryable: true, advice: "another writer has the file open, or died a moment ago" };
const QUOTA: Known = { retryable: true, advice: "raise the folder's quota, or prune old generations" };

/** Of a DataNode, mostly, which asks the NameNode in the middle of a write. */
const BETWEEN: Known = { retryable: true, advice: "one server of HDFS did not reach another: it stopped, or is starting" };

/** Code -> can repeating help, and what a person can do. Unknown codes are not retryable. */
const KNOWN: Readonly<Record<string, Known>> = {
  StandbyException: { retryable: true, advice: "no NameNode is active now: name all of them in `nameNodes`, and look at their state (hdfs haadmin -getAllServiceState)" },
  RetriableException: { retryable: true, advice: "the NameNode is starting" },
  SafeModeException: { retryable: true, advice: "the NameNode takes no writes in safe mode: it leaves it when enough DataNodes have reported; one that an operator began ends with: hdfs dfsadmin -safemode leave" },
  ServerTooBusyException: GATEWAY,
  NoDataNode: { retryable: true, advice: "no DataNode takes or has the data: are they up (hdfs dfsadmin -report), with free disk space?" },
  BlockMissingException: { retryable: true, advice: "no DataNode that has the file's blocks is up (hdfs fsck <path>)" },
  CannotObtainBlockLengthException: { retryable: false, advice: "the file was never finished, its writer died: hdfs debug recoverLease -path <path>, or remove it" },
  AlreadyBeingCreatedException: LEASE,
  LeaseExpiredException: LEASE,
  RecoveryInProgressException: LEASE,
  AccessControlException: { retryable: false, advice: "give this user the right to read and write the root folder (hdfs dfs -chown), or set `user`" },
  AuthenticationException: SIGN_IN,
  SecurityException: SIGN_IN,
  InvalidToken: { retryable: false, advice: "the delegation token is expired or of another cluster: give `delegationToken` a function that gets a fresh one" },
  FileAlreadyExistsException: { retryable: false, advice: "a folder of that name exists" },
  ParentNotDirectoryException: { retryable: false, advice: "a file exists where the path needs a folder" },
  InvalidPathException: { retryable: false, advice: `names in HDFS may not hold ":"` },
  PathComponentTooLongException: { retryable: false, advice: "shorten the path" },
  QuotaExceededException: QUOTA,
  NSQuotaExceededException: QUOTA,
  DSQuotaExceededException: QUOTA,
  EOFException: BETWEEN,
  ClosedChannelException: BETWEEN,
  ConnectException: BETWEEN,
  ConnectTimeoutException: BETWEEN,
  NoRouteToHostException: BETWEEN,
  SocketException: BETWEEN,
  SocketTimeoutException: BETWEEN,
  UnknownHostException: { retryable: false, advice: "a server does not know the name of another" },
  "HTTP 401": SIGN_IN,
  "HTTP 404": { retryable: false, advice: "no WebHDFS at that address: check `nameNodes` (the HTTP port, 9870 or 50070 and not 8020), and dfs.webhdfs.enabled" },
  "HTTP 429": GATEWAY,
  "HTTP 500": { retryable: true, advice: "the server's log says more" },
  "HTTP 502": GATEWAY,
  "HTTP 503": GATEWAY,
  "HTTP 504": GATEWAY,
  ECONNREFUSED: { retryable: true, advice: AWAY },
  ECONNRESET: { retryable: true, advice: "the server ended the connection: it stopped, or the connection was cut" },
  EPIPE: { retryable: true, advice: "the server ended the connection: it stopped, or the connection was cut" },
  ETIMEDOUT: { retryable: true, advice: AWAY },
  EHOSTUNREACH: { retryable: true, advice: AWAY },
  ENETUNREACH: { retryable: true, advice: AWAY },
  EAI_AGAIN: { retryable: true, advice: "the name service does not answer" },
  ENOTFOUND: { retryable: false, advice: "nobody knows that host name from here. If it is a DataNode's, map it with `redirect`" },
  HPE_INVALID_CONSTANT: { retryable: false, advice: "that is no HTTP port: WebHDFS is at dfs.namenode.http-address, 9870 by default" },
  TimedOut: { retryable: true, advice: "the server is there but does not answer; raise `timeoutMs` if it is only slow" },
  ShortAnswer: { retryable: true },
  Changed: { retryable: true, advice: "what the server keeps is not what was sent" },
};

/** Exceptions whose class says less than their words. */
const BY_WORDS: readonly (readonly [RegExp, string])[] = [
  [/Failed to find datanode|No active .*nodes contain this block|could only be (?:written|replicated) to \d+|All datanodes .* are bad|Unable to close file because the last block/i, "NoDataNode"],
  [/not supported in state standby|StandbyException/i, "StandbyException"],
  [/in safe mode/i, "SafeModeException"],
  [/\(is not a directory\)/, "ParentNotDirectoryException"],
  [/token .*(?:expired|can't be found in cache)/i, "InvalidToken"],
];

/** A refusal as an error of ours: what was being done, the server's words without its stack, and what to do. */
export function hdfsFailure({ doing, path, code, message, cause }: HdfsRefusal): FileSystemError {
  const words = message === undefined ? "" : firstLine(message);
  const systemCode = BY_WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? code;
  const known = KNOWN[systemCode] ?? (code.startsWith("HTTP 5") ? GATEWAY : undefined);
  return new FileSystemError(words === "" ? doing : `${doing}: ${words}`, {
    path,
    systemCode,
    retryable: known?.retryable ?? false,
    ...(known?.advice === undefined ? {} : { advice: known.advice }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Java puts its stack into messages. */
const firstLine = (message: string): string => message.split("\n", 1)[0]!.trim();
