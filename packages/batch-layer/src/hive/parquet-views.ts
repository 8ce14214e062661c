import { sparkUri } from "./spark-location.js";
import { sparkText, takeSparkScans, type SparkScan } from "./spark-scan.js";

/** A statement with its scans as views, and what makes these. */
export interface StatementWithViews {
  readonly statement: string;
  /** To be run in the session before it. Their names are the same for every statement: each replaces those before. */
  readonly views: readonly string[];
}

/**
 * Replaces the scans of a statement by temporary views over exactly their files, with exactly their columns: a column
 * that a file lacks is null, folders named like partitions add none, and a file that is not there is an error. A path of
 * this machine is read as `file://`.
 *
 * @throws {RangeError} for a file that Spark would pass over in silence.
 */
export function withParquetViews(sql: string): StatementWithViews {
  const names = new Map<string, string>();
  const statement = takeSparkScans(sql, (scan) => {
    const definition = definitionOf(scan);
    let name = names.get(definition);
    if (name === undefined) names.set(definition, (name = `millrace_files_${names.size}`));
    return name;
  });
  return { statement, views: [...names].map(([definition, name]) => `CREATE OR REPLACE TEMPORARY VIEW ${name} ${definition}`) };
}

function definitionOf({ uris, columns }: SparkScan): string {
  for (const uri of uris) {
    const file = uri.slice(uri.lastIndexOf("/") + 1);
    // Spark lists files as Hadoop does, for which these names are hidden.
    if (file.startsWith("_") || file.startsWith(".")) throw new RangeError(`scanning files: Spark does not read "${uri}", because its name begins with "${file[0]!}"`);
  }
  const declared = Object.entries(columns).map(([name, type]) => `\`${name.replaceAll("`", "``")}\` ${type}`);
  return `(${declared.join(", ")}) USING parquet OPTIONS (paths ${sparkText(JSON.stringify(uris.map(sparkUri)))}, __globPaths__ 'false', recursiveFileLookup 'true')`;
}
