import { MillraceError } from "@millrace/core";

/** Words for a person: what was being done, each cause, and what to do next. The stack only where `DEBUG` asks for it. */
export function describeError(error: unknown): string {
  const lines: string[] = [];
  const advice = new Set<string>();
  let indent = "";
  for (let current: unknown = error; current !== undefined; current = current instanceof Error ? current.cause : undefined) {
    const message = current instanceof Error ? current.message || current.name : String(current);
    lines.push(`${indent}${indent === "" ? "error" : "because"}: ${message}${current instanceof MillraceError ? ` [${current.code}]` : ""}`);
    if (current instanceof MillraceError && current.advice !== undefined) advice.add(current.advice);
    indent += "  ";
  }
  for (const text of advice) lines.push(`what to do: ${text}`);
  if (process.env["DEBUG"] && error instanceof Error && error.stack) lines.push(error.stack);
  return lines.join("\n");
}
