import { Agent, get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { latencyOf, type Latency } from "../measure/latency.js";

export interface AskAtPaceParams {
  readonly url: string;
  readonly pathOf: (n: number) => string;
  readonly perSecond: number;
  readonly queries: number;
}

/**
 * Latencies while queries come at an even pace, whether the ones before are answered or not, each counted from the
 * instant it was due: a server that stalls is not asked less. Autocannon at a rate asks a second's queries in one burst.
 *
 * @throws {Error} when a query is not answered with 200.
 */
export async function askAtPace({ url, pathOf, perSecond, queries }: AskAtPaceParams): Promise<Latency> {
  const agent = new Agent({ keepAlive: true });
  const taken: Promise<number>[] = [];
  const start = performance.now();
  try {
    while (taken.length < queries) {
      const due = start + (taken.length * 1_000) / perSecond;
      if (due > performance.now()) await delay(due - performance.now());
      const query = ask(new URL(pathOf(taken.length), url), agent).then(() => performance.now() - due);
      // A failure is told at the end, with the others.
      query.catch(() => undefined);
      taken.push(query);
    }
    return latencyOf(await Promise.all(taken));
  } finally {
    agent.destroy();
  }
}

function ask(url: URL, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume().once("error", reject).once("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`asking ${url.href}: the answer is ${response.statusCode}`));
      });
    }).once("error", reject);
  });
}
