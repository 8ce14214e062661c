/** The name that a scan has in SQL text until the engine has made a view of it. */
export const SPARK_SCAN = "millrace_files";

/** What a scan names: files by uri, and the declared columns by SQL type. */
export interface SparkScan {
  readonly uris: readonly string[];
  readonly columns: Readonly<Record<string, string>>;
}

/** Text as Spark reads it back with `spark.sql.parser.escapedStringLiterals` off. */
export function sparkText(value: string): string {
  // `${` would be replaced by a variable of the server where substitution is on.
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\0", "\\u0000").replaceAll("${", "\\u0024{")}'`;
}

/** A FROM-able expression that stands for files until {@link takeSparkScans}. */
export const sparkScanSql = (scan: SparkScan): string => `${SPARK_SCAN}(${sparkText(JSON.stringify([scan.uris, scan.columns]))})`;

// Raw texts, texts, quoted names and comments are passed over: a scan that stands in one of them is none.
const TOKENS = new RegExp(
  String.raw`\b[rR]'[^']*'|\b[rR]"[^"]*"|'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|` + "`(?:[^`]|``)*`" + String.raw`|--[^\n]*|\/\*[\s\S]*?\*\/|\b${SPARK_SCAN}\('((?:[^'\\]|\\[\s\S])*)'\)`,
  "g",
);

/** A statement with its scans replaced by the names that `named` gives them. */
export function takeSparkScans(sql: string, named: (scan: SparkScan) => string): string {
  if (!sql.includes(SPARK_SCAN)) return sql;
  return sql.replace(TOKENS, (token, escaped: string | undefined) => {
    if (escaped === undefined) return token;
    const [uris, columns] = JSON.parse(unescaped(escaped)) as readonly [SparkScan["uris"], SparkScan["columns"]];
    return named({ uris, columns });
  });
}

const unescaped = (text: string): string => text.replace(/\\(?:u([0-9a-f]{4})|([\s\S]))/g, (_, code: string | undefined, char: string) => (code === undefined ? char : String.fromCharCode(parseInt(code, 16))));
