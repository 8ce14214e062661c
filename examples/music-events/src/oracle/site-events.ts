import type { DumpedRecord } from "./log-dump.js";

/** An event, read from its JSON as plainly as it can be said. */
export interface SiteEvent {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly ts: number;
  readonly sessionId: number;
  readonly itemInSession: number;
  readonly level: string;
  readonly city: string;
  readonly zip: string;
  readonly state: string;
  readonly userAgent: string;
  readonly lon: number;
  readonly lat: number;
  readonly userId?: number | null;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly gender?: string | null;
  readonly registration?: number | null;
  readonly artist?: string | null;
  readonly song?: string | null;
  readonly duration?: number | null;
  readonly auth?: string;
  readonly success?: boolean;
  readonly page?: string;
  readonly method?: string;
  readonly status?: number;
}

type Field = "text" | "integer" | "instant" | "number" | "decimal" | "boolean";

const TAIL: Readonly<Record<string, Field>> = {
  ts: "instant", sessionId: "integer", level: "text", itemInSession: "integer", city: "text", zip: "text", state: "text", userAgent: "text", lon: "number", lat: "number",
  "userId?": "integer", "lastName?": "text", "firstName?": "text", "gender?": "text", "registration?": "instant",
};
const FIELDS: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  listen_events: { ...TAIL, artist: "text", song: "text", duration: "decimal", auth: "text" },
  auth_events: { ...TAIL, success: "boolean" },
  page_view_events: { ...TAIL, page: "text", auth: "text", method: "text", status: "integer", "artist?": "text", "song?": "text", "duration?": "decimal" },
  status_change_events: { ...TAIL, auth: "text" },
};
const DAY_MS = 86_400_000;

/** What of a dump are events, and what can only be dead letters. */
export function siteEvents(records: readonly DumpedRecord[]): { readonly events: readonly SiteEvent[]; readonly dead: readonly DumpedRecord[] } {
  const events: SiteEvent[] = [];
  const dead: DumpedRecord[] = [];
  for (const record of records) {
    const event = eventOf(record);
    if (event === undefined) dead.push(record);
    else events.push(event);
  }
  return { events, dead };
}

function eventOf({ topic, partition, offset, appendedAt, value }: DumpedRecord): SiteEvent | undefined {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value ?? new Uint8Array(0)));
  } catch {
    return undefined;
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  const given = json as Record<string, unknown>;
  for (const [name, field] of Object.entries(FIELDS[topic]!)) {
    const found = given[name.replace("?", "")] ?? null;
    if (found === null ? !name.endsWith("?") : !isField(field, found)) return undefined;
  }
  if ((given["ts"] as number) > appendedAt + DAY_MS) return undefined;
  const repaired = Object.fromEntries(["artist", "song"].map((name) => [name, typeof given[name] === "string" ? meant(given[name]) : null]));
  const userAgent = /^"(.*)"$/s.exec(given["userAgent"] as string)?.[1] ?? given["userAgent"];
  return { ...given, ...repaired, userAgent, topic, partition, offset } as unknown as SiteEvent;
}

function isField(field: Field, value: unknown): boolean {
  switch (field) {
    case "text":
      return typeof value === "string" && Buffer.byteLength(value) <= 8_192;
    case "boolean":
      return typeof value === "boolean";
    case "number":
      return typeof value === "number";
    case "integer":
      return Number.isSafeInteger(value);
    case "instant":
      return typeof value === "number" && Math.abs(value) <= 8.64e15;
    case "decimal":
      return typeof value === "number" && Number(value.toFixed(5)) === value;
  }
}

/** `escape` writes a character of one byte as that byte, and refuses nothing; as UTF-8 it is read strictly. */
function meant(text: string): string {
  for (let repaired = text; ; ) {
    let next: string;
    try {
      next = decodeURIComponent([...repaired].map((character) => byteEscape(character)).join(""));
    } catch {
      return repaired;
    }
    if (next === repaired) return repaired;
    repaired = next;
  }
}

function byteEscape(character: string): string {
  const code = character.codePointAt(0)!;
  if (code > 0xff) throw new RangeError("no byte");
  return `%${code.toString(16).padStart(2, "0")}`;
}
