/** An error with its causes, each on the first line of its message. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message.split("\n", 1)[0]!;
  return `${error.name}: ${message}${error.cause === undefined ? "" : `, because of ${describeError(error.cause)}`}`;
}
