import { MillraceError } from "@millrace/core/errors";

/** Words for a person: what was being done, each cause, and what to do next. */
export function describeError(error: unknown): string {
  const lines: string[] = [];
  for (let current = error, depth = 0; current !== undefined; current = current instanceof Error ? current.cause : undefined, depth++) {
    const message = current instanceof Error ? current.message || current.name : String(current);
    lines.push(`${"  ".repeat(depth)}${depth === 0 ? "error" : "because"}: ${message}`);
    if (current instanceof MillraceError && current.advice !== undefined) lines.push(`what to do: ${current.advice}`);
  }
  return lines.join("\n");
}
