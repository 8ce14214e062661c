import { PassThrough } from "node:stream";
import { onAbort } from "@millrace/core";
import type { HdfsCalls, HdfsFileChecksum, HdfsStatus } from "./hdfs-calls.js";
import { hdfsFailure } from "./hdfs-failure.js";
import { statusOf, type RemoteStatus } from "./remote-status.js";
import type { WebHdfsClient, WebHdfsRequest } from "./web-hdfs-client.js";

/** The package says nothing of a block's size before there is a file. */
const BLOCK_BYTES = 128 * 2 ** 20;

/** The client's errors are texts: the exceptions that they were. */
const BY_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^File does not exist: |^File .* (?:not found|does not exist)\.|^rename source .* is not found/i, "FileNotFoundException"],
  [/already exists/i, "FileAlreadyExistsException"],
  [/permission denied/i, "AccessControlException"],
  [/^Invalid path name/i, "InvalidPathException"],
  [/webhdfs is not enabled/i, "HTTP 404"],
  // An answer that it does not know: 429, 502, 503, 504.
  [/^Unexpected redirect/, "HTTP 503"],
  [/^Unknown error/, "HTTP 500"],
];

/**
 * Calls through a client of `webhdfs`, which reports failed renames and deletes, and what a DataNode refused with 503, as
 * done: after each change its outcome is looked at. A call without an answer within `timeoutMs` fails; the client has no
 * deadlines.
 */
export function clientCalls(client: WebHdfsClient, timeoutMs: number): HdfsCalls {
  const failure = (doing: string, path: string, cause: unknown) => {
    const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
    const words = String(message);
    return hdfsFailure({ doing: `${doing} "${path}"`, path, message: words, cause, code: typeof code === "string" ? code : (BY_WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? "Error") });
  };

  /** `work` with the client's callback, a deadline and the signal. */
  const limited = <T>(doing: string, path: string, signal: AbortSignal, work: (done: (error: unknown, result?: T) => void) => unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        forget();
        then();
      };
      const give = (reason: unknown): void =>
        settle(() => {
          cut(request);
          reject(reason as Error);
        });
      const timer = setTimeout(() => give(failure(doing, path, Object.assign(new Error(`no answer for ${timeoutMs} ms`), { code: "TimedOut" }))), timeoutMs);
      const forget = onAbort(signal, () => give(signal.reason));
      const request = work((error, result) => settle(() => (error ? reject(failure(doing, path, error)) : resolve(result as T))));
    });

  const status = async (path: string, signal: AbortSignal): Promise<HdfsStatus | undefined> => {
    const found = await orMissing(limited<RemoteStatus>("looking at", path, signal, (done) => client.stat(encoded(path), done as never)));
    return found && statusOf(found);
  };

  const calls: HdfsCalls = {
    status,
    async create(path, content, attempt, signal) {
      const upload = await calls.upload(path, attempt, signal);
      if (content.length > 0) await upload.write(content);
      await upload.end();
    },
    async upload(path, _attempt, signal) {
      const source = new PassThrough();
      const request = client.createWriteStream(encoded(path), false, { overwrite: false });
      // `finish` also follows an error.
      let error: unknown;
      let isFinished = false;
      let told: (() => void) | undefined;
      const tell = (): void => told?.();
      request.on("error", (each: unknown) => {
        error ??= each;
        tell();
      });
      request.once("finish", () => {
        isFinished = true;
        tell();
      });
      source.pipe(request);
      const abort = (): void => {
        cut(request);
        source.destroy();
      };
      return {
        // The client holds on to what it is given.
        write: (chunk) =>
          limited("writing", path, signal, (done) => {
            told = () => done(error);
            if (error !== undefined) tell();
            else source.write(chunk.slice(), () => done(error));
          }),
        end: () =>
          limited("writing", path, signal, (done) => {
            told = () => (error !== undefined || isFinished) && done(error);
            source.end();
            tell();
            return request;
          }),
        abort,
      };
    },
    async read(path, onChunk, _attempt, signal) {
      const before = await status(path, signal);
      if (before === undefined || before.isFolder) return false;
      let bytes = 0;
      await limited<void>("reading", path, signal, (done) => {
        const request = client.createReadStream(encoded(path));
        let error: unknown;
        request.on("error", (each: unknown) => {
          error ??= each;
          done(error);
        });
        request.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          onChunk(chunk);
        });
        request.once("finish", () => done(error));
        return request;
      });
      if (bytes !== before.bytes) throw hdfsFailure({ doing: `reading "${path}"`, path, code: "ShortAnswer", message: `${bytes} of ${before.bytes} bytes came` });
      return true;
    },
    async checksum(path, _attempt, signal) {
      const body = await limited<{ readonly FileChecksum?: HdfsFileChecksum }>("asking for the checksum of", path, signal, (done) =>
        client._sendRequest("GET", client._getOperationEndpoint("GETFILECHECKSUM", encoded(path), {}), (error, _response, each) => done(error, each as never)),
      );
      if (body?.FileChecksum === undefined) throw hdfsFailure({ doing: `asking for the checksum of "${path}"`, path, code: "ShortAnswer", message: "the answer has none" });
      return body.FileChecksum;
    },
    async rename(from, to, overwrite, signal) {
      const sent = await status(from, signal);
      if (sent === undefined) return "missing";
      let answer: { readonly boolean?: boolean } | undefined;
      try {
        answer = await limited("renaming", from, signal, (done) =>
          client._sendRequest("PUT", client._getOperationEndpoint("RENAME", encoded(from), { destination: to, renameoptions: overwrite ? "OVERWRITE" : "NONE" }), (error, _response, body) => done(error, body as never)),
        );
      } catch (error) {
        const { systemCode } = error as { systemCode?: string };
        if (systemCode === "FileNotFoundException") return "missing";
        if (systemCode === "FileAlreadyExistsException" && !overwrite) return "exists";
        throw error;
      }
      if ((await status(from, signal)) === undefined) {
        const renamed = await status(to, signal);
        // Another writer may have replaced or removed it since; a folder was there before, and has the file in it now.
        if (renamed?.isFolder !== true) return "renamed";
        throw hdfsFailure({ doing: `renaming "${from}" to "${to}"`, path: to, code: "FileAlreadyExistsException" });
      }
      if (!overwrite && answer?.boolean === false && (await status(to, signal)) !== undefined) return "exists";
      throw hdfsFailure({
        doing: `renaming "${from}" to "${to}"`,
        path: to,
        code: "UnsupportedOperationException",
        message: "the server said that it was done, and it was not: HttpFS ignores `renameoptions`. Name the NameNode itself, or a gateway to it",
      });
    },
    async list(folder, signal) {
      const found = await orMissing(limited<readonly RemoteStatus[]>("listing", folder, signal, (done) => client.readdir(encoded(folder), done as never)));
      return found?.map(statusOf);
    },
    async remove(path, signal) {
      await orMissing(limited("removing", path, signal, (done) => client.unlink(encoded(path), true, done as never)));
      if ((await status(path, signal)) !== undefined) throw hdfsFailure({ doing: `removing "${path}"`, path, code: "ECONNRESET", message: "the server said that it was done, and it was not" });
    },
    blockBytes: () => Promise.resolve(BLOCK_BYTES),
    close() {},
  };
  return calls;
}

/** The client puts paths into addresses as they are. */
const encoded = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

/** Ends a request, where the client gave one. What comes of it is nobody's concern. */
function cut(request: unknown): void {
  const { abort, on } = (request ?? {}) as Partial<WebHdfsRequest>;
  on?.call(request, "error", () => {});
  abort?.call(request);
}

async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const { systemCode } = error as { systemCode?: string };
    if (systemCode === "FileNotFoundException" || systemCode === "ParentNotDirectoryException") return undefined;
    throw error;
  }
}
