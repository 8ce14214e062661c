import { randomUUID } from "node:crypto";
import { FileNotFoundError, type Platform } from "@millrace/core";
import { BrokenPromiseError } from "./broken-promise-error.js";

const OTHERS = "two processes could publish the same generation: take a file system whose adapter passes `fileSystemConformance`";
const LOST = "files would be lost or mixed up: look at what lies between here and the file system (a cache, a gateway, a mount), and at its adapter";

/** Does to files what the layers do, in a folder of its own that is removed. */
export async function tryFiles({ files }: Pick<Platform, "files">, signal: AbortSignal): Promise<string> {
  const folder = `doctor/${randomUUID()}`;
  const [claim, large] = [`${folder}/claim`, `${folder}/part 1/large`];
  const expectContent = async (path: string, expected: Uint8Array, after: string): Promise<void> => {
    if (!Buffer.from(await files.read(path, signal)).equals(expected)) throw new BrokenPromiseError(`a file did not read back as it was ${after}`, LOST);
  };
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  try {
    const created = await files.putIfAbsent(claim, text("first\n"), signal);
    const again = await files.putIfAbsent(claim, text("second\n"), signal);
    if (!created || again) throw new BrokenPromiseError("create-without-overwrite does not hold", OTHERS);
    await expectContent(claim, text("first\n"), "created");

    await files.replace(claim, text("third\n"), signal);
    await expectContent(claim, text("third\n"), "replaced");

    const content = Buffer.alloc(100_000, "a file in pieces ");
    const writer = await files.write(large, signal);
    try {
      await writer.write(content.subarray(0, 60_000));
      if ((await files.list(folder, signal)).length !== 1) throw new BrokenPromiseError("a file is listed before it is whole", LOST);
      await writer.write(content.subarray(60_000));
      await writer.commit();
    } finally {
      await writer.abort();
    }
    await expectContent(large, content, "written");

    const listed = (await files.list(folder, signal)).map(({ path, bytes }) => `${path} ${bytes}`);
    const expected = [`${claim} 6`, `${large} ${content.length}`];
    if (listed.join() !== expected.join()) throw new BrokenPromiseError(`the listing of two files is ${listed.length === 0 ? "empty" : listed.join(", ")}`, LOST);
  } finally {
    await files.remove(folder, signal).catch(() => {});
  }
  const isThere = await files.read(claim, signal).then(
    () => true,
    (error: unknown) => {
      if (error instanceof FileNotFoundError) return false;
      throw error;
    },
  );
  if (isThere || (await files.list(folder, signal)).length > 0) throw new BrokenPromiseError(`"${folder}" is still there after it was removed`, "give this user the right to remove files; what prune and erase remove would stay");
  return `${files.name} writes, publishes, refuses to overwrite, replaces, reads back, lists, removes`;
}
