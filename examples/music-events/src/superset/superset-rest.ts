import { SupersetRefusedError, SupersetUnreachableError } from "./superset-errors.js";

/** Where a Superset is, and who logs in. */
export interface SupersetLogin {
  /** `http://host:port`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** What a chart shows. */
export interface ChartData {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  /** The statement that was run. */
  readonly query: string;
  /** Epoch ms of the time that was asked for; null without an end. */
  readonly from_dttm: number | null;
  readonly to_dttm: number | null;
}

/** The part of Superset's REST with which dashboards are put there and looked at. */
export class SupersetRest {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.#url = url;
    this.#headers = headers;
  }

  /**
   * @throws {SupersetUnreachableError} nobody answers there
   * @throws {SupersetRefusedError} the login is wrong
   */
  static async login({ url, user, password }: SupersetLogin, signal?: AbortSignal): Promise<SupersetRest> {
    const base = url.replace(/\/+$/, "");
    const answer = await new SupersetRest(base, {}).#send("POST", "security/login", json({ username: user, password, provider: "db" }), signal);
    if (answer.status === 401) throw new SupersetRefusedError(`logging in to Superset at "${base}" as "${user}": it knows no such user with this password`, 401, { advice: "name the login: --user and --password, or MILLRACE_SUPERSET_USER and MILLRACE_SUPERSET_PASSWORD" });
    const { access_token } = await answerOf<{ readonly access_token: string }>(answer, `logging in to Superset at "${base}"`);
    const authorization = `Bearer ${access_token}`;
    // What changes something must bring this token and the cookie of its session along, unless that is switched off.
    const csrf = await new SupersetRest(base, { authorization }).#send("GET", "security/csrf_token/", {}, signal);
    const { result } = await answerOf<{ readonly result: string }>(csrf, `logging in to Superset at "${base}"`);
    return new SupersetRest(base, { authorization, "x-csrftoken": result, referer: base, cookie: csrf.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ") });
  }

  /** Lets Superset itself try a database. @throws {SupersetRefusedError} with what it says */
  async tryDatabase(uri: string, signal?: AbortSignal): Promise<void> {
    const doing = `having Superset try the database "${uri}"`;
    const answer = await this.#send("POST", "database/test_connection/", json({ sqlalchemy_uri: uri }), signal);
    await answerOf(answer, doing, "the address is the one that Superset reaches it by; Presto must run, and Superset must have a driver for it (PyHive)");
  }

  /** Puts a bundle of assets there; what has the same UUIDs is replaced. @param zip its files, in one folder */
  async importAssets(zip: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<void> {
    const form = new FormData();
    form.set("bundle", new Blob([zip], { type: "application/zip" }), "bundle.zip");
    const answer = await this.#send("POST", "assets/import/", { body: form }, signal);
    await answerOf(answer, "importing the dashboards into Superset", "where Superset names no cause, it stands in the server's own log only");
  }

  /** Names of the tables and views of a schema, as Superset sees them; none where there is no such schema. */
  async tables(database: string, schema: string, signal?: AbortSignal): Promise<readonly string[]> {
    const doing = `asking Superset for the tables of "${schema}"`;
    const found = await this.#send("GET", `database/?q=(columns:!(id),filters:!((col:database_name,opr:eq,value:'${database}')))`, {}, signal);
    const { ids } = await answerOf<{ readonly ids: readonly number[] }>(found, doing);
    const answer = await this.#send("GET", `database/${ids[0]}/tables/?q=(force:!t,schema_name:'${encodeURIComponent(schema)}')`, {}, signal);
    try {
      return (await answerOf<{ readonly result: readonly { readonly value: string }[] }>(answer, doing)).result.map(({ value }) => value);
    } catch (error) {
      if (error instanceof SupersetRefusedError && error.message.includes(`Schema '${schema}' does not exist`)) return [];
      throw error;
    }
  }

  /** The charts of a dashboard by their titles. */
  async charts(slug: string, signal?: AbortSignal): Promise<Readonly<Record<string, number>>> {
    const answer = await this.#send("GET", `dashboard/${encodeURIComponent(slug)}/charts`, {}, signal);
    const { result } = await answerOf<{ readonly result: readonly { readonly id: number; readonly slice_name: string }[] }>(answer, `asking Superset for the dashboard "${slug}"`);
    return Object.fromEntries(result.map(({ id, slice_name }) => [slice_name, id]));
  }

  /** Has Superset ask the database for what a chart shows. */
  async chartData(id: number, signal?: AbortSignal): Promise<ChartData> {
    const answer = await this.#send("GET", `chart/${id}/data/`, {}, signal);
    const { result } = await answerOf<{ readonly result: readonly ChartData[] }>(answer, `asking Superset for the data of chart ${id}`);
    return result[0]!;
  }

  async #send(method: string, path: string, request: { readonly body?: string | FormData; readonly headers?: Readonly<Record<string, string>> }, signal: AbortSignal | undefined): Promise<Response> {
    try {
      return await fetch(`${this.#url}/api/v1/${path}`, { method, ...request, headers: { accept: "application/json", ...this.#headers, ...request.headers }, ...(signal === undefined ? {} : { signal }) });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new SupersetUnreachableError(`reaching Superset at "${this.#url}"`, { cause, advice: "start it: npm run servers -- up superset --superset-port 8089; or name another one: --url, or MILLRACE_SUPERSET_URL" });
    }
  }
}

const json = (value: unknown): { readonly body: string; readonly headers: Readonly<Record<string, string>> } => ({ body: JSON.stringify(value), headers: { "content-type": "application/json" } });

async function answerOf<T>(answer: Response, doing: string, advice?: string): Promise<T> {
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text) as T;
  throw new SupersetRefusedError(`${doing}: HTTP ${answer.status}${causeOf(text)}`, answer.status, advice === undefined ? {} : { advice });
}

/** What Superset says, in the forms that its answers have; nothing where it is a page for a browser. */
function causeOf(text: string): string {
  let said: { readonly message?: unknown; readonly error?: unknown; readonly errors?: readonly { readonly message?: string }[] };
  try {
    said = JSON.parse(text) as typeof said;
  } catch {
    return "";
  }
  const errors = said.errors?.flatMap(({ message }) => message ?? []) ?? [];
  if (errors.length > 0) return `: ${errors.join("; ")}`;
  const one = said.message ?? said.error;
  return one === undefined ? "" : `: ${typeof one === "string" ? one : JSON.stringify(one)}`;
}
