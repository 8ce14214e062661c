import type { Answer, Envelope } from "../query/answer.js";

/** An answer as it came: `types` says which columns JSON has no type for. */
export interface SentAnswer {
  readonly rows: Record<string, unknown>[];
  readonly envelope: Envelope;
  readonly types?: Readonly<Record<string, "instant" | "bigint">>;
}

/** Gives the rows the types that they have in the server's process. The rows are changed in place. */
export function reviveAnswer({ rows, envelope, types = {} }: SentAnswer): Answer<Record<string, unknown>> {
  for (const [column, type] of Object.entries(types)) {
    const revive = type === "instant" ? (value: unknown) => (value === null ? null : new Date(value as string)) : (value: unknown) => (value === null ? null : BigInt(value as string));
    for (const row of rows) {
      row[column] = revive(row[column]);
      const part = (row["split"] as Record<string, { batch: unknown; speed: unknown }> | undefined)?.[column];
      if (part !== undefined) {
        part.batch = revive(part.batch);
        part.speed = revive(part.speed);
      }
    }
  }
  return { rows, envelope };
}
