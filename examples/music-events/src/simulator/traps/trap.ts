/** What the original generator and real producers get wrong, each to be switched on by its name. */
export const traps = {
  "double-encoding": "song and artist have been through a wrong character set twice: BjÃ\u0083Â¶rk",
  "quoted-user-agents": "seven of ten user agents have quotation marks around them that belong to the value",
  "local-time-as-utc": "ts and registration are the wall clock of a zone seven hours ahead, labelled as UTC",
  late: "2 of 100 records are sent late: most by minutes, every tenth of them by hours or days",
  duplicates: "1 of 100 records is sent again, seconds to minutes later",
  malformed: "2 of 1,000 records are broken: cut off, two in one, no JSON, or a field missing or of the wrong type",
} as const;

export type Trap = keyof typeof traps;

export const TRAPS = Object.keys(traps) as readonly Trap[];

/** Traps named in a list such as `late,duplicates`; `all` and `none` are what they say. Names that are none come back apart. */
export function parseTraps(text: string): { readonly traps: readonly Trap[]; readonly unknown: readonly string[] } {
  const names = text.split(",").map((name) => name.trim());
  if (text.trim() === "all") return { traps: TRAPS, unknown: [] };
  if (text.trim() === "none" || text.trim() === "") return { traps: [], unknown: [] };
  return { traps: TRAPS.filter((trap) => names.includes(trap)), unknown: names.filter((name) => !Object.hasOwn(traps, name)) };
}
