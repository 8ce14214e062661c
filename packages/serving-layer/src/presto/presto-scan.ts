/** The name that a scan has in SQL text until the engine has put a table in its place. */
export const PRESTO_SCAN = "millrace_files";

/** What a scan names: files by uri, and the declared columns by SQL type. */
export interface PrestoScan {
  readonly uris: readonly string[];
  readonly columns: Readonly<Record<string, string>>;
}

/** A version of a table, for a date where the table has dates. */
export interface PrestoVersion {
  readonly date: string | undefined;
  readonly version: string;
}

/** What a scan reads: versions of one table. */
export interface PrestoVersions {
  readonly table: string;
  readonly versions: readonly PrestoVersion[];
}

/** Where the tables of a platform are shown. */
export interface PrestoTables {
  readonly catalog: string;
  readonly schema: string;
}

/** A name, quoted. */
export const prestoIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** A text, escaped. */
export const prestoText = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** A FROM-able expression that stands for files until {@link takePrestoScans}. */
export const prestoScanSql = (scan: PrestoScan): string => `${PRESTO_SCAN}(${prestoText(JSON.stringify([scan.uris, scan.columns]))})`;

// Texts, quoted names and comments are passed over: a scan that stands in one of them is none.
const TOKENS = new RegExp(String.raw`\b${PRESTO_SCAN}\('((?:[^']|'')*)'\)|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/`, "g");

/** A statement with its scans replaced by what `named` gives for each. */
export function takePrestoScans(sql: string, named: (scan: PrestoScan) => string): string {
  if (!sql.includes(PRESTO_SCAN)) return sql;
  return sql.replace(TOKENS, (token, escaped: string | undefined) => {
    if (escaped === undefined) return token;
    const [uris, columns] = JSON.parse(escaped.replaceAll("''", "'")) as readonly [PrestoScan["uris"], PrestoScan["columns"]];
    return named({ uris, columns });
  });
}

/**
 * The versions whose files a scan names.
 *
 * @throws {TypeError} a file lies in no version's folder, or there are several tables
 */
export function versionsOfScan({ uris }: PrestoScan): PrestoVersions {
  const versions = new Map<string, PrestoVersion>();
  let table: string | undefined;
  for (const uri of uris) {
    const [folder, name, date, version] = /\/tables\/([^/]+)\/(?:date=([^/]+)\/)?version=([^/]+)\/(?=[^/]+$)/.exec(uri) ?? [];
    if (folder === undefined || name === undefined || version === undefined) throw new TypeError(`reading "${uri}" with Presto: it reads tables of the metastore, and only files below "tables/<name>/" are in one`);
    if (table !== undefined && table !== name) throw new TypeError(`reading the tables "${table}" and "${name}" with one scan: Presto reads one table at a time`);
    table = name;
    versions.set(folder, { date, version });
  }
  if (table === undefined) throw new TypeError("reading no files");
  return { table, versions: [...versions.values()] };
}

/** The table of all versions of a table, as `hiveCatalog` makes it. */
const versionsTable = ({ catalog, schema }: PrestoTables, table: string, suffix = ""): string => [catalog, schema, `${table}_versions${suffix}`].map(prestoIdentifier).join(".");

function conditionOf(versions: readonly PrestoVersion[]): string {
  return versions.map(({ date, version }) => `(${date === undefined ? "" : `${prestoIdentifier("millrace_date")} = ${prestoText(date)} AND `}${prestoIdentifier("millrace_version")} = ${prestoText(version)})`).join(" OR ");
}

/** The rows of versions, which are partitions with literal values. */
export const versionsSql = (tables: PrestoTables, { table, versions }: PrestoVersions, columns: readonly string[]): string =>
  `(SELECT ${columns.map(prestoIdentifier).join(", ")} FROM ${versionsTable(tables, table)} WHERE ${conditionOf(versions)})`;

/** How many of these versions the metastore knows. A partition that is not there has no rows, and nothing says so. */
export const countVersionsSql = (tables: PrestoTables, { table, versions }: PrestoVersions): string => `SELECT count(*) FROM ${versionsTable(tables, table, "$partitions")} WHERE ${conditionOf(versions)}`;
