/**
 * What a question is asked, as its URL says it: instants in ISO form, and nothing for what is null or undefined. What is
 * no instant where one is needed is sent as it is, for the server to refuse.
 */
export function askedTexts(asked: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(asked).flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, textOf(name, value)]])));
}

function textOf(name: string, value: unknown): string {
  const instant = value instanceof Date ? value : (name === "from" || name === "until") && typeof value === "number" ? new Date(value) : undefined;
  if (instant !== undefined) return Number.isNaN(instant.getTime()) ? String(value) : instant.toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean | bigint);
}
