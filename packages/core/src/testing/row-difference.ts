import assert from "node:assert/strict";

/** Rows shown of each kind. */
const SHOWN = 2;

/** Fails with a sentence that counts what is missing, repeated and foreign when `found`, in any order, is not `expected`. */
export function assertSameRows(found: readonly unknown[], expected: readonly unknown[], when: string): void {
  const order = (all: readonly unknown[]): unknown[] => [...all].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  const [have, want] = [order(found), order(expected)];
  try {
    assert.deepEqual(have, want);
  } catch (cause) {
    const said = differences(have, want);
    throw new assert.AssertionError({
      message: `${when}, the destination holds ${rows(found.length)} where ${rows(expected.length)} belong${said === "" ? `, of other types: ${(cause as Error).message}` : `: ${said}`}`,
      actual: have,
      expected: want,
    });
  }
}

function differences(found: readonly unknown[], expected: readonly unknown[]): string {
  const counts = new Map<string, number>();
  for (const row of expected) counts.set(textOf(row), (counts.get(textOf(row)) ?? 0) - 1);
  const belongs = new Set(counts.keys());
  for (const row of found) counts.set(textOf(row), (counts.get(textOf(row)) ?? 0) + 1);
  const all = [...counts];
  const kinds = [
    ["missing", all.filter(([, count]) => count < 0)],
    ["there more than once", all.filter(([text, count]) => count > 0 && belongs.has(text))],
    ["there that nobody wrote", all.filter(([text, count]) => count > 0 && !belongs.has(text))],
  ] as const;
  return kinds
    .filter(([, some]) => some.length > 0)
    .map(([kind, some]) => `${some.length} ${some.length === 1 ? "is" : "are"} ${kind} (${some.slice(0, SHOWN).map(([text]) => excerpt(text)).join(", ")}${some.length > SHOWN ? ", ..." : ""})`)
    .join("; ");
}

const rows = (count: number): string => `${count} row${count === 1 ? "" : "s"}`;
const excerpt = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 77)}...`);

/** Equal for rows with equal fields, in whatever order these are. */
function textOf(row: unknown): string {
  return JSON.stringify(row, (_, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
