import { FileSystemError } from "../errors/file-system-error.js";

/** Files whose name starts with this are being written: no listing shows them. */
export const TEMPORARY_PREFIX = "_tmp";

/**
 * Checks a path of a {@link FileSystem}: relative, `/` between parts, no empty part, `.` or `..`, no control character,
 * no backslash, no part that starts with `_tmp`. A folder may be "" (the root).
 *
 * @throws {FileSystemError} that is not retryable.
 */
export function checkFilePath(path: string, kind: "file" | "folder" = "file"): string {
  if (path === "" && kind === "folder") return path;
  for (const part of path.split("/")) {
    if (part === "" || part === "." || part === ".." || /[\u0000-\u001f\\]/.test(part) || part.startsWith(TEMPORARY_PREFIX)) {
      throw new FileSystemError(`using ${kind} path "${path}"`, {
        path,
        retryable: false,
        advice: `paths are relative, with "/" between parts, without empty parts, ".", "..", backslashes or control characters, and no part starts with "${TEMPORARY_PREFIX}"`,
      });
    }
  }
  return path;
}
