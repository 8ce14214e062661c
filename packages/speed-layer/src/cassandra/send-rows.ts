import type { CassandraClient, CassandraRequestOptions } from "./cassandra-client.js";
import { statementOf, statementsOf } from "./encoded-rows.js";
import type { EncodedRows } from "./encoded-rows.js";

/** What is used of `cassandra-driver` besides its public parts, all of it checked before use. */
interface DriverInternals {
  /** Makes the request of `batch`, and finds the nodes to send it to by the first item's values. */
  _createBatchRequest(items: readonly BatchItem[], options: unknown): Promise<BatchRequest>;
}

interface BatchItem {
  readonly query: string;
  readonly params: readonly unknown[];
  readonly queryId?: Buffer;
}

interface BatchRequest {
  queries: readonly BatchItem[];
  /** Bytes of the body once it is written. */
  length?: number;
  /** The request as a frame of the protocol. */
  write(encoder: unknown, streamId: number): Buffer;
  clone(): BatchRequest;
}

/**
 * Writes rows as one unlogged batch. The driver makes two buffers a value and joins them at the end, which is most of what
 * a row costs; here it writes the first row, and the others follow as the bytes that they are. Any other client is
 * given statements (decision 024).
 */
export async function sendRows(client: CassandraClient, rows: EncodedRows, options: CassandraRequestOptions): Promise<unknown> {
  const first = statementOf(rows, 0);
  if (rows.ends.length === 1) return client.execute(first.query, first.params, options);
  const { _createBatchRequest: createRequest } = client as Partial<DriverInternals>;
  if (typeof createRequest !== "function") return client.batch(statementsOf(rows), { ...options, logged: false });
  // The caller's client stays as it is: this one differs from it for this one call.
  const sender = Object.create(client, {
    _createBatchRequest: { value: async (items: readonly BatchItem[], info: unknown) => withRows(await createRequest.call(client, items, info), rows) },
  }) as CassandraClient;
  return sender.batch([first], { ...options, logged: false });
}

/** A request of the first row as one of all rows. */
export function withRows(request: BatchRequest, rows: EncodedRows): BatchRequest {
  const write = request.write.bind(request);
  const clone = request.clone.bind(request);
  const items = request.queries;
  request.write = (encoder, streamId) => {
    const frame = frameOf(write(encoder, streamId), items[0]?.queryId, rows);
    if (frame === undefined) {
      request.queries = statementsOf(rows).map(({ params }) => ({ ...items[0]!, params }));
      return write(encoder, streamId);
    }
    request.length = frame.length - HEADER_BYTES;
    return frame;
  };
  // Repeated at another level, a request is cloned.
  request.clone = () => {
    request.queries = items;
    return withRows(clone(), rows);
  };
  return request;
}

/** Version, flags, stream, opcode and length of the body, in every version of the protocol since 3. */
const HEADER_BYTES = 9;
/** The body begins with the type of the batch (a byte) and the number of statements (a short). */
const FIRST_ROW = HEADER_BYTES + 3;

/** The frame of all rows from that of the first, or undefined where that is not laid out as known. */
function frameOf(single: Buffer, queryId: Buffer | undefined, { columns, bytes, ends }: EncodedRows): Buffer | undefined {
  if (queryId === undefined) return undefined;
  // Of each statement: that it is prepared, its id, and the number of its values.
  const head = Buffer.alloc(1 + 2 + queryId.length + 2);
  head.writeUInt8(1, 0);
  head.writeUInt16BE(queryId.length, 1);
  head.set(queryId, 3);
  head.writeUInt16BE(columns, head.length - 2);
  const firstEnd = FIRST_ROW + head.length + ends[0]!;
  const known =
    single.length >= firstEnd &&
    single.readUInt32BE(5) === single.length - HEADER_BYTES &&
    single.readUInt16BE(HEADER_BYTES + 1) === 1 &&
    head.equals(single.subarray(FIRST_ROW, FIRST_ROW + head.length)) &&
    bytes.subarray(0, ends[0]).equals(single.subarray(FIRST_ROW + head.length, firstEnd));
  if (!known) return undefined;
  const frame = Buffer.allocUnsafeSlow(single.length + (ends.length - 1) * head.length + bytes.length - ends[0]!);
  let at = single.copy(frame, 0, 0, firstEnd);
  for (let i = 1; i < ends.length; i++) {
    frame.set(head, at);
    at += head.length;
    at += bytes.copy(frame, at, ends[i - 1], ends[i]);
  }
  single.copy(frame, at, firstEnd);
  frame.writeUInt32BE(frame.length - HEADER_BYTES, 5);
  frame.writeUInt16BE(ends.length, HEADER_BYTES + 1);
  return frame;
}
