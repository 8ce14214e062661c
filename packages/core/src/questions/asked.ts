import type { Column } from "../expressions/column.js";
import type { Sql } from "../models/sql.js";
import type { Granularity } from "../time-zones/granularity.js";

/** What a question over models was asked, for its SQL. */
export interface Asked<V = Readonly<Record<string, unknown>>> {
  readonly from: Date;
  readonly until: Date;
  readonly granularity: Granularity | "all";
  readonly zone: string;
  /** The question's own parameters. */
  readonly parameters: V;
  /**
   * The window of the answer that an instant lies in, in epoch milliseconds: the first column of the SELECT, which must be
   * called `window_start`. Of a total it is 0. With a granularity of its own: the second, hour, day... that the instant lies in.
   */
  window(instant: Column<string, "timestamp", unknown> | Sql, granularity?: Granularity): Sql;
  /** Whether an instant lies in the range that was asked for. */
  within(instant: Column<string, "timestamp", unknown> | Sql): Sql;
}
