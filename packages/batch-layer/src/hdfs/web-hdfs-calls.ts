import http from "node:http";
import https from "node:https";
import type { HdfsAttempt, HdfsCalls, HdfsFileChecksum, HdfsStatus, HdfsUpload } from "./hdfs-calls.js";
import { hdfsFailure } from "./hdfs-failure.js";
import { HttpExchange, type HttpAnswer } from "./http-exchange.js";
import { statusOf, type RemoteStatus } from "./remote-status.js";

/** A request that is about to be sent to a NameNode or gateway, for those who sign it. */
export interface HdfsHttpRequest {
  readonly method: string;
  readonly url: URL;
}

/** How servers are reached. */
export interface WebHdfsOptions {
  /**
   * The NameNodes' HTTP addresses, or those of gateways and HttpFS servers: `nn1.example:9870`, `https://nn1.example:9871`,
   * `https://knox.example:8443/gateway/default`. One is active at a time; which, is found out.
   */
  readonly nameNodes: readonly string[];
  /** `user.name`, for clusters without Kerberos. Default: none is sent, the server then takes its own (`dr.who`). */
  readonly user?: string;
  /** Takes the place of `user`. A function is asked before each request, so that it can renew the token: let it remember one. */
  readonly delegationToken?: string | ((signal: AbortSignal) => string | Promise<string>);
  /**
   * Headers of requests to `nameNodes`: `Authorization: Negotiate ...` for Kerberos, a cookie, Basic for a gateway. Asked
   * before each. Not sent to DataNodes, whose addresses carry what they need.
   */
  readonly headers?: (request: HdfsHttpRequest, signal: AbortSignal) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** Where a DataNode is reached that the NameNode names otherwise: other host names inside a container or behind a tunnel. */
  readonly redirect?: (location: URL) => URL;
  /** For `https`: certificates and the like. */
  readonly tls?: https.AgentOptions;
  /** A request fails when no byte moves for so long. Default 60,000. */
  readonly timeoutMs?: number;
  /** Blocks are written to the DataNodes' disks before a file counts as written. Default true. HttpFS ignores it. */
  readonly sync?: boolean;
}

interface Call {
  readonly method: "GET" | "PUT" | "DELETE";
  readonly op: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** What is being done, for messages: `renaming`. */
  readonly doing: string;
  readonly attempt?: HdfsAttempt;
  readonly onChunk?: (chunk: Uint8Array) => void;
}

const MIB = 2 ** 20;
/** `dfs.blocksize` of a cluster that says nothing. */
const DEFAULT_BLOCK_BYTES = 128 * MIB;
/** What is not sent is not kept alive for longer: DataNodes and gateways close idle connections after some seconds. */
const IDLE_SOCKETS = 16;

/** Calls over WebHDFS. A NameNode that is on stand-by or away is left for the next one. */
export function webHdfsCalls(options: WebHdfsOptions): HdfsCalls {
  const { user, delegationToken, headers, redirect = (location) => location, tls = {}, timeoutMs = 60_000, sync = true } = options;
  const nameNodes = options.nameNodes.map(serverAddress);
  const agents = { "http:": new http.Agent({ keepAlive: true, maxFreeSockets: IDLE_SOCKETS }), "https:": new https.Agent({ keepAlive: true, maxFreeSockets: IDLE_SOCKETS, ...tls }) };
  let active = 0;
  let isBatchListed = true;
  let blockBytes: number | undefined;

  /** The next NameNode, unless another call has left this one already. */
  const leave = (index: number): void => {
    if (active === index) active = (index + 1) % nameNodes.length;
  };

  const begin = async ({ method, onChunk }: Pick<Call, "method" | "onChunk">, url: URL, body: boolean, signal: AbortSignal): Promise<HttpExchange> => {
    const isNameNode = nameNodes.some((each) => each.origin === url.origin);
    const signed = isNameNode && headers ? await headers({ method, url }, signal) : {};
    signal.throwIfAborted();
    const agent = url.protocol === "https:" ? agents["https:"] : agents["http:"];
    return new HttpExchange({ method, url, headers: { ...(body ? { "content-type": "application/octet-stream" } : {}), ...signed }, agent, silenceMs: timeoutMs, onChunk }, signal);
  };

  const exchange = async (call: Call, url: URL, signal: AbortSignal): Promise<HttpAnswer> => {
    try {
      const started = await begin(call, url, false, signal);
      started.end();
      return await started.answer;
    } catch (cause) {
      throw unanswered(call, url, cause, signal);
    }
  };

  const urlOf = async ({ op, path, query = {}, attempt }: Call, index: number, signal: AbortSignal): Promise<URL> => {
    const url = new URL(nameNodes[index]!);
    url.pathname = `${url.pathname.replace(/\/$/, "")}/webhdfs/v1${path.split("/").map(encodeURIComponent).join("/")}`;
    const parameters = new URLSearchParams({ op, ...query });
    if (delegationToken !== undefined) parameters.set("delegation", typeof delegationToken === "string" ? delegationToken : await delegationToken(signal));
    else if (user !== undefined) parameters.set("user.name", user);
    if (attempt && attempt.excluded.size > 0) parameters.set("excludedatanodes", [...attempt.excluded].join(","));
    // A "+" in a query is a blank to some servers and a plus to others.
    url.search = parameters.toString().replaceAll("+", "%20");
    return url;
  };

  /** Asks the active NameNode: an answer that is no refusal. */
  const ask = async (call: Call, signal: AbortSignal): Promise<HttpAnswer> => {
    const index = active;
    const url = await urlOf(call, index, signal);
    let answer: HttpAnswer;
    try {
      answer = await exchange(call, url, signal);
    } catch (error) {
      if (!signal.aborted) leave(index);
      throw error;
    }
    if (answer.status < 400) return answer;
    const failure = refusal(call, url, answer);
    if (failure.systemCode === "StandbyException" || failure.systemCode === "RetriableException" || (failure.retryable && answer.status >= 500)) leave(index);
    // There may be no other: then those that failed are as good as any.
    if (failure.systemCode === "NoDataNode") call.attempt?.excluded.clear();
    throw failure;
  };

  /** Asks the NameNode, and the DataNode that it names; HttpFS answers itself. */
  const askData = async (call: Call, signal: AbortSignal): Promise<HttpAnswer> => {
    const first = await ask(call, signal);
    const target = redirection(first, redirect);
    if (target === undefined) return first;
    return visiting(call, target, async () => {
      const answer = await exchange(call, target, signal);
      if (answer.status >= 300) throw refusal(call, target, answer);
      return answer;
    });
  };

  const json = async (call: Call, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> => {
    const { body, status } = await askData(call, signal);
    try {
      return JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
    } catch (cause) {
      throw hdfsFailure({ doing: `${call.doing} "${call.path}"`, path: call.path, code: `HTTP ${status}`, message: "the answer is not JSON", cause });
    }
  };

  const beginUpload = async (path: string, attempt: HdfsAttempt, signal: AbortSignal): Promise<HdfsUpload> => {
    // A new name each: what an attempt before left behind, or does later, is not in the way.
    const flags: Readonly<Record<string, string>> = sync ? { createflag: "CREATE,SYNC_BLOCK" } : {};
    const call: Call = { method: "PUT", op: "CREATE", path, query: { overwrite: "false", ...flags }, doing: "creating", attempt };
    const first = await ask(call, signal);
    const target = redirection(first, redirect);
    if (target === undefined) throw hdfsFailure({ doing: `creating "${path}"`, path, code: `HTTP ${first.status}`, message: "the server took a file without its content: it does not speak WebHDFS" });
    const at = <T>(work: () => Promise<T>): Promise<T> =>
      visiting(call, target, async () => {
        try {
          return await work();
        } catch (cause) {
          throw unanswered(call, target, cause, signal);
        }
      });
    const started = await at(() => begin(call, target, true, signal));
    const answered = async (): Promise<void> => {
      const answer = await at(() => started.answer);
      await visiting(call, target, async () => {
        if (answer.status !== 201 && answer.status !== 200) throw refusal(call, target, answer);
      });
    };
    return {
      async write(chunk) {
        await at(() => started.write(chunk));
        // An answer before the end is a refusal.
        if (started.isAnswered) await answered();
      },
      async end() {
        started.end();
        await answered();
      },
      abort: () => started.cut(new Error("the file is not wanted any more")),
    };
  };

  const listPage = async (folder: string, after: string, signal: AbortSignal): Promise<{ readonly page: readonly HdfsStatus[]; readonly more: boolean }> => {
    // The documented name is `startAfter`. NameNodes (3.5.0) know the parameter only in lower case, HttpFS only as documented.
    const query: Readonly<Record<string, string>> = after === "" ? {} : { startAfter: after, startafter: after };
    const answer = await json({ method: "GET", op: "LISTSTATUS_BATCH", path: folder, query, doing: "listing" }, signal);
    const { partialListing, remainingEntries } = answer["DirectoryListing"] as { readonly partialListing: { readonly FileStatuses: { readonly FileStatus: readonly RemoteStatus[] } }; readonly remainingEntries: number };
    const page = partialListing.FileStatuses.FileStatus.map(statusOf);
    if (after !== "" && page.some(({ name }) => name === after)) {
      throw hdfsFailure({ doing: `listing "${folder}"`, path: folder, code: "HTTP 200", message: `the server began again instead of going on after "${after}"` });
    }
    return { page, more: remainingEntries > 0 };
  };

  return {
    async create(path, content, attempt, signal) {
      const upload = await beginUpload(path, attempt, signal);
      if (content.length > 0) await upload.write(content);
      await upload.end();
    },
    upload: beginUpload,
    async read(path, onChunk, attempt, signal) {
      return (await orMissing(askData({ method: "GET", op: "OPEN", path, doing: "reading", attempt, onChunk }, signal))) !== undefined;
    },
    async status(path, signal) {
      const answer = await orMissing(json({ method: "GET", op: "GETFILESTATUS", path, doing: "looking at" }, signal));
      return answer && statusOf(answer["FileStatus"] as RemoteStatus);
    },
    async checksum(path, attempt, signal) {
      const answer = await json({ method: "GET", op: "GETFILECHECKSUM", path, doing: "asking for the checksum of", attempt }, signal);
      return answer["FileChecksum"] as HdfsFileChecksum;
    },
    async rename(from, to, overwrite, signal) {
      const call: Call = { method: "PUT", op: "RENAME", path: from, query: { destination: to, renameoptions: overwrite ? "OVERWRITE" : "NONE" }, doing: `renaming to "${to}"` };
      let answer: HttpAnswer;
      try {
        answer = await ask(call, signal);
      } catch (error) {
        const code = codeOf(error);
        if (code === "FileNotFoundException") return "missing";
        if (code === "FileAlreadyExistsException" && !overwrite) return "exists";
        throw error;
      }
      // A NameNode that knows `renameoptions` answers nothing or throws. A boolean is from one that ignores them: HttpFS.
      if (answer.body.length === 0 || isTrue(answer)) return "renamed";
      if (!overwrite) return "exists";
      throw hdfsFailure({
        doing: `renaming "${from}" to "${to}"`,
        path: to,
        code: "UnsupportedOperationException",
        message: "the server does not rename over an existing file: HttpFS ignores `renameoptions`. Name the NameNodes themselves, or a gateway to them",
      });
    },
    async list(folder, signal) {
      if (isBatchListed) {
        try {
          const found: HdfsStatus[] = [];
          for (let after = "", more = true; more; ) {
            const answer = await orMissing(listPage(folder, after, signal));
            // Gone meanwhile: what was in it is gone too.
            if (answer === undefined) return undefined;
            found.push(...answer.page);
            more = answer.more && answer.page.length > 0;
            after = found.at(-1)?.name ?? "";
          }
          return found;
        } catch (error) {
          // Hadoop 2 does not know the call.
          if (codeOf(error) !== "IllegalArgumentException" && codeOf(error) !== "QueryParamException") throw error;
          isBatchListed = false;
        }
      }
      const answer = await orMissing(json({ method: "GET", op: "LISTSTATUS", path: folder, doing: "listing" }, signal));
      return answer && (answer["FileStatuses"] as { readonly FileStatus: readonly RemoteStatus[] }).FileStatus.map(statusOf);
    },
    async remove(path, signal) {
      const answer = await orMissing(ask({ method: "DELETE", op: "DELETE", path, query: { recursive: "true" }, doing: "removing" }, signal));
      if (answer === undefined || isTrue(answer)) return;
      // False is for what is not there, but not only.
      const left = await orMissing(json({ method: "GET", op: "GETFILESTATUS", path, doing: "looking at" }, signal));
      if (left !== undefined) throw hdfsFailure({ doing: `removing "${path}"`, path, code: "ECONNRESET", message: "the server did not remove it and gave no reason" });
    },
    async blockBytes(signal) {
      if (blockBytes === undefined) {
        try {
          const defaults = (await json({ method: "GET", op: "GETSERVERDEFAULTS", path: "/", doing: "asking for the defaults of" }, signal))["FsServerDefaults"] as { readonly blockSize?: unknown } | undefined;
          blockBytes = typeof defaults?.blockSize === "number" ? defaults.blockSize : DEFAULT_BLOCK_BYTES;
        } catch (error) {
          // Older servers do not know the call; the status of the file will tell.
          if (!["IllegalArgumentException", "QueryParamException", "UnsupportedOperationException"].includes(codeOf(error) ?? "")) throw error;
          blockBytes = DEFAULT_BLOCK_BYTES;
        }
      }
      return blockBytes;
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** `nn1:9870` or a URL, which may have a path. */
export function serverAddress(text: string): URL {
  const url = new URL(/^https?:\/\//.test(text) ? text : `http://${text}`);
  if (url.search !== "" || url.hash !== "") throw new RangeError(`reading HDFS address "${text}": it is host:port, or http(s)://host:port/path`);
  return url;
}

const isTrue = ({ body }: HttpAnswer): boolean => /^\s*\{\s*"boolean"\s*:\s*true\s*\}\s*$/.test(body.toString());

function redirection({ status, location }: HttpAnswer, redirect: (location: URL) => URL): URL | undefined {
  return status >= 300 && location !== undefined ? redirect(new URL(location)) : undefined;
}

/** Remembers a DataNode that failed, unless the failure is about the file. */
async function visiting<T>({ attempt }: Pick<Call, "attempt">, { hostname }: URL, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as { retryable?: unknown }).retryable === true) attempt?.excluded.add(hostname);
    throw error;
  }
}

const codeOf = (error: unknown): string | undefined => (error as { systemCode?: string }).systemCode;

/** Undefined for what failed because there is no such file. */
async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === "FileNotFoundException") return undefined;
    // Below a file there is nothing.
    if (codeOf(error) === "ParentNotDirectoryException") return undefined;
    throw error;
  }
}

function unanswered({ doing, path }: Call, { host }: URL, cause: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  if (!(cause instanceof Error) || typeof code !== "string" || "retryable" in cause) return cause;
  return hdfsFailure({ doing: `${doing} "${path}" at ${host}`, path, code, message: String(message), cause });
}

/** What an answer of status 300 or more means. */
function refusal({ doing, path }: Call, { host }: URL, { status, body }: HttpAnswer) {
  const text = body.toString();
  let exception: { readonly exception?: string; readonly message?: string } | undefined;
  try {
    exception = (JSON.parse(text) as { readonly RemoteException?: typeof exception }).RemoteException;
  } catch {
    // A gateway's page.
  }
  return hdfsFailure({ doing: `${doing} "${path}" at ${host}`, path, code: exception?.exception ?? `HTTP ${status}`, message: exception?.message ?? "" });
}
