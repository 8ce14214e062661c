import { commonSql, type SqlDialect } from "@millrace/core";

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Text as DuckDB reads it back: its parser ends a statement at a NUL, so that character is spelt `chr(0)`. */
function textLiteral(value: string): string {
  const parts = value.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts[0]! : `(${parts.join(" || chr(0) || ")})`;
}

/** The name of one file: DuckDB takes `*`, `?` and `[` for patterns, which a class of that one character is not. */
const fileLiteral = (uri: string): string => textLiteral(uri.replace(/[*?[]/g, "[$&]"));

/** The type of an instant in master files. Casting it to TIMESTAMP goes through ICU, some twenty times slower than `epoch_ms`. */
const INSTANT = "TIMESTAMP WITH TIME ZONE";

/** SQL for DuckDB 1.3 and later, in a session whose time zone is UTC. */
export const duckdbDialect: SqlDialect = {
  name: "duckdb",
  ...commonSql({ identifier, text: textLiteral, timestamp: (epochMs) => `epoch_ms(CAST(${epochMs} AS BIGINT))`, epochMs: (timestamp) => `epoch_ms(${timestamp})`, types: { text: "VARCHAR", timestamp: INSTANT, widest: "HUGEINT", bytes: "BLOB", sketch: "MAP(INTEGER, BIGINT)" } }),
  mapOf: (keys, values) => `map(${keys}, ${values})`,
  // Into 128 bits by itself.
  wideSum: (expression) => `sum(${expression})`,
  scan(uris, columns) {
    const names = Object.entries(columns);
    const empty = `SELECT ${names.map(([name, type]) => `CAST(NULL AS ${type}) AS ${identifier(name)}`).join(", ")} WHERE FALSE`;
    const chosen = names
      .map(([name, type]) => (type === INSTANT ? `epoch_ms(epoch_ms(${identifier(name)})) AS ${identifier(name)}` : identifier(name)))
      .join(", ");
    if (uris.length === 0) return `(SELECT ${chosen} FROM (${empty}))`;
    const files = `read_parquet([${uris.map(fileLiteral).join(", ")}], union_by_name = true, hive_partitioning = false)`;
    // The empty part gives a column that no file has its name and type.
    return `(SELECT ${chosen} FROM (${empty} UNION ALL BY NAME SELECT * FROM ${files}))`;
  },
  windowStart(timestamp, everyMs) {
    // `%` has the sign of its left side: instants before 1970 need the second step.
    const ms = `epoch_ms(${timestamp})`;
    return `epoch_ms(${ms} - ((${ms} % ${everyMs}) + ${everyMs}) % ${everyMs})`;
  },
  dateOf: (timestamp) => `CAST(epoch_ms(epoch_ms(${timestamp})) AS DATE)`,
  surrogateKey(columns) {
    const parts = columns.map((column) => `coalesce(strlen(CAST(${column} AS VARCHAR)) || ':' || CAST(${column} AS VARCHAR), 'null')`);
    // The first 60 bits of the MD5: never negative, and every engine can cut them from the hexadecimal text.
    return `CAST(('0x' || substr(md5(${parts.join(" || ',' || ") || "''"}), 1, 15)) AS BIGINT)`;
  },
  sketch(combine, coordinate, filter) {
    const where = filter === undefined ? "" : ` FILTER (WHERE ${filter})`;
    if (combine === "sumByKey") {
      return `CAST(coalesce(histogram(CAST(${coordinate} AS INTEGER))${where}, MAP {}) AS MAP(INTEGER, BIGINT))`;
    }
    // A coordinate is `register * 64 + rank`: of the distinct ones in order, the last of a register has its highest rank.
    const some = `${filter === undefined ? "" : `(${filter}) AND `}${coordinate} IS NOT NULL`;
    const list = `coalesce(list_sort(list(DISTINCT CAST(${coordinate} AS INTEGER)) FILTER (WHERE ${some})), [])`;
    // Beside its successor (null after the last), so that the lambda captures no list: it would be copied for each element.
    const pairs = `list_zip(${list}, ${list}[2:])`;
    const highest = `list_filter(${pairs}, lambda pair: pair[2] IS NULL OR pair[2] // 64 <> pair[1] // 64)`;
    return `map_from_entries(list_transform(${highest}, lambda pair: {'k': pair[1] // 64, 'v': CAST(pair[1] % 64 AS BIGINT)}))`;
  },
};
