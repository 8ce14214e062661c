import type { ColumnBatch, DeadLetterReason, Telemetry } from "@millrace/core";

/** Tells the dead letters of a batch, one event a reason. */
export function reportDeadLetters({ topic, partition, deadLetters }: ColumnBatch, telemetry: Telemetry): void {
  if (deadLetters.length === 0) return;
  const byReason = new Map<DeadLetterReason, { count: number; readonly firstOffset: number }>();
  for (const { reason, offset } of deadLetters) {
    const seen = byReason.get(reason);
    if (seen === undefined) byReason.set(reason, { count: 1, firstOffset: offset });
    else seen.count++;
  }
  for (const [reason, { count, firstOffset }] of byReason) telemetry({ type: "DeadLettersFound", topic, partition, count, firstOffset, reason });
}
