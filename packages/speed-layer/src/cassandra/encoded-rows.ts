import type { CassandraStatement } from "./cassandra-client.js";

/** Rows of one Cassandra partition, their values as `RowEncoder` writes them. */
export interface EncodedRows {
  /** The statement of every row. */
  readonly query: string;
  /** Values a row. */
  readonly columns: number;
  readonly bytes: Buffer;
  /** Where each row ends in `bytes`: the next begins there. */
  readonly ends: readonly number[];
}

/** Row `index` as a statement for any client: values as the bytes of their CQL type, `undefined` for what is unset. */
export function statementOf({ query, columns, bytes, ends }: EncodedRows, index: number): CassandraStatement {
  const params: (Buffer | undefined)[] = [];
  let at = index === 0 ? 0 : ends[index - 1]!;
  for (let column = 0; column < columns; column++) {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0) params.push(undefined);
    else params.push(bytes.subarray(at, (at += length)));
  }
  return { query, params };
}

/** {@link statementOf} each row. */
export function statementsOf(rows: EncodedRows): CassandraStatement[] {
  return rows.ends.map((_, index) => statementOf(rows, index));
}
