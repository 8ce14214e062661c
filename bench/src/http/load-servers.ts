import autocannon from "autocannon";
import { setTimeout as delay } from "node:timers/promises";
import { latencyOf, type Latency } from "../measure/latency.js";
import { askAtPace } from "./ask-at-pace.js";
import { CONNECTIONS, type Targets } from "./targets.js";

export interface LoadServersParams {
  /** Of the server that says where the others are. */
  readonly port: number;
  /** Requests to each, measured. */
  readonly requests: Readonly<Record<keyof Targets, number>>;
  /** Queries a second of the runs at a rate, and how many of them. */
  readonly rates: Readonly<Record<"kept" | "made", { readonly perSecond: number; readonly queries: number }>>;
}

export interface Load extends Latency {
  readonly perSecond: number;
}

export interface LoadResult {
  readonly loads: Readonly<Record<keyof Targets, Load>>;
  readonly atRates: Readonly<Record<keyof LoadServersParams["rates"], Latency>>;
  readonly tops: readonly Top[];
}

type Top = readonly { readonly song: string; readonly plays: number }[];

/** Asks each target with ten connections, one after the other, and tells it to stop. */
export async function loadServers({ port, requests, rates }: LoadServersParams): Promise<LoadResult> {
  const control = `http://127.0.0.1:${port}`;
  const targets = await targetsOf(control);
  try {
    const tops: Top[] = [];
    for (const target of ["kept", "made", "anew"] as const) tops.push(((await (await fetch(targets[target])).json()) as { readonly rows: Top }).rows);
    const loads: Partial<Record<keyof Targets, Load>> = {};
    for (const target of Object.keys(requests) as (keyof Targets)[]) {
      await load(targets[target], Math.max(CONNECTIONS, Math.ceil(requests[target] / 5)), pathsOf(target, targets[target], 1_000));
      loads[target] = await load(targets[target], requests[target], pathsOf(target, targets[target], 0));
    }
    const atRate = (target: "kept" | "made") => {
      const pathOf = pathsOf(target, targets[target], 0);
      return askAtPace({ url: targets[target], pathOf: (n) => pathOf(n % QUESTIONS, n), ...rates[target] });
    };
    return { loads: loads as Record<keyof Targets, Load>, atRates: { kept: await atRate("kept"), made: await atRate("made") }, tops };
  } finally {
    await fetch(`${control}/stop`, { method: "POST" });
  }
}

async function targetsOf(control: string): Promise<Targets> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await (await fetch(`${control}/targets`)).json()) as Targets;
    } catch (error) {
      if (attempt === 600) throw error;
      await delay(50);
    }
  }
}

/**
 * Equal questions that come together are answered together, so those that are to be made each time differ: by the limit
 * where the statement is to stay the same, by an earlier start where it is not. The songs are those of the day in any case.
 */
function pathsOf(target: keyof Targets, url: string, first: number): (connection: number, n: number) => string {
  const { pathname, searchParams } = new URL(url);
  const path = (changes: Record<string, string>) => `${pathname}?${new URLSearchParams({ ...Object.fromEntries(searchParams), ...changes }).toString()}`;
  if (target === "made") return (connection) => path({ limit: String(10 + connection) });
  const from = Date.parse(searchParams.get("from") ?? "");
  if (target === "anew") return (connection, n) => path({ from: new Date(from - (1 + connection + CONNECTIONS * (first + n)) * 60_000).toISOString() });
  return () => pathname + (searchParams.size > 0 ? `?${searchParams.toString()}` : "");
}

/** Different questions of one connection before it begins again. */
const QUESTIONS = 50;

async function load(url: string, amount: number, pathOf: (connection: number, n: number) => string): Promise<Load> {
  const taken: number[] = [];
  const start = performance.now();
  // Autocannon itself ends at a full second.
  let end = start;
  const ask = askingFor(pathOf);
  checked(
    await autocannon({
      url,
      connections: CONNECTIONS,
      amount,
      timeout: 60,
      setupClient: (client) => {
        ask(client);
        client.on("response", (_status, _bytes, ms) => {
          taken.push(ms);
          end = performance.now();
        });
      },
    }),
  );
  return { ...latencyOf(taken), perSecond: (amount * 1_000) / (end - start) };
}

function askingFor(pathOf: (connection: number, n: number) => string): (client: autocannon.Client) => void {
  let connection = 0;
  return (client) => {
    const own = connection++;
    client.setRequests(Array.from({ length: QUESTIONS }, (_, n) => ({ path: pathOf(own, n) })));
  };
}

function checked(result: autocannon.Result): autocannon.Result {
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`loading ${result.url}: ${failed} requests failed`);
  return result;
}
