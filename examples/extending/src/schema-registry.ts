import { UnavailableError } from "millrace";

/** The schema of an id, as JSON; null where the registry says that there is none. A schema never changes under its id. */
export type SchemaOf = (id: number, signal: AbortSignal) => Promise<string | null>;

// region registry
/** What a registry answers to an id that it does not have. Any other 404 is not the registry's: a wrong url, a proxy. */
const NO_SUCH_SCHEMA = 40_403;

/** Schemas of a registry with Confluent's REST interface. What may pass is an error that says so; nothing is kept here. */
export function schemaRegistry(url: string, { timeoutMs = 10_000 } = {}): SchemaOf {
  return async (id, signal) => {
    const asking = `asking the schema registry ${new URL(url).host} for schema ${id}`;
    let answer: Response;
    let body: { readonly schema?: string; readonly schemaType?: string; readonly error_code?: number };
    try {
      answer = await fetch(`${url}/schemas/ids/${id}`, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
      body = (await answer.json()) as typeof body;
    } catch (cause) {
      signal.throwIfAborted();
      throw new UnavailableError(asking, "no answer that can be read", { cause });
    }
    if (answer.status === 404 && body.error_code === NO_SUCH_SCHEMA) return null;
    if (answer.status === 429 || answer.status >= 500) throw new UnavailableError(asking, `it answered ${answer.status}`);
    if (answer.status !== 200 || body.schema === undefined) throw new Error(`${asking}: it answered ${answer.status}, which is no schema`);
    if ((body.schemaType ?? "AVRO") !== "AVRO") return null;
    return body.schema;
  };
}
// endregion
