import { commonSql, type SqlDialect } from "@millrace/core";
import { sparkScanSql, sparkText } from "./spark-scan.js";

const identifier = (name: string): string => `\`${name.replaceAll("`", "``")}\``;

/** More elements than an array has. Not 2^31 - 1: Spark's `slice` adds the start to it in 32 bits, and gives nothing. */
const MOST = 1_000_000_000;

/** What files that are scanned have in columns of these types, as Spark spells them. */
const SPARK_TYPES: Readonly<Record<string, string>> = { VARCHAR: "STRING", BLOB: "BINARY", INTEGER: "INT" };

function sparkType(type: string): string {
  return type.endsWith("[]") ? `ARRAY<${sparkType(type.slice(0, -2))}>` : (SPARK_TYPES[type] ?? type);
}

/**
 * SQL for Spark 4, in a session as {@link hiveEngine} sets it up: time zone UTC, ANSI mode, names with case. A scan is
 * written as a function that the engine replaces by a view over the files before the statement is sent.
 */
export const sparkDialect: SqlDialect = {
  name: "spark",
  ...commonSql({ identifier, text: sparkText, timestamp: (epochMs) => `timestamp_millis(CAST(${epochMs} AS BIGINT))`, epochMs: (timestamp) => `unix_millis(${timestamp})`, types: { text: "STRING", timestamp: "TIMESTAMP", widest: "DECIMAL(38, 0)", bytes: "BINARY", sketch: "MAP<INT, BIGINT>" } }),
  // `map` takes keys and values in turns.
  mapOf: (keys, values) => `map_from_arrays(${keys}, ${values})`,
  scan(uris, columns) {
    const types = Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, sparkType(type)]));
    if (uris.length === 0) return `(SELECT ${Object.entries(types).map(([name, type]) => `CAST(NULL AS ${type}) AS ${identifier(name)}`).join(", ")} WHERE FALSE)`;
    return `(SELECT ${Object.keys(types).map(identifier).join(", ")} FROM ${sparkScanSql({ uris, columns: types })})`;
  },
  windowStart(timestamp, everyMs) {
    const ms = `unix_millis(${timestamp})`;
    return `timestamp_millis(${ms} - pmod(${ms}, ${everyMs}))`;
  },
  dateOf: (timestamp) => `CAST(${timestamp} AS DATE)`,
  surrogateKey(columns) {
    const parts = columns.map((column) => `coalesce(octet_length(CAST(${column} AS STRING)) || ':' || CAST(${column} AS STRING), 'null')`);
    // The first 60 bits of the MD5, as every engine makes them.
    return `CAST(conv(substr(md5(${parts.join(" || ',' || ") || "''"}), 1, 15), 16, 10) AS BIGINT)`;
  },
  sketch(combine, coordinate, filter) {
    const some = `${filter === undefined ? "" : `(${filter}) AND `}${coordinate} IS NOT NULL`;
    const inOrder = (aggregate: string) => `sort_array(${aggregate}(CAST(${coordinate} AS INT)) FILTER (WHERE ${some}))`;
    /** The elements of a sorted list after which another begins, or none, by what `step` makes of them. */
    const lasts = (list: string, part: string) => `filter(transform(arrays_zip(${list}, slice(${list}, 2, ${MOST})), (pair, i) -> struct(pair['0'] AS k, pair['1'] AS next, i AS i)), e -> e.next IS NULL OR e.next${part} <> e.k${part})`;
    if (combine === "maxByKey") {
      // A coordinate is `register * 64 + rank`: of the distinct ones in order, the last of a register has its highest rank.
      return `map_from_entries(transform(${lasts(inOrder("collect_set"), " div 64")}, e -> struct(CAST(e.k div 64 AS INT), CAST(e.k % 64 AS BIGINT))))`;
    }
    // How far the last of a bucket is from the last of the bucket before it.
    const ends = lasts(inOrder("collect_list"), "");
    const besideTheOneBefore = `filter(arrays_zip(${ends}, concat(array(-1), transform(${ends}, e -> e.i))), pair -> pair['0'] IS NOT NULL)`;
    return `map_from_entries(transform(${besideTheOneBefore}, pair -> struct(pair['0'].k, CAST(pair['0'].i - pair['1'] AS BIGINT))))`;
  },
};
