import type { DeadLetter } from "@millrace/core";

/** One line of a segment's dead-letter file. Bytes that are no UTF-8 are kept as base64. */
export interface DeadLetterLine {
  readonly partition: number;
  readonly offset: number;
  readonly appendedAt: number;
  readonly reason: string;
  readonly column?: string;
  readonly detail: string;
  readonly key?: string;
  readonly keyBase64?: string;
  /** Absent with `valueBase64`: the record had a null value. */
  readonly value?: string;
  readonly valueBase64?: string;
}

/** The line of a dead letter, with its line end: a function of the record. */
export function deadLetterLine({ partition, offset, appendedAt, reason, column, detail, key, value }: DeadLetter): string {
  const line: DeadLetterLine = {
    partition,
    offset,
    appendedAt,
    reason,
    ...(column === undefined ? {} : { column }),
    detail,
    ...bytesField("key", key),
    ...bytesField("value", value),
  };
  return `${JSON.stringify(line)}\n`;
}

function bytesField(name: "key" | "value", bytes: Uint8Array | null): Readonly<Record<string, string>> {
  if (bytes === null) return {};
  try {
    // The byte order mark is a byte of the record, too.
    return { [name]: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { [`${name}Base64`]: Buffer.from(bytes).toString("base64") };
  }
}

/** The original bytes of a line's value; null when the record had none. */
export const deadLetterValue = ({ value, valueBase64 }: DeadLetterLine): Uint8Array | null => bytesOf(value, valueBase64);

/** The original bytes of a line's key; null when the record had none. */
export const deadLetterKey = ({ key, keyBase64 }: DeadLetterLine): Uint8Array | null => bytesOf(key, keyBase64);

function bytesOf(text: string | undefined, base64: string | undefined): Uint8Array | null {
  if (text !== undefined) return new TextEncoder().encode(text);
  return base64 === undefined ? null : new Uint8Array(Buffer.from(base64, "base64"));
}
