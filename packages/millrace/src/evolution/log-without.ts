import { readErasures, withoutOffsets, type EventLog, type FileSystem } from "@millrace/core";

const never = new AbortController().signal;

/** The log without the records that erasures name. */
export async function logWithout(log: EventLog, files: FileSystem): Promise<EventLog> {
  const gone = new Map<number, Set<number>>();
  for (const { records } of await readErasures(files, "orders", never)) {
    for (const { partition, offsets } of records) gone.set(partition, new Set([...(gone.get(partition) ?? []), ...offsets]));
  }
  return {
    ...log,
    async *read(request, signal) {
      for await (const batch of log.read(request, signal)) yield withoutOffsets(batch, gone.get(request.partition) ?? new Set());
    },
  };
}
