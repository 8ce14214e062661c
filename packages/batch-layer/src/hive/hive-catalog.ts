import { randomUUID } from "node:crypto";
import {
  collectRows,
  findGeneration,
  SqlError,
  systemClock,
  type CatalogTable,
  type Clock,
  type FileSystem,
  type SqlEngine,
  type TableCatalog,
  type TableGeneration,
} from "@millrace/core";
import { CatalogLateError } from "./catalog-late-error.js";
import { evolveTable, hiveTables } from "./evolve-table.js";
import { keepAhead } from "./keep-ahead.js";
import { sparkLocation } from "./spark-location.js";
import { sparkText } from "./spark-scan.js";

/** What {@link hiveCatalog} takes. */
export interface HiveCatalogOptions {
  /** The platform's. */
  readonly files: FileSystem;
  /** A `hiveEngine`. */
  readonly engine: SqlEngine;
  /** The database that the tables are in; made where there is none. Default "millrace". */
  readonly database?: string;
  /**
   * How long it takes until a generation is seen, ms: longer than twice what the file system needs for a small file, and
   * than twice what the clocks of the servers that read it differ by. Default 5,000.
   */
  readonly settleMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** Folder of a folder a generation, with a text file that says what it consists of, and since when it is seen. */
const PUBLISHED = "catalog/published";
/** The columns of partitions. A metastore cannot look for partitions by a name that begins with `_`. */
const DATE = "millrace_date";
const VERSION = "millrace_version";

/** Partitions named in one statement. */
const PARTITIONS = 500;

/** The table of all versions of a table. */
const versionsOf = (table: string): string => `${table}_versions`;

/**
 * Shows generations in a Hive metastore, through Spark: a table `<table>_versions` with every version of a table as a
 * partition; `published`, which says what each generation consists of, a partition a generation; and a view `<table>` of
 * the current one. A generation appears with its partition of `published`, in one step, and is current for the statements
 * that begin at or after its `visible_at`, which is later: so all views in a statement have the generation of the instant
 * at which it began, however often and whenever they look, and all was there before they looked for it.
 */
export function hiveCatalog({ files, engine, database = "millrace", settleMs = 5_000, clock = systemClock() }: HiveCatalogOptions): TableCatalog {
  const { dialect } = engine;
  const id = (name: string) => dialect.identifier(name);
  const at = (table: string) => `${id(database)}.${id(table)}`;
  const location = (path: string) => sparkLocation(files, path);

  /** By table: made once the first generation with it is seen, because before they would be empty. */
  const newViews = new Map<string, string>();

  const rowsOf = (sql: string, signal: AbortSignal) => collectRows(engine, sql, signal);
  /** What is there, once nothing was missing, until something fails: each question takes a server a moment. */
  let settled: { readonly there: ReadonlySet<string> } | undefined;

  /** The generations that have a partition, growing. */
  const generations = async (signal: AbortSignal): Promise<readonly number[]> =>
    (await rowsOf(`SHOW PARTITIONS ${at("published")}`, signal)).map(([partition]) => Number(/^generation=(\d+)$/.exec(String(partition))?.[1])).sort((a, b) => a - b);

  // The partition is a text: many metastores find partitions by nothing else, and fail where a number is asked for.
  const createPublished = async (there: ReadonlySet<string>, signal: AbortSignal): Promise<void> => {
    if (!there.has("published")) {
      const columns = `table_name STRING, ${id("date")} STRING, version STRING, visible_at BIGINT`;
      await rowsOf(`CREATE TABLE IF NOT EXISTS ${at("published")} (${columns}) PARTITIONED BY (generation STRING) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' STORED AS TEXTFILE LOCATION ${location(PUBLISHED)}`, signal);
    }
    if (!there.has("current_generation")) await rowsOf(`CREATE VIEW IF NOT EXISTS ${at("current_generation")} AS SELECT max(CAST(generation AS BIGINT)) AS generation FROM ${visible}`, signal);
  };
  // Spark takes the time once for a statement, before it looks for partitions.
  const visible = `${at("published")} WHERE visible_at <= unix_millis(current_timestamp())`;

  /** Makes a table, or gives it the columns that it lacks. */
  const evolve = async (table: CatalogTable & Required<Pick<CatalogTable, "columns">>, tables: ReadonlySet<string>, signal: AbortSignal): Promise<void> => {
    const { name, columns, partitioned } = table;
    const exists = tables.has(versionsOf(name).toLowerCase());
    // Of a table that somebody dropped: over one without partitions it would be empty.
    if (!exists && tables.has(name.toLowerCase())) await rowsOf(`DROP VIEW IF EXISTS ${at(name)}`, signal);
    const partitions = partitioned === "date" ? [DATE, VERSION] : [VERSION];
    await evolveTable(engine, { database, table: versionsOf(name), columns, partitions, location: location(`tables/${name}`) }, exists, signal);
    const view = viewText(table);
    if (exists && tables.has(name.toLowerCase())) await rowsOf(`ALTER VIEW ${at(name)} AS ${view}`, signal);
    else newViews.set(name, view);
  };

  const viewText = ({ name, columns, partitioned }: CatalogTable & Required<Pick<CatalogTable, "columns">>): string => {
    const generation = `SELECT CASE WHEN max(CAST(generation AS BIGINT)) IS NULL THEN raise_error('nothing is published yet') ELSE CAST(max(CAST(generation AS BIGINT)) AS STRING) END FROM ${visible}`;
    const date = partitioned === "date" ? `t.${id(DATE)} = p.${id("date")} AND ` : "";
    // Who asks for a date by its partition is given its files alone.
    const shown = [...Object.keys(columns), ...(partitioned === "date" ? [DATE] : [])];
    return (
      `SELECT /*+ BROADCAST(p) */ ${shown.map((column) => `t.${id(column)}`).join(", ")} FROM ${at(versionsOf(name))} AS t JOIN ${at("published")} AS p ` +
      `ON ${date}t.${id(VERSION)} = p.version WHERE p.table_name = ${sparkText(name)} AND p.generation = (${generation})`
    );
  };

  /** Adds partitions, or drops them, many with a statement. */
  const alterPartitions = async (table: string, clause: "ADD IF NOT EXISTS" | "DROP IF EXISTS", folders: readonly string[], signal: AbortSignal): Promise<void> => {
    for (let from = 0; from < folders.length; from += PARTITIONS) {
      const some = folders.slice(from, from + PARTITIONS).map((folder) => {
        const { date, version } = versionOf(folder)!;
        const values = `${date === undefined ? "" : `${id(DATE)} = ${sparkText(date)}, `}${id(VERSION)} = ${sparkText(version)}`;
        return clause === "DROP IF EXISTS" ? `PARTITION (${values})` : `PARTITION (${values}) LOCATION ${location(folder)}`;
      });
      await rowsOf(`ALTER TABLE ${at(versionsOf(table))} ${clause} ${some.join(clause === "DROP IF EXISTS" ? ", " : " ")}`, signal);
    }
  };

  return {
    name: `hive:${database}`,
    async current(signal) {
      if (settled === undefined && !(await hiveTables(engine, database, signal)).has("published")) return null;
      return (await generations(signal)).at(-1) ?? null;
    },
    async prepare(tables, signal) {
      refuseClashes(tables);
      const remembered = settled;
      settled = undefined;
      const there = remembered?.there ?? (await hiveTables(engine, database, signal));
      await createPublished(there, signal);
      const number = (await generations(signal)).at(-1);
      // All that it consists of was made known.
      const shown = number === undefined ? undefined : await findGeneration(files, number, signal);
      for (const table of tables) {
        const { name, columns } = table;
        const hasTable = there.has(versionsOf(name).toLowerCase());
        const before = shown?.tables.find((each) => each.name === name && each.kind === table.kind);
        if (columns === undefined && !hasTable) continue;
        if (columns !== undefined && (!hasTable || !there.has(name.toLowerCase()) || before?.fingerprint !== table.fingerprint)) await evolve({ ...table, columns }, there, signal);
        // Where there is no view, who made the table may have ended before its partitions.
        const isWhole = hasTable && there.has(name.toLowerCase());
        const known = new Set(before === undefined || !isWhole ? [] : foldersOf(before));
        await alterPartitions(name, "ADD IF NOT EXISTS", foldersOf(table).filter((folder) => !known.has(folder)), signal);
      }
      const made = ["published", "current_generation", ...tables.flatMap(({ name, columns }) => (columns === undefined ? [] : [name.toLowerCase(), versionsOf(name).toLowerCase()]))];
      if (made.every((name) => there.has(name))) settled = { there };
    },
    async show(generation, signal) {
      const { number, tables } = generation;
      let lateMs = 0;
      if (!(await generations(signal)).includes(number)) {
        const folder = publishedFolder(number);
        // By the server's clock, as that of the statements; not before it, whatever the answer takes.
        const asked = clock.now();
        const [[now] = [null]] = await rowsOf("SELECT unix_millis(current_timestamp())", signal);
        const serverNow = () => Number(now) + clock.now() - asked;
        // Files of one length: who has listed the folder may read it after it was told anew.
        const tell = (visibleAt: number) => {
          const rows = tables.flatMap(({ name, versions }) => Object.entries(versions).map(([date, { version }]) => `${name}\t${date}\t${version}\t${visibleAt}\n`));
          return files.replace(`${folder}/tables.tsv`, new TextEncoder().encode(rows.join("")), signal);
        };
        const toldAt = serverNow() + settleMs;
        await tell(toldAt);
        const adding = rowsOf(`ALTER TABLE ${at("published")} ADD IF NOT EXISTS PARTITION (generation = '${number}') LOCATION ${location(folder)}`, signal);
        lateMs = await keepAhead(adding, { toldAt, aheadMs: settleMs, now: serverNow, tell, clock }, signal);
      }
      if (newViews.size > 0) await clock.sleep(settleMs, signal);
      for (const [name, view] of newViews) {
        await rowsOf(`CREATE VIEW IF NOT EXISTS ${at(name)} AS ${view}`, signal);
        newViews.delete(name);
      }
      if (lateMs > 0) throw new CatalogLateError(database, number, lateMs, settleMs);
    },
    async probe(signal) {
      const table = `millrace_probe_${randomUUID().replaceAll("-", "")}`;
      const folder = `doctor/${table}`;
      await hiveTables(engine, database, signal);
      await evolveTable(engine, { database, table, columns: { n: "BIGINT" }, partitions: [VERSION], location: location(folder) }, false, signal);
      try {
        await engine.writeTable("SELECT 7 AS n", `${folder}/version=1`, signal);
        await rowsOf(`ALTER TABLE ${at(table)} ADD IF NOT EXISTS PARTITION (${id(VERSION)} = '1') LOCATION ${location(`${folder}/version=1`)}`, signal);
        await rowsOf(`CREATE VIEW ${at(`${table}_view`)} AS SELECT n FROM ${at(table)} WHERE ${id(VERSION)} = '1'`, signal);
        const rows = await rowsOf(`SELECT n FROM ${at(`${table}_view`)}`, signal);
        if (rows.length !== 1 || Number(rows[0]![0]) !== 7) throw new SqlError(engine.name, `SELECT n FROM ${table}_view`, { message: `7 was written, and ${JSON.stringify(rows)} is read` });
      } finally {
        await rowsOf(`DROP VIEW IF EXISTS ${at(`${table}_view`)}`, signal);
        await rowsOf(`DROP TABLE IF EXISTS ${at(table)}`, signal);
        await files.remove(folder, signal);
      }
    },
    async forget(pruned, signal) {
      const { versions } = pruned;
      if (versions.length === 0 && pruned.generations.length === 0) return;
      const there = await hiveTables(engine, database, signal);
      if (there.has("published") && pruned.generations.length > 0) {
        await rowsOf(`ALTER TABLE ${at("published")} DROP IF EXISTS ${pruned.generations.map((number) => `PARTITION (generation = '${number}')`).join(", ")}`, signal);
      }
      for (const number of pruned.generations) await files.remove(publishedFolder(number), signal);
      const byTable = new Map<string, string[]>();
      for (const folder of versions) {
        const table = versionOf(folder)?.table;
        if (table !== undefined && there.has(versionsOf(table).toLowerCase())) byTable.set(table, [...(byTable.get(table) ?? []), folder]);
      }
      for (const [table, folders] of byTable) await alterPartitions(table, "DROP IF EXISTS", folders, signal);
    },
  };
}

const publishedFolder = (number: number): string => `${PUBLISHED}/generation=${number}`;

const foldersOf = ({ name, versions }: TableGeneration): readonly string[] => Object.entries(versions).map(([date, { version }]) => `tables/${name}/${date === "" ? "" : `date=${date}/`}version=${version}`);

function versionOf(folder: string): { readonly table: string; readonly date: string | undefined; readonly version: string } | undefined {
  const [, table, date, version] = /^tables\/([^/]+)\/(?:date=([^/]+)\/)?version=([^/]+)$/.exec(folder) ?? [];
  return table === undefined || version === undefined ? undefined : { table, date, version };
}

/** The metastore has names without case, and the catalog's own among them. */
function refuseClashes(tables: readonly TableGeneration[]): void {
  const taken = new Map([["published", "published"], ["current_generation", "current_generation"]]);
  for (const { name } of tables) {
    for (const each of [name, versionsOf(name)]) {
      const other = taken.get(each.toLowerCase());
      if (other !== undefined) throw new RangeError(`showing the table "${name}" in the metastore: "${each}" and "${other}" would have one name there`);
      taken.set(each.toLowerCase(), each);
    }
  }
}
