/**
 * What a session must have for statements to mean what they mean in every other engine. Users may add to these, not
 * change them.
 */
export const SPARK_SETTINGS: Readonly<Record<string, string>> = {
  // Instants are printed, parsed and cut into dates in UTC.
  "spark.sql.session.timeZone": "UTC",
  "spark.sql.timestampType": "TIMESTAMP_LTZ",
  // What overflows or cannot be cast fails instead of wrapping round or becoming null.
  "spark.sql.ansi.enabled": "true",
  "spark.sql.caseSensitive": "true",
  // `${...}` in a text is a text, `\` in a literal escapes, and quotes quote as the dialect writes them.
  "spark.sql.variable.substitute": "false",
  "spark.sql.parser.escapedStringLiterals": "false",
  "spark.sql.ansi.doubleQuotedIdentifiers": "false",
  // A view over many files takes its list of them only here; a file that is missing or broken fails the statement.
  "spark.sql.sources.useV1SourceList": "avro,csv,json,kafka,orc,text",
  "spark.sql.files.ignoreMissingFiles": "false",
  "spark.sql.files.ignoreCorruptFiles": "false",
  "spark.sql.sources.parallelPartitionDiscovery.parallelism": "16",
  // Other engines read the instants: whole micros, with no calendar but the Gregorian.
  "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
  "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
  "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
  "spark.sql.parquet.writeLegacyFormat": "false",
  "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
  // Rows leave the server part by part, so that it holds no result as a whole.
  "spark.sql.thriftServer.incrementalCollect": "true",
};
