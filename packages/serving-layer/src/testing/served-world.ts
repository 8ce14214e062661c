import type { ViewDefinition } from "@millrace/core";
import { createHttpServer, type HttpServer } from "../http/create-http-server.js";
import { describeView } from "../http/describe-view.js";
import type { Served } from "../http/served.js";
import type { HttpServerOptions } from "../http/server-options.js";
import { createServing, type Serving } from "../serving.js";
import { createTrust } from "../trust/trust.js";
import { listens, songs, totals } from "./plays.js";
import type { World } from "./world.js";

export interface ServedWorld {
  readonly server: HttpServer;
  readonly serving: Serving<typeof songs | typeof totals | typeof listens>;
  /** What went wrong in the server itself. */
  readonly faults: unknown[];
  /** Status, parsed body and content type of a request. */
  ask(path: string, init?: RequestInit): Promise<{ readonly status: number; readonly body: Record<string, unknown>; readonly type: string; readonly headers: Headers }>;
}

/** A real server on a free port over the ports of a world. `more` replaces parts of what is served. */
export async function serveWorld(world: World, options: HttpServerOptions = {}, more: Partial<Served> = {}): Promise<ServedWorld> {
  const views: readonly ViewDefinition[] = [songs.definition, totals.definition, listens.definition];
  const serving = createServing({ ...world, views: [songs, totals, listens] });
  const trust = createTrust({ ...world, serving, views, topics: ["plays"] });
  const faults: unknown[] = [];
  const served: Served = {
    serving,
    views,
    clock: world.clock,
    describe: () => ({ views: views.map(describeView), streams: [{ topic: "plays", eventTime: "ts", latenessMs: 60_000, columns: [] }], models: [], outputs: [], platform: {} }),
    trust: (signal) => trust.read(signal),
    generations: () => Promise.resolve([]),
    deadLetters: () => Promise.resolve({ letters: [], more: false }),
    ready: () => Promise.resolve([{ name: "log", ok: true, detail: "fine" }]),
    ...more,
  };
  const server = await createHttpServer(served, { port: 0, pollMs: 5, onError: (error) => faults.push(error), ...options });
  return {
    server,
    serving,
    faults,
    async ask(path, init) {
      const response = await fetch(`${server.url}${path}`, init);
      const text = await response.text();
      return { status: response.status, body: JSON.parse(text) as Record<string, unknown>, type: response.headers.get("content-type") ?? "", headers: response.headers };
    },
  };
}

/** Reads server-sent events of a response one by one, as their raw texts. */
export function eventTexts(response: Response): { next(): Promise<string | undefined> } {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    async next() {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end >= 0) {
          const event = text.slice(0, end);
          text = text.slice(end + 2);
          return event;
        }
        const { done, value } = await reader.read();
        if (done) return undefined;
        text += value;
      }
    },
  };
}
