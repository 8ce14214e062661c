import assert from "node:assert/strict";
import fc from "fast-check";
import type { FileSystem } from "../ports/file-system.js";
import { declareLaws, needed, rejectsWith } from "./law.js";
import type { It, Law, Subject, Waivers } from "./law.js";

/** A file system that is to prove itself, with what the laws need to see it from outside. */
export interface FileSystemSubject extends Subject {
  readonly files: FileSystem;
  /** A file's content read without `files`, or null when there is none under exactly this path. */
  readonly readBack: (path: string) => Promise<Uint8Array | null>;
  /** A second client of the same files: another object, better another process. */
  readonly another?: () => Promise<FileSystem>;
}

const never = new AbortController().signal;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | null): string | null => content && Buffer.from(content).toString();

const LAWS: readonly Law<FileSystemSubject>[] = [
  {
    id: "commits-whole",
    says: "a file is visible whole after commit, and not before",
    async prove({ files, readBack }) {
      const writer = await files.write("a/b=1/c d.bin", never);
      await writer.write(bytes("first, "));
      await writer.write(bytes("second"));
      assert.equal(await readBack("a/b=1/c d.bin"), null, "a file that is being written is visible");
      assert.deepEqual(await files.list("a", never), [], "a file that is being written is listed");
      assert.deepEqual(await writer.commit(), { path: "a/b=1/c d.bin", bytes: 13 });
      assert.equal(text(await readBack("a/b=1/c d.bin")), "first, second");
      assert.equal(text(await files.read("a/b=1/c d.bin", never)), "first, second");
      assert.deepEqual(await files.list("a", never), [{ path: "a/b=1/c d.bin", bytes: 13 }]);
      await writer.abort();
      assert.equal(text(await readBack("a/b=1/c d.bin")), "first, second", "abort after commit must change nothing");
    },
  },
  {
    id: "aborts-without-trace",
    says: "an aborted file leaves nothing, and the file it would have replaced stays",
    async prove({ files, readBack }) {
      const writer = await files.write("a/file", never);
      await writer.write(bytes("half"));
      await writer.abort();
      await writer.abort();
      assert.deepEqual(await files.list("", never), []);
      await files.replace("a/file", bytes("old"), never);
      const second = await files.write("a/file", never);
      await second.write(bytes("new"));
      await second.abort();
      assert.equal(text(await readBack("a/file")), "old");
      await rejectsWith(second.commit(), undefined, "committing an aborted file");
    },
  },
  {
    id: "commit-replaces",
    says: "commit replaces a file of that name, whole; writers beside each other leave one of their files",
    async prove({ files, readBack }) {
      await files.replace("x/file", bytes("a much longer old content"), never);
      const [one, two] = [await files.write("x/file", never), await files.write("x/file", never)];
      await one.write(bytes("one"));
      await two.write(bytes("two"));
      await two.commit();
      await one.commit();
      assert.equal(text(await readBack("x/file")), "one");
      assert.deepEqual(await files.list("x", never), [{ path: "x/file", bytes: 3 }]);
    },
  },
  {
    id: "puts-once",
    says: "of many who create one file at the same time one succeeds, and its content stays whole",
    async prove({ files, another, readBack }) {
      const other = another ? await another() : files;
      const contents = Array.from({ length: 20 }, (_, i) => `${i}`.padStart(5_000, `content ${i} `));
      const won = await Promise.all(contents.map((content, i) => (i % 2 ? files : other).putIfAbsent("deep/folder/claim.json", bytes(content), never)));
      assert.equal(won.filter(Boolean).length, 1, `${won.filter(Boolean).length} callers were told that they created the file`);
      assert.ok(text(await readBack("deep/folder/claim.json")) === contents[won.indexOf(true)], "the file is not that of the caller who was told so");
      assert.equal(await files.putIfAbsent("deep/folder/claim.json", bytes("late"), never), false);
      assert.ok(text(await readBack("deep/folder/claim.json")) === contents[won.indexOf(true)], "a refused putIfAbsent changed the file");
      assert.equal((await files.list("", never)).length, 1, "putIfAbsent left other files behind");
      if (other !== files) await other.close();
    },
  },
  {
    id: "replaces-in-one-step",
    says: "while a file is replaced, a reader sees the old or the new content, whole",
    async prove({ files, another }) {
      const reader = another ? await another() : files;
      const contents = ["a".repeat(20_000), "b".repeat(10)];
      await files.replace("current", bytes(contents[0]!), never);
      let writing = true;
      const reads = (async () => {
        for (let n = 0; writing || n < 5; n++) {
          const seen = text(await reader.read("current", never))!;
          assert.ok(contents.includes(seen), `a reader saw a torn file of ${seen.length} bytes`);
        }
      })();
      for (let i = 0; i < 40; i++) await files.replace("current", bytes(contents[i % 2]!), never);
      writing = false;
      await reads;
      assert.equal(text(await files.read("current", never)), contents[1]);
      if (reader !== files) await reader.close();
    },
  },
  {
    id: "lists",
    says: "a listing has all files below a folder at any depth, in path order, at once, and no others",
    async prove({ files, another }) {
      const other = another ? await another() : files;
      const paths = ["a/1", "a/b/2", "a/b/c/3", "ab/4", "a.txt", "z"];
      for (const path of paths) {
        await files.replace(path, bytes(path), never);
        assert.ok((await other.list("", never)).some((file) => file.path === path), `"${path}" is not listed right after it was written`);
      }
      const listed = async (folder: string): Promise<string[]> => (await other.list(folder, never)).map(({ path }) => path);
      assert.deepEqual(await listed(""), [...paths].sort());
      assert.deepEqual(await listed("a"), ["a/1", "a/b/2", "a/b/c/3"]);
      assert.deepEqual(await listed("a/b"), ["a/b/2", "a/b/c/3"]);
      assert.deepEqual(await listed("nothing/here"), []);
      assert.deepEqual((await files.list("a/b", never))[0], { path: "a/b/2", bytes: 5 });
      if (other !== files) await other.close();
    },
  },
  {
    id: "removes",
    says: "a file, or a folder with all in it, is gone after remove; what is not there is already removed",
    async prove({ files, readBack }) {
      for (const path of ["a/1", "a/b/2", "ab/3"]) await files.replace(path, bytes(path), never);
      await files.remove("a/1", never);
      await files.remove("a/1", never);
      assert.equal(await readBack("a/1"), null);
      await files.remove("a", never);
      assert.deepEqual((await files.list("", never)).map(({ path }) => path), ["ab/3"]);
      await files.remove("nothing/here", never);
      await rejectsWith(files.read("a/1", never), "FileNotFoundError", "reading a removed file");
    },
  },
  {
    id: "reads-missing",
    says: "reading what is not there is a FileNotFoundError with its path",
    async prove({ files }) {
      const error = await files.read("no/such.file", never).then(
        () => undefined,
        (error: unknown) => error as { name: string; path: string },
      );
      assert.deepEqual([error?.name, error?.path], ["FileNotFoundError", "no/such.file"]);
    },
  },
  {
    id: "keeps-bytes",
    says: "any content comes back byte for byte, however it was written in pieces, empty and large",
    async prove({ files }) {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), async (chunks) => {
          const writer = await files.write("bytes", never);
          for (const chunk of chunks) await writer.write(chunk);
          assert.equal((await writer.commit()).bytes, Buffer.concat(chunks).length);
          assert.deepEqual(Buffer.from(await files.read("bytes", never)), Buffer.concat(chunks));
        }),
        { numRuns: 20 },
      );
      const large = Buffer.alloc(6 * 2 ** 20, "not a multiple of a page");
      await files.replace("large", large, never);
      assert.ok(Buffer.from(await files.read("large", never)).equals(large), "a file of 6 MiB came back changed");
    },
  },
  {
    id: "refuses-bad-paths",
    says: "a path that leaves the root, is absolute, or is not a file's is refused",
    async prove({ files }) {
      for (const path of ["../outside", "a/../../outside", "/absolute", "a//b", "a/", "", ".", "a\\b", "a/_tmp-x", "nul\u0000"]) {
        await rejectsWith(files.replace(path, bytes("x"), never), "FileSystemError", `writing to "${path}"`);
        await rejectsWith(files.read(path, never), "FileSystemError", `reading "${path}"`);
        await rejectsWith(files.remove(path, never), "FileSystemError", `removing "${path}"`);
        await rejectsWith(files.putIfAbsent(path, bytes("x"), never), "FileSystemError", `creating "${path}"`);
        await rejectsWith(files.write(path, never), "FileSystemError", `writing to "${path}"`);
      }
      assert.deepEqual(await files.list("", never), []);
    },
  },
  {
    id: "file-or-folder",
    says: "a name is a file or a folder: writing below a file, or over a folder, is refused and changes nothing",
    async prove({ files, readBack }) {
      await files.replace("a/file", bytes("1"), never);
      await rejectsWith(files.replace("a/file/below", bytes("2"), never), "FileSystemError", "writing below a file");
      await rejectsWith(files.putIfAbsent("a", bytes("2"), never), "FileSystemError", "creating a file over a folder");
      assert.equal(text(await readBack("a/file")), "1");
    },
  },
  {
    id: "uris",
    says: "the uri of a path is text that contains its parts",
    async prove({ files }) {
      assert.match(files.uri("a/date=2026-01-01/file.parquet"), /a.*date.*2026-01-01.*file\.parquet$/);
    },
  },
  {
    id: "aborts",
    says: "an aborted signal refuses every call with its reason and nothing happens",
    async prove({ files }) {
      const aborted = AbortSignal.abort(new Error("enough"));
      for (const call of [files.replace("a", bytes("x"), aborted), files.putIfAbsent("a", bytes("x"), aborted), files.list("", aborted), files.read("a", aborted), files.remove("a", aborted), files.write("a", aborted)]) {
        await assert.rejects(call, /enough/);
      }
      const controller = new AbortController();
      const writer = await files.write("b", controller.signal);
      controller.abort(new Error("enough"));
      await assert.rejects(writer.write(bytes("x")), /enough/);
      await writer.abort();
      assert.deepEqual(await files.list("", never), []);
    },
  },
  {
    id: "closes",
    says: "close may be called twice, and what is called after it is a ClosedError",
    async prove({ files }) {
      await files.replace("a", bytes("x"), never);
      await files.close();
      await files.close();
      await rejectsWith(files.read("a", never), "ClosedError", "reading after close");
      await rejectsWith(files.replace("a", bytes("y"), never), "ClosedError", "writing after close");
    },
  },
  {
    id: "another-client",
    says: "what one client wrote another reads at once",
    async prove({ files, another }) {
      const other = await needed(another, "another")();
      await files.replace("a/b", bytes("1"), never);
      assert.equal(text(await other.read("a/b", never)), "1");
      await other.remove("a/b", never);
      await rejectsWith(files.read("a/b", never), "FileNotFoundError", "reading what another client removed");
      await other.close();
    },
  },
];

/** Proves a {@link FileSystem}. `create` is called once a law and gives an empty one. */
export function fileSystemConformance(it: It, create: () => Promise<FileSystemSubject>, waivers: Waivers = {}): void {
  declareLaws("file system", it, LAWS, create, waivers);
}
