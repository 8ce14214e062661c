import { commonSql, type SqlDialect } from "@millrace/core";
import { prestoIdentifier, prestoScanSql, prestoText } from "./presto-scan.js";

const SKETCH = "MAP(INTEGER, BIGINT)";

/** What files that are scanned have in columns of these types, as Presto spells them. */
const PRESTO_TYPES: Readonly<Record<string, string>> = { BLOB: "VARBINARY" };

function prestoType(type: string): string {
  return type.endsWith("[]") ? `ARRAY(${prestoType(type.slice(0, -2))})` : (PRESTO_TYPES[type] ?? type);
}

/** `from_unixtime` takes seconds as a double, which tell ms exactly up to the year 285,000. Trino's has a zone, which the cast takes away. */
const timestamp = (epochMs: string): string => `CAST(from_unixtime(CAST(${epochMs} AS DOUBLE) / 1000e0) AT TIME ZONE 'UTC' AS TIMESTAMP)`;
const epochMs = (instant: string): string => `CAST(round(to_unixtime(${instant}) * 1000e0) AS BIGINT)`;

const common = commonSql({ identifier: prestoIdentifier, text: prestoText, timestamp, epochMs, types: { text: "VARCHAR", timestamp: "TIMESTAMP", widest: "DECIMAL(38, 0)", bytes: "VARBINARY", sketch: SKETCH } });

// The digits of the least integer are, without their sign, no integer of Presto.
const LEAST = "-9223372036854775808";
const LEAST_SQL = "(-9223372036854775807 - 1)";
/** The least integer in a text of SQL, where it does not stand in a text or a name. */
const LEAST_IN_SQL = new RegExp(String.raw`'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<=CAST\()${LEAST}(?= AS BIGINT\))`, "g");

const dialect = (name: "presto" | "trino"): SqlDialect => ({
  name,
  ...common,
  literal(value) {
    const printed = common.literal(value);
    return printed === LEAST ? LEAST_SQL : printed;
  },
  predicate: (node, columns) => common.predicate(node, columns).replace(LEAST_IN_SQL, (token) => (token === LEAST ? LEAST_SQL : token)),
  mapOf: (keys, values) => `map(${keys}, ${values})`,
  scan(uris, columns) {
    const types = Object.fromEntries(Object.entries(columns).map(([column, type]) => [column, prestoType(type)]));
    if (uris.length === 0) return `(SELECT ${Object.entries(types).map(([column, type]) => `CAST(NULL AS ${type}) AS ${prestoIdentifier(column)}`).join(", ")} WHERE FALSE)`;
    return prestoScanSql({ uris, columns: types });
  },
  windowStart(instant, everyMs) {
    const ms = epochMs(instant);
    return timestamp(`${ms} - mod(mod(${ms}, ${everyMs}) + ${everyMs}, ${everyMs})`);
  },
  dateOf: (instant) => `CAST(${instant} AS DATE)`,
  surrogateKey(columns) {
    const parts = columns.map((column) => `coalesce(CAST(length(to_utf8(CAST(${column} AS VARCHAR))) AS VARCHAR) || ':' || CAST(${column} AS VARCHAR), 'null')`);
    // The first 60 bits of the MD5, as every engine makes them.
    return `from_big_endian_64(from_hex('0' || substr(to_hex(md5(to_utf8(${parts.join(" || ',' || ") || "''"}))), 1, 15)))`;
  },
  sketch(combine, coordinate, filter) {
    const some = `${filter === undefined ? "" : `(${filter}) AND `}${coordinate} IS NOT NULL`;
    const none = `CAST(map() AS ${SKETCH})`;
    // A coordinate is `register * 64 + rank`.
    if (combine === "maxByKey") return `coalesce(transform_values(multimap_agg(CAST(${coordinate} / 64 AS INTEGER), CAST(${coordinate} % 64 AS BIGINT)) FILTER (WHERE ${some}), (k, v) -> array_max(v)), ${none})`;
    return `coalesce(histogram(CAST(${coordinate} AS INTEGER)) FILTER (WHERE ${some}), ${none})`;
  },
});

/**
 * SQL for Presto, in a session as {@link prestoEngine} sets it up: time zone UTC. A scan is written as a function that
 * the engine replaces by versions of a table of the metastore before the statement is sent.
 */
export const prestoDialect: SqlDialect = dialect("presto");

/** The same SQL for Trino: what is written is understood by both. */
export const trinoDialect: SqlDialect = dialect("trino");
