import type { NewRecord } from "../log/raw-batch.js";

/** Below the brokers' default limit of 1 MiB a batch, with room for what frames the records. */
const MAX_CHUNK_BYTES = 900_000;
/** What a record takes beside key, value and headers, at most. */
const FRAME_BYTES = 32;

/** Records of one partition that fit in one request, in their order. */
export interface AppendChunk {
  readonly partition: number;
  /** Positions among all records. */
  readonly indices: readonly number[];
}

/** Groups records by partition, and cuts each group into requests that brokers take by default. */
export function appendChunks(records: readonly NewRecord[], partitionOf: (record: NewRecord, index: number) => number): readonly AppendChunk[] {
  const byPartition = new Map<number, { bytes: number; readonly chunks: number[][] }>();
  records.forEach((record, i) => {
    const partition = partitionOf(record, i);
    let group = byPartition.get(partition);
    if (group === undefined) byPartition.set(partition, (group = { bytes: Infinity, chunks: [] }));
    const bytes = bytesOf(record);
    if (group.bytes + bytes > MAX_CHUNK_BYTES) {
      group.chunks.push([]);
      group.bytes = 0;
    }
    group.bytes += bytes;
    group.chunks.at(-1)!.push(i);
  });
  return [...byPartition].flatMap(([partition, { chunks }]) => chunks.map((indices) => ({ partition, indices })));
}

function bytesOf({ key, value, headers }: NewRecord): number {
  let bytes = FRAME_BYTES + byteLength(value) + (key == null ? 0 : byteLength(key));
  for (const name in headers) bytes += 8 + Buffer.byteLength(name) + headers[name]!.length;
  return bytes;
}

function byteLength(value: Uint8Array | string): number {
  return typeof value === "string" ? Buffer.byteLength(value) : value.length;
}
