import type { LogPartition } from "@millrace/core";
import { prestoText } from "./presto-scan.js";

/** Where the chain of a partition begins. */
export interface PartitionStart extends Pick<LogPartition, "partition" | "logVersion"> {
  /** The cut, or the origin of a partition that the cut does not know. */
  readonly offset: number;
  readonly inCut: boolean;
}

/** Buckets of `received`, `[from, until)` in epoch ms, both multiples of a bucket's length. */
export interface ListedBuckets {
  readonly from: number;
  readonly until: number;
}

export interface ChainSqlOptions {
  /** Begins every message. */
  readonly told: string;
  /** A FROM-able expression of the view's progress rows. */
  readonly progress: string;
  readonly starts: readonly PartitionStart[];
  readonly buckets: ListedBuckets;
}

/** A segment on the path: its name, the end of its records if it is sealed, and what is wrong with it. */
const LINK = "ROW(k VARCHAR, u BIGINT, w VARCHAR)";
const PATH = `ARRAY(${LINK})`;
const END = `ROW(at BIGINT, path ${PATH})`;
const STATE = `ROW(reach BIGINT, best ${PATH}, ends ARRAY(${END}))`;
const SEGMENT = `ROW(first BIGINT, previous BIGINT, until BIGINT, sealed BOOLEAN, link ${LINK})`;
const MOST = "9223372036854775807";

/** The name of a row's segment among those of all partitions. */
export const segmentKeySql = (row: string): string => ["log_version", "log_partition", "segment", "segment_end"].map((column) => `CAST(${row}.${column} AS VARCHAR)`).join(" || '/' || ");

/**
 * One row with one map, `chain`: of every segment that counts, by {@link segmentKeySql}, the end of its records if it is
 * sealed, else the largest integer. It is `walkChain`, said as a fold over the segments in the order of their first
 * records: what `previous` of later ones can no longer name is dropped, so that few ends are kept. Of two paths that reach
 * as far the one is taken that was there first.
 *
 * Evaluating it fails where an answer would be refused: where progress lies beyond the reach of the chain, a segment is in
 * no listed bucket, reads may miss rows, or the end of what is listed has come.
 */
export function chainSql({ told, progress, starts, buckets }: ChainSqlOptions): string {
  const ms = (instant: string) => `to_unixtime(${instant}) * 1000e0`;
  const newest = byPartition(starts, Math.max);
  const oldest = byPartition(starts.filter(({ inCut }) => inCut), Math.min);
  const known = mapSql(starts.map(({ logVersion, partition, offset }) => [prestoText(`${logVersion}/${partition}`), `${offset}`]), "VARCHAR");
  const since = mapSql([...newest].map(([partition, version]) => [`${partition}`, `${version}`]), "BIGINT");
  const cut = mapSql([...oldest].map(([partition, version]) => [`${partition}`, `${version}`]), "BIGINT");
  const partition = "CAST(p.log_partition AS BIGINT)";
  // A later incarnation of a partition begins at 0; what lies between two known ones has no recorded beginning.
  const start = `coalesce(element_at(${known}, CAST(p.log_version AS VARCHAR) || '/' || CAST(p.log_partition AS VARCHAR)), IF(p.log_version > coalesce(element_at(${since}, ${partition}), 0), BIGINT '0'))`;
  const wrong =
    `CASE WHEN NOT p.overlapping THEN 'reads may miss rows of ' WHEN p.min_window IS NOT NULL AND (${ms("p.received_at")} < ${buckets.from}e0 OR ${ms("p.received_at")} >= ${buckets.until}e0) THEN 'no bucket is listed of ' END`;
  const segment = `CAST(ROW(p.segment, p.previous, p.until, p.sealed, ROW(${segmentKeySql("p")}, IF(p.sealed, p.until, ${MOST}), ${wrong})) AS ${SEGMENT})`;
  const path = "CASE WHEN e.first >= start AND e.previous <= start THEN ARRAY[e.link] ELSE element_at(filter(s.ends, x -> x.at = e.previous), 1).path || e.link END";
  const better = "e.until > s.reach OR (e.until = s.reach AND cardinality(p) < cardinality(s.best))";
  const ends = `IF(e.sealed AND cardinality(filter(s.ends, x -> x.at = e.until)) = 0, filter(s.ends, x -> x.at >= e.previous) || CAST(ROW(e.until, p) AS ${END}), s.ends)`;
  const step = `element_at(transform(ARRAY[${path}], p -> IF(p IS NULL, s, CAST(ROW(greatest(s.reach, e.until), IF(${better}, p, s.best), ${ends}) AS ${STATE}))), 1)`;
  const walk = `reduce(coalesce(segments, CAST(ARRAY[] AS ARRAY(${SEGMENT}))), CAST(ROW(coalesce(start, 0), ARRAY[], ARRAY[]) AS ${STATE}), (s, e) -> ${step}, s -> s)`;
  const name = "CAST(log_partition AS VARCHAR) || ' (log version ' || CAST(log_version AS VARCHAR) || ')'";
  const bad = "element_at(filter(walk.best, x -> x.w IS NOT NULL), 1)";
  const problem =
    `CASE WHEN start IS NULL THEN 'nobody knows where partition ' || ${name} || ' begins' ` +
    `WHEN furthest > walk.reach THEN 'the chain of partition ' || ${name} || ' is broken, or its rows have expired, from offset ' || CAST(walk.reach AS VARCHAR) || ' to ' || CAST(furthest AS VARCHAR) ` +
    `WHEN ${bad} IS NOT NULL THEN ${bad}.w || 'segment ' || ${bad}.k END`;
  return (
    `SELECT CASE WHEN ${ms("current_timestamp")} >= ${buckets.until}e0 THEN fail(${prestoText(`${told}it ended at ${new Date(buckets.until).toISOString()}, publish again or run: millrace ddl --engine presto --apply`)}) ` +
    `WHEN min(problem) IS NOT NULL THEN fail(${prestoText(told)} || min(problem)) ` +
    `ELSE coalesce(map_from_entries(flatten(array_agg(links))), CAST(MAP() AS MAP(VARCHAR, BIGINT))) END AS chain FROM (` +
    `SELECT CAST(transform(walk.best, x -> ROW(x.k, x.u)) AS ARRAY(ROW(k VARCHAR, u BIGINT))) AS links, ${problem} AS problem FROM (` +
    `SELECT *, ${walk} AS walk FROM (` +
    `SELECT p.log_version, p.log_partition, ${start} AS start, max(p.until) AS furthest, ` +
    `array_agg(${segment} ORDER BY p.segment, p.segment_end) FILTER (WHERE ${ms("p.covered_until")} > ${ms("current_timestamp")}) AS segments ` +
    `FROM ${progress} AS p WHERE p.until IS NOT NULL AND p.write_consistency IS NOT NULL AND p.log_version >= coalesce(element_at(${cut}, ${partition}), 0) GROUP BY 1, 2, 3)))`
  );
}

function byPartition(starts: readonly PartitionStart[], pick: (a: number, b: number) => number): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const { partition, logVersion } of starts) found.set(partition, pick(found.get(partition) ?? logVersion, logVersion));
  return found;
}

const mapSql = (entries: readonly (readonly [key: string, value: string])[], key: "VARCHAR" | "BIGINT"): string =>
  `CAST(MAP(ARRAY[${entries.map(([each]) => each).join(", ")}], ARRAY[${entries.map(([, value]) => value).join(", ")}]) AS MAP(${key}, BIGINT))`;
