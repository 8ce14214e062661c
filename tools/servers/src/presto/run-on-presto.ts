import { NotYetError } from "../errors/not-yet-error.js";

/** Where a server is. */
export interface PrestoAddress {
  readonly host: string;
  readonly port: number;
}

interface Page {
  readonly nextUri?: string;
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: { readonly errorName: string; readonly message: string };
}

/** Runs a statement, and resolves with its rows as JSON has them. */
export async function runOnPresto({ host, port }: PrestoAddress, sql: string, signal: AbortSignal): Promise<readonly (readonly unknown[])[]> {
  const headers = { "X-Presto-User": "millrace", "X-Presto-Time-Zone": "UTC" };
  const rows: (readonly unknown[])[] = [];
  let page = await pageOf(await fetch(`http://${host}:${port}/v1/statement`, { method: "POST", body: sql, headers, signal }));
  for (;;) {
    if (page.error !== undefined) throw new NotYetError(`running "${sql}": ${page.error.errorName}: ${page.error.message}`);
    rows.push(...(page.data ?? []));
    if (page.nextUri === undefined) return rows;
    page = await pageOf(await fetch(page.nextUri, { headers, signal }));
  }
}

async function pageOf(answer: Response): Promise<Page> {
  const text = await answer.text();
  if (!answer.ok) throw new NotYetError(`Presto answers with status ${answer.status}: ${text.slice(0, 200)}`);
  return JSON.parse(text) as Page;
}
