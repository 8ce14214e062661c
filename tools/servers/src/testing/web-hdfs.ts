import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:http";
import { text } from "node:stream/consumers";

/** How long an answer may take. */
const LIMIT_MS = 30_000;

async function ask(method: string, url: string, content?: string): Promise<IncomingMessage> {
  const asking = request(url, { method, agent: false, signal: AbortSignal.timeout(LIMIT_MS) });
  asking.end(content);
  const [answer] = (await once(asking, "response")) as [IncomingMessage];
  return answer;
}

const urlOf = (webUrl: string, path: string, operation: string): string => `${webUrl}/webhdfs/v1${path}?op=${operation}&user.name=hdfs`;

async function redirected(method: string, url: string, content?: string): Promise<string> {
  const told = await ask(method, url);
  const body = await text(told);
  if (told.statusCode !== 307) throw new Error(`status ${told.statusCode}: ${body}`);
  const answer = await ask(method, told.headers.location!, content);
  const answered = await text(answer);
  if (answer.statusCode! >= 300) throw new Error(`status ${answer.statusCode}: ${answered}`);
  return answered;
}

/** Writes a new file. */
export async function writeFile(webUrl: string, path: string, content: string): Promise<void> {
  await redirected("PUT", urlOf(webUrl, path, "CREATE"), content);
}

/** What a file holds. */
export const readFile = (webUrl: string, path: string): Promise<string> => redirected("GET", urlOf(webUrl, path, "OPEN"));

/** Names in a folder, in order. */
export async function list(webUrl: string, path: string): Promise<readonly string[]> {
  const body = await text(await ask("GET", urlOf(webUrl, path, "LISTSTATUS")));
  const { FileStatuses } = JSON.parse(body) as { readonly FileStatuses?: { readonly FileStatus: readonly { readonly pathSuffix: string }[] } };
  if (FileStatuses === undefined) throw new Error(body);
  return FileStatuses.FileStatus.map(({ pathSuffix }) => pathSuffix).sort();
}
