/** Words that CQL does not take as names. */
const RESERVED = new Set(
  ("add allow alter and apply asc authorize batch begin by columnfamily create default delete desc describe drop entries execute from full grant if in index " +
    "infinity insert into is keyspace limit materialized mbean mbeans modify nan norecursive not null of on or order password primary rename replace revoke schema " +
    "select set table to token truncate unlogged unset update use using view where with").split(" "),
);

/** A name as it stands in a statement: quoted where CQL would read it as something else. */
export function cqlName(name: string): string {
  return /^[a-z][a-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** A text constant. */
export function cqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A map constant of texts: `{'class': 'NetworkTopologyStrategy', 'datacenter1': '3'}`. */
export function cqlMap(entries: Readonly<Record<string, string | number>>): string {
  return `{${Object.entries(entries)
    .map(([key, value]) => `${cqlText(key)}: ${cqlText(String(value))}`)
    .join(", ")}}`;
}
