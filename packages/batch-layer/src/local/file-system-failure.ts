import { FileSystemError, MillraceError } from "@millrace/core";

/** System code -> can repeating help, and what a person can do. Unknown codes are not retryable. */
const KNOWN: Readonly<Record<string, { readonly retryable: boolean; readonly advice: string }>> = {
  ENOSPC: { retryable: true, advice: "free space on the disk" },
  EDQUOT: { retryable: true, advice: "raise the disk quota, or free space" },
  EFBIG: { retryable: false, advice: "the file system or a process limit (ulimit -f) does not take files of this size" },
  EACCES: { retryable: false, advice: "give this user the right to read and write the folder" },
  EPERM: { retryable: false, advice: "give this user the right to read and write the folder" },
  EROFS: { retryable: false, advice: "the file system is mounted read-only" },
  EMFILE: { retryable: true, advice: "raise the limit of open files (ulimit -n)" },
  ENFILE: { retryable: true, advice: "the system has too many open files" },
  EIO: { retryable: false, advice: "the disk reports an error: check it" },
  EBUSY: { retryable: true, advice: "another program has the file" },
  ENAMETOOLONG: { retryable: false, advice: "shorten the path" },
  EISDIR: { retryable: false, advice: "a folder of that name exists" },
  ENOTDIR: { retryable: false, advice: "a file exists where the path needs a folder" },
  ENOTEMPTY: { retryable: false, advice: "a folder of that name exists" },
};

export function systemCodeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** The disk's errors as ours. Errors of Millrace's own pass, and an aborted call fails with its signal's reason. */
export function fileSystemFailure(doing: string, path: string, error: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  const code = systemCodeOf(error);
  if (error instanceof MillraceError || code === undefined || !code.startsWith("E")) return error;
  const known = KNOWN[code];
  return new FileSystemError(doing, {
    path,
    retryable: known?.retryable ?? false,
    systemCode: code,
    cause: error,
    ...(known ? { advice: known.advice } : {}),
  });
}
