import { browserZone, HOUR_MS, type Settings, type ShownRange } from "./settings.js";

/** Which page is shown, and what it shows: all of it is in the address, so that it can be sent to others. */
export interface PageLocation {
  readonly page: "dashboard" | "view" | "questions" | "trust";
  readonly view: string | undefined;
  readonly settings: Settings;
  /** What the page of a view shows of it. */
  readonly measure: string | undefined;
  readonly by: readonly string[] | undefined;
  readonly stack: string | undefined;
  readonly filters: readonly (readonly [column: string, value: string])[];
  readonly question: string | undefined;
  /** What the question is asked besides the settings: its limit and its own parameters, as texts. */
  readonly asked: Readonly<Record<string, string>>;
  /** The column of the answer that is drawn. */
  readonly show: string | undefined;
}

export interface Defaults {
  readonly lastMs?: number;
  readonly zone?: string;
}

/** Before the names of what a question is asked: they are its own, and may be those of settings. */
const ASKED = "ask.";

/** From the address's hash: `#/views/song_chart?last=3600000&zone=UTC&where=artist%3DA`. What cannot be read is left out. */
export function parseLocation(hash: string, defaults: Defaults): PageLocation {
  const [path = "", search = ""] = hash.replace(/^#/, "").split("?");
  const parameters = new URLSearchParams(search);
  const question = /^\/questions\/([^/]+)$/.exec(path)?.[1];
  const questions = path === "/questions" || question !== undefined;
  const granularity = parameters.get("granularity") ?? undefined;
  const view = /^\/views\/([^/]+)$/.exec(path)?.[1];
  return {
    page: view !== undefined ? "view" : questions ? "questions" : path === "/trust" ? "trust" : "dashboard",
    view: view === undefined ? undefined : decodeURIComponent(view),
    settings: {
      range: rangeOf(parameters, defaults),
      // A total is no chart over time.
      granularity: granularity === "all" && !questions ? undefined : granularity,
      zone: zoneOf(parameters.get("zone")) ?? zoneOf(defaults.zone) ?? browserZone(),
    },
    measure: parameters.get("measure") ?? undefined,
    by: parameters.has("by") ? parameters.get("by")!.split(",").filter((name) => name !== "") : undefined,
    stack: parameters.get("stack") ?? undefined,
    filters: parameters.getAll("where").flatMap((text) => {
      const at = text.indexOf("=");
      return at < 1 ? [] : [[text.slice(0, at), text.slice(at + 1)] as const];
    }),
    question: question === undefined ? undefined : decodeURIComponent(question),
    asked: Object.fromEntries([...parameters].flatMap(([name, value]) => (name.startsWith(ASKED) ? [[name.slice(ASKED.length), value]] : []))),
    show: parameters.get("show") ?? undefined,
  };
}

export function formatLocation({ page, view, settings: { range, granularity, zone }, measure, by, stack, filters, question, asked, show }: PageLocation, defaults: Defaults): string {
  const parameters = new URLSearchParams();
  if ("from" in range) {
    parameters.set("from", range.from);
    parameters.set("until", range.until);
  } else if (range.lastMs !== (defaults.lastMs ?? HOUR_MS)) parameters.set("last", String(range.lastMs));
  if (granularity !== undefined && (granularity !== "all" || page === "questions")) parameters.set("granularity", granularity);
  if (zone !== (defaults.zone ?? browserZone())) parameters.set("zone", zone);
  if (page === "view") {
    if (measure !== undefined) parameters.set("measure", measure);
    if (by !== undefined) parameters.set("by", by.join(","));
    if (stack !== undefined) parameters.set("stack", stack);
    for (const [column, value] of filters) parameters.append("where", `${column}=${value}`);
  }
  if (page === "questions") {
    if (show !== undefined) parameters.set("show", show);
    for (const [name, value] of Object.entries(asked)) parameters.set(`${ASKED}${name}`, value);
  }
  const path = page === "questions" ? `/questions${question === undefined ? "" : `/${encodeURIComponent(question)}`}` : page === "view" ? `/views/${encodeURIComponent(view ?? "")}` : page === "trust" ? "/trust" : "/";
  const search = parameters.toString();
  return `#${path}${search === "" ? "" : `?${search}`}`;
}

function rangeOf(parameters: URLSearchParams, defaults: Defaults): ShownRange {
  const [from, until] = [parameters.get("from"), parameters.get("until")];
  if (from !== null && until !== null && Date.parse(from) < Date.parse(until)) return { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
  const last = Number(parameters.get("last"));
  return { lastMs: Number.isSafeInteger(last) && last > 0 ? last : (defaults.lastMs ?? HOUR_MS) };
}

function zoneOf(name: string | null | undefined): string | undefined {
  if (name === null || name === undefined) return undefined;
  try {
    // The name as it was given: browsers answer with older names of some zones.
    new Intl.DateTimeFormat("en", { timeZone: name });
    return name;
  } catch {
    return undefined;
  }
}
