import type { DeadLetter, EventLog, NewRecord, Sink } from "@millrace/core";

const encoder = new TextEncoder();

/**
 * A sink that appends dead letters to a topic of a log: key and value as they were, the coordinates and the reason in
 * headers. Append-only: a replay appends them again. Closing it leaves the log open.
 */
export function deadLetterTopic(log: EventLog, topic: string): Sink<DeadLetter> {
  return {
    name: `${log.name}/${topic}`,
    async write(batch, signal) {
      await log.append(topic, batch.rows.map(recordOf), signal);
    },
    async close() {},
  };
}

function recordOf(letter: DeadLetter): NewRecord {
  const header = (value: string | number): Uint8Array => encoder.encode(String(value));
  return {
    key: letter.key,
    value: letter.value ?? new Uint8Array(),
    headers: {
      "millrace-topic": header(letter.topic),
      "millrace-log-version": header(letter.logVersion),
      "millrace-partition": header(letter.partition),
      "millrace-offset": header(letter.offset),
      "millrace-appended-at": header(letter.appendedAt),
      "millrace-reason": header(letter.reason),
      "millrace-detail": header(letter.detail),
      ...(letter.column === undefined ? {} : { "millrace-column": header(letter.column) }),
    },
  };
}
