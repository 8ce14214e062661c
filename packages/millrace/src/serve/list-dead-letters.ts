import type { AnyView } from "@millrace/core";
import type { DeadLetterEntry } from "@millrace/serving-layer";
import { findDeadLetters } from "../dead-letters/find-dead-letters.js";
import type { StoredDeadLetter } from "../dead-letters/stored-dead-letter.js";
import type { Lambda } from "../lambda/lambda.js";

/** Characters of a value that are shown. */
const MAX_VALUE_CHARACTERS = 4_096;

/** The oldest `limit` dead letters, and whether there are more. */
export async function listDeadLetters(
  lambda: Pick<Lambda<AnyView>, "definitions" | "platform">,
  { topic, limit }: { readonly topic: string | undefined; readonly limit: number },
  signal: AbortSignal,
): Promise<{ readonly letters: readonly DeadLetterEntry[]; readonly more: boolean }> {
  const letters: DeadLetterEntry[] = [];
  for await (const letter of findDeadLetters(lambda, topic, signal)) {
    if (letters.length === limit) return { letters, more: true };
    letters.push(entryOf(letter));
  }
  return { letters, more: false };
}

function entryOf({ topic, logVersion, partition, offset, appendedAt, reason, column, detail, value }: StoredDeadLetter): DeadLetterEntry {
  // No character takes less than a byte, and none more than four: what is beyond is not even decoded.
  const text = value === null ? null : new TextDecoder().decode(value.subarray(0, MAX_VALUE_CHARACTERS * 4));
  const shown = text === null ? null : [...text].slice(0, MAX_VALUE_CHARACTERS).join("");
  return {
    topic, logVersion, partition, offset, appendedAt, reason, column, detail,
    value: shown,
    valueBytes: value?.length ?? 0,
    cut: text !== null && value !== null && (shown!.length < text.length || value.length > MAX_VALUE_CHARACTERS * 4),
  };
}
