/** Rows as texts that are equal for equal rows, in whatever order they and their columns came, over HTTP or not. */
export const rowsInNoOrder = (rows: readonly object[]): readonly string[] => rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();
