import { DD_GAMMA, HLL_REGISTERS, ddCoordinate, type SketchCombine } from "@millrace/core";

/** The type of a sketch's entries. */
export const ENTRIES = "ARRAY(ROW(k INTEGER, v BIGINT))";

const byte = (blob: string, at: string): string => `from_base(to_hex(substr(${blob}, ${at}, 1)), 16)`;

/**
 * The entries of a sketch's bytes as `@millrace/core` writes them, both forms; a rank above 15 of a dense one comes twice,
 * and the greater one is right. Fails for bytes that are neither.
 */
export function sketchEntriesSql(blob: string): string {
  const sparse =
    `reduce(slice(sequence(1, length(${blob})), 2, length(${blob})), CAST(ROW(ARRAY[], 0, 0, 1, FALSE) AS ROW(entries ${ENTRIES}, k BIGINT, n BIGINT, scale BIGINT, second BOOLEAN)), ` +
    // A number's bytes come lowest first, seven bits each; the key's difference to the one before, then the value.
    `(s, i) -> element_at(transform(ARRAY[${byte(blob, "i")}], b -> CAST(CASE WHEN b >= 128 THEN ROW(s.entries, s.k, s.n + (b - 128) * s.scale, s.scale * 128, s.second) ` +
    `WHEN s.second THEN ROW(s.entries || CAST(ROW(s.k, s.n + b * s.scale) AS ROW(k INTEGER, v BIGINT)), s.k, 0, 1, FALSE) ` +
    `ELSE ROW(s.entries, s.k + s.n + b * s.scale, 0, 1, TRUE) END AS ROW(entries ${ENTRIES}, k BIGINT, n BIGINT, scale BIGINT, second BOOLEAN))), 1), s -> s.entries)`;
  const overflows = `(${byte(blob, "2052")} + 256 * ${byte(blob, "2053")})`;
  const dense =
    `CAST(transform(sequence(0, ${HLL_REGISTERS - 1}), r -> ROW(r, ${byte(blob, "3")} + from_base(substr(to_hex(${blob}), 7 + r, 1), 16))) AS ${ENTRIES}) || ` +
    `CAST(transform(slice(sequence(0, ${overflows}), 1, ${overflows}), i -> ROW(${byte(blob, "2054 + 2 * i")} + 256 * ${byte(blob, "2055 + 2 * i")}, ${byte(blob, "3")} + 15 + ${byte(blob, `2054 + 2 * ${overflows} + i`)})) AS ${ENTRIES})`;
  return `CASE to_hex(substr(${blob}, 1, 1)) WHEN '10' THEN ${sparse} WHEN '03' THEN ${dense} ELSE CAST(fail('a sketch that Millrace did not write') AS ${ENTRIES}) END`;
}

/** The merged map of a group's entries. `entries` may be null. */
export function mergedSketchSql(combine: SketchCombine, entries: string): string {
  const all = `coalesce(flatten(array_agg(${entries}) FILTER (WHERE ${entries} IS NOT NULL)), CAST(ARRAY[] AS ${ENTRIES}))`;
  const both = combine === "maxByKey" ? "array_max(v)" : "reduce(v, BIGINT '0', (a, b) -> a + b, a -> a)";
  return `transform_values(multimap_from_entries(${all}), (k, v) -> ${both})`;
}

/** How many registers have each rank, of a map from register to rank. Registers of rank 0 are in it or not. */
export const rankCountsSql = (sketch: string): string =>
  `transform_values(multimap_from_entries(transform(filter(map_values(${sketch}), r -> r > 0), r -> CAST(ROW(r, TRUE) AS ROW(k BIGINT, v BOOLEAN)))), (k, v) -> CAST(cardinality(v) AS DOUBLE))`;

const M = HLL_REGISTERS;
/** Doublings after which nothing changes any more. */
const STEPS = 64;

/** What `estimateDistinct` computes, step by step in the same order, of the column `counts` that {@link rankCountsSql} made. */
export function estimateDistinctSql(counts: string): string {
  const of = (rank: string) => `coalesce(element_at(${counts}, ${rank}), 0e0)`;
  const state = (x: string, y: string, z: string) => `CAST(ROW(${x}, ${y}, ${z}) AS ROW(x DOUBLE, y DOUBLE, z DOUBLE))`;
  const empty = `((${M}e0 - reduce(map_values(${counts}), 0e0, (a, b) -> a + b, a -> a)) / ${M}e0)`;
  const sigma = `reduce(sequence(1, ${STEPS}), ${state(empty, "1e0", empty)}, (s, i) -> ${state("s.x * s.x", "s.y + s.y", "s.z + s.x * s.x * s.y")}, s -> s.z)`;
  const full = `(1e0 - ${of("53")} / ${M}e0)`;
  const tau = `IF(${full} IN (0e0, 1e0), 0e0, reduce(sequence(1, ${STEPS}), ${state(full, "0.5e0", `1e0 - ${full}`)}, (s, i) -> ${state("sqrt(s.x)", "s.y * 0.5e0", "s.z - (1e0 - sqrt(s.x)) * (1e0 - sqrt(s.x)) * s.y")}, s -> s.z) / 3e0)`;
  const z = `reduce(sequence(1, 52), ${M}e0 * ${tau}, (z, i) -> 0.5e0 * (z + ${of("53 - i")}), z -> z) + ${M}e0 * ${sigma}`;
  return `IF(cardinality(${counts}) = 0, BIGINT '0', CAST(round(${doubleSql((M / (2 * Math.LN2)) * M)} / (${z})) AS BIGINT))`;
}

const ZERO = ddCoordinate(0);
const OFFSET = ddCoordinate(1) - ZERO;

/** What `quantileOf` computes of a map from coordinate to count; an exponential's last digit may differ. */
export function quantileSql(sketch: string, q: number): string {
  const total = `reduce(map_values(${sketch}), BIGINT '0', (a, b) -> a + b, a -> a)`;
  const coordinate =
    `reduce(array_sort(map_keys(${sketch})), CAST(ROW(0, NULL) AS ROW(below BIGINT, found BIGINT)), ` +
    `(s, k) -> CAST(ROW(s.below + element_at(${sketch}, k), IF(s.found IS NULL AND s.below + element_at(${sketch}, k) > floor(${doubleSql(q)} * CAST(${total} - 1 AS DOUBLE)), k, s.found)) AS ROW(below BIGINT, found BIGINT)), s -> s.found)`;
  const magnitude = (c: string) => `least(exp(CAST(abs(${c} - ${ZERO}) - ${OFFSET} AS DOUBLE) * ${doubleSql(Math.log(DD_GAMMA))}) / ${doubleSql(DD_GAMMA + 1)} * 2e0, ${doubleSql(Number.MAX_VALUE)})`;
  return `element_at(transform(ARRAY[${coordinate}], c -> CASE WHEN c = ${ZERO} THEN 0e0 WHEN c > ${ZERO} THEN ${magnitude("c")} ELSE -${magnitude("c")} END), 1)`;
}

/**
 * A map from register to rank as a HyperLogLog of Presto's and Trino's own, in its dense form: bytes 3, 12 and 0, a digit
 * of 4 bits a register, then those above 15.
 */
export function hyperLogLogSql(sketch: string): string {
  const digits = `array_join(transform(sequence(0, ${M - 1}), r -> to_base(least(coalesce(element_at(${sketch}, r), 0), 15), 16)), '')`;
  const hex = (n: string) => `lpad(to_base(${n}, 16), 2, '0')`;
  const short = (n: string) => `${hex(`mod(${n}, 256)`)} || ${hex(`${n} / 256`)}`;
  const above = `array_sort(map_keys(map_filter(${sketch}, (k, v) -> v > 15)))`;
  return `CAST(from_hex('030C00' || ${digits} || ${short(`cardinality(${above})`)} || array_join(transform(${above}, k -> ${short("k")}), '') || array_join(transform(${above}, k -> ${hex(`element_at(${sketch}, k) - 15`)}), '')) AS HyperLogLog)`;
}

/** A double, whole. */
export const doubleSql = (value: number): string => (/e/.test(String(value)) ? String(value).replace("e+", "e") : `${value}e0`);
