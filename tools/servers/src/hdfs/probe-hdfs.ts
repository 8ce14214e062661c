import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { NotYetError } from "../errors/not-yet-error.js";
import { HDFS_USER } from "./hdfs-settings.js";

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

/** Resolves when a NameNode tells what it holds, in safe mode or not. */
export async function probeNameNode(webPort: number, signal: AbortSignal): Promise<void> {
  expectStatus(await ask("GET", fileUrl(webPort, "/", "GETFILESTATUS"), signal), 200, "telling of the root folder");
}

/** Resolves when a DataNode answers, whether a NameNode knows it or not. */
export async function probeDataNode(webPort: number, signal: AbortSignal): Promise<void> {
  expectStatus(await ask("GET", new URL(`http://127.0.0.1:${webPort}/jmx?qry=Hadoop:service=DataNode,name=DataNodeInfo`), signal), 200, "telling of itself");
}

/** Resolves when a NameNode is out of safe mode, and a file that is written through it and its DataNode can be read back. */
export async function probeFiles(webPort: number, signal: AbortSignal): Promise<void> {
  const bean = async (name: string): Promise<Readonly<Record<string, unknown>>> => {
    const answer = expectStatus(await ask("GET", new URL(`http://127.0.0.1:${webPort}/jmx?qry=Hadoop:service=NameNode,name=${name}`), signal), 200, "telling of itself");
    return (JSON.parse(answer.body) as { readonly beans: readonly Readonly<Record<string, unknown>>[] }).beans[0] ?? {};
  };
  const safeMode = (await bean("NameNodeInfo"))["Safemode"];
  if (safeMode !== "") throw new NotYetError(`the NameNode is in safe mode: ${String(safeMode)}`);
  // It also counts a DataNode that died within the last 20 s: the file below is the proof.
  const live = (await bean("FSNamesystemState"))["NumLiveDataNodes"];
  if (live !== 1) throw new NotYetError(`the NameNode knows ${String(live)} live DataNodes`);
  const file = `/tmp/.ready-${randomUUID()}`;
  try {
    const told = expectStatus(await ask("PUT", fileUrl(webPort, file, "CREATE"), signal), 307, "creating a file");
    expectStatus(await ask("PUT", new URL(told.location!), signal, file), 201, "writing a file");
    const place = expectStatus(await ask("GET", fileUrl(webPort, file, "OPEN"), signal), 307, "opening a file");
    const { body } = expectStatus(await ask("GET", new URL(place.location!), signal), 200, "reading a file");
    if (body !== file) throw new NotYetError(`a file that was written holds "${body}"`);
  } finally {
    await ask("DELETE", fileUrl(webPort, file, "DELETE"), signal).catch(() => {});
  }
}

const fileUrl = (webPort: number, path: string, operation: string): URL => new URL(`http://127.0.0.1:${webPort}/webhdfs/v1${path}?op=${operation}&user.name=${HDFS_USER}`);

/** Not `fetch`: it takes a DataNode's unasked "100 Continue" for an error. */
async function ask(method: string, url: URL, signal: AbortSignal, content?: string): Promise<Answer> {
  const asking = request(url, { method, signal, agent: false });
  asking.end(content);
  const [answer] = (await once(asking, "response")) as [IncomingMessage];
  return { status: answer.statusCode!, location: answer.headers.location, body: await text(answer) };
}

function expectStatus(answer: Answer, status: number, doing: string): Answer {
  if (answer.status !== status) throw new NotYetError(`${doing}: status ${answer.status}: ${answer.body.slice(0, 500)}`);
  return answer;
}
