import { sparkUri } from "./spark-location.js";
import { sparkText, takeSparkScans, type SparkScan } from "./spark-scan.js";

/** A view that a session lacks. */
export interface MissingView {
  readonly name: string;
  readonly definition: string;
  /** Makes it, in place of the one that had its name. */
  readonly create: string;
}

/** A statement with its scans as views, and those that the session has to make before it. */
export interface StatementWithViews {
  readonly statement: string;
  readonly views: readonly MissingView[];
}

/** Views that a session keeps for later statements, unless one statement needs more. */
const KEPT = 32;

/**
 * The temporary views of a session over exactly the files of a scan, with exactly its columns: a column that a file lacks
 * is null, folders named like partitions add none, and a file that is not there is an error. A path of this machine is
 * read as `file://`. Statements that scan the same find the view that an earlier one made, since making one costs a call:
 * visible files never change.
 */
export class ParquetViews {
  /** Names by definition; the one that was used longest ago first. */
  readonly #names = new Map<string, string>();
  #next = 0;

  /**
   * Replaces the scans of a statement by views.
   *
   * @throws {RangeError} for a file that Spark would pass over in silence.
   */
  of(sql: string): StatementWithViews {
    const used = new Map<string, string>();
    const views: MissingView[] = [];
    const statement = takeSparkScans(sql, (scan) => {
      const definition = definitionOf(scan);
      let name = used.get(definition);
      if (name === undefined) {
        name = this.#names.get(definition);
        if (name === undefined) {
          name = this.#freeName(used);
          views.push({ name, definition, create: `CREATE OR REPLACE TEMPORARY VIEW ${name} ${definition}` });
        } else {
          this.#names.delete(definition);
          this.#names.set(definition, name);
        }
        used.set(definition, name);
      }
      return name;
    });
    return { statement, views };
  }

  /** These views are there. */
  made(views: readonly MissingView[]): void {
    for (const { name, definition } of views) this.#names.set(definition, name);
  }

  /** Makes all of them anew. */
  forget(): void {
    this.#names.clear();
    this.#next = 0;
  }

  #freeName(used: ReadonlyMap<string, string>): string {
    if (this.#next >= KEPT) {
      for (const [definition, name] of this.#names) {
        if (used.has(definition)) continue;
        this.#names.delete(definition);
        return name;
      }
    }
    return `millrace_files_${this.#next++}`;
  }
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
