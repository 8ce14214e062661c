import assert from "node:assert/strict";
import fc from "fast-check";
import { SqlError } from "../errors/sql-error.js";
import type { SqlDialect } from "../ports/sql-dialect.js";
import type { SqlResult, SqlValue } from "../ports/sql-engine.js";
import { rejectsWith, within } from "./law.js";
import type { Law } from "./law.js";
import type { SqlEngineSubject } from "./sql-engine-conformance.js";
import { SQL_TEST_COLUMNS, SQL_TEST_COLUMN_NAMES, atMost, described, integers, rowsOf, same, selectOf, sqlTestRow, valueOf } from "./sql-test-rows.js";

const never = new AbortController().signal;

/** Long enough for a loaded machine; what an engine that ignores the signal would take is hours. */
const SOON_MS = 20_000;

const ROWS = 200_000;

/** Gives no row before hours have passed. */
const endless = ({ engine, endless: own }: SqlEngineSubject): string => own ?? `SELECT sum(n % 7) AS s FROM (${integers(engine.dialect, 15)}) t`;
/** Gives its first rows at once, and more than anybody reads. */
const long = ({ engine, long: own }: SqlEngineSubject): string => own ?? integers(engine.dialect, 9);

const columnList = (dialect: SqlDialect): string => SQL_TEST_COLUMN_NAMES.map((name) => dialect.identifier(name)).join(", ");

/** What a call failed with, or undefined when it did not. */
async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error ?? new Error("rejected without a reason"),
  );
}

async function abortsSoon(call: Promise<unknown>, reason: Error, doing: string): Promise<void> {
  const error = await within(SOON_MS, `rejecting after the abort of ${doing}`, failure(call));
  assert.ok(error === reason, `${doing} was aborted: it must reject with the signal's reason, but ${error === undefined ? "resolved" : `rejected with ${String(error)}`}`);
}

/** How a {@link SqlEngine} runs statements and writes tables. */
export const SQL_ENGINE_LAWS: readonly Law<SqlEngineSubject>[] = [
  {
    id: "types-round-trip",
    says: "every value comes back exactly, asked directly and through the files of a table",
    async prove({ engine, files, bytes, runs }) {
      const { dialect } = engine;
      let folder = 0;
      const row = fc.tuple(sqlTestRow, fc.option(fc.uint8Array({ maxLength: 12 })));
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 6 }), async (rows) => {
          const raw = rows.map(([, content], n) => `SELECT ${n} AS m, ${bytes(content)} AS raw`).join(" UNION ALL ");
          const instant = `CAST(${dialect.identifier("at")} AS ${dialect.columnType(SQL_TEST_COLUMNS.at)})`;
          const select = `SELECT n, ${columnList(dialect)}, ${instant} AS instant, raw FROM (${selectOf(dialect, rows.map(([each]) => each))}) t JOIN (${raw}) r ON n = m`;
          const expected = rows.map(([each, content], n): readonly SqlValue[] => [n, ...SQL_TEST_COLUMN_NAMES.map((name) => valueOf(name, each[name])), each.at as number | null, content]);
          same(await rowsOf(engine, `${select} ORDER BY n`), expected, `[n, ${SQL_TEST_COLUMN_NAMES.join(", ")}, instant, raw] of a query`);
          const { columns } = await described(engine.query(select, never));
          same(columns.map(({ name }) => name), ["n", ...SQL_TEST_COLUMN_NAMES, "instant", "raw"], "names of the columns of a query");
          const written = await engine.writeTable(select, `types/version=${folder++}`, never);
          const declared: Record<string, string> = Object.fromEntries(columns.map(({ name, type }) => [name, type]));
          for (const name of SQL_TEST_COLUMN_NAMES) if (name !== "at") declared[name] = dialect.columnType(SQL_TEST_COLUMNS[name]);
          declared["instant"] = dialect.columnType(SQL_TEST_COLUMNS.at);
          const scan = dialect.scan(written.files.map(({ path }) => files.uri(path)), declared);
          same(await rowsOf(engine, `SELECT * FROM ${scan} t ORDER BY n`), expected, `[n, ${SQL_TEST_COLUMN_NAMES.join(", ")}, instant, raw] of a table`);
        }),
        { numRuns: atMost(25, runs) },
      );
    },
  },
  {
    id: "writes-in-order",
    says: "a table's files hold the rows of the SELECT, each once, in its order",
    async prove({ engine, files, readBack }) {
      const { dialect } = engine;
      const key = (n: number): number => (n * 7_919) % 200_003;
      const select = `SELECT n, (n * 7919) % 200003 AS k FROM (${integers(dialect, 6)}) t WHERE n < ${ROWS} ORDER BY k`;
      const written = await engine.writeTable(select, "ordered/version=1", never);
      assert.equal(written.rows, ROWS, `writeTable says that it wrote ${written.rows} rows, but the SELECT has ${ROWS}`);
      const expected = Array.from({ length: ROWS }, (_, n) => n).sort((a, b) => key(a) - key(b));
      const read = (await Promise.all(written.files.map(({ path }) => readBack(path, "n")))).flat();
      assert.equal(read.length, ROWS, `the files hold ${read.length} rows, but the SELECT has ${ROWS}`);
      const wrong = read.findIndex((n, i) => Number(n) !== expected[i]);
      assert.equal(wrong, -1, `row ${wrong} of the files is that of n = ${String(read[wrong])}, but the SELECT's is n = ${String(expected[wrong])}`);
      const scan = dialect.scan(written.files.map(({ path }) => files.uri(path)), { n: dialect.columnType(SQL_TEST_COLUMNS.id) });
      same(await rowsOf(engine, `SELECT count(*), count(DISTINCT n), min(n), max(n) FROM ${scan} t`), [[ROWS, ROWS, 0, ROWS - 1]], "[count, distinct, min, max] of the scanned table");
    },
  },
  {
    id: "writes-in-its-folder",
    says: "a table's files are all that is new, lie in its folder, and have the size that is told",
    async prove({ engine, files }) {
      const write = (n: number, folder: string) => engine.writeTable(`SELECT ${n} AS n`, folder, never);
      await files.replace("t/other.json", new TextEncoder().encode("{}"), never);
      const first = await write(1, "t/version=1");
      const before = await files.list("", never);
      const [tenth, deep] = await Promise.all([write(10, "t/version=10"), write(2, "a/b/c/version=1")]);
      for (const [written, folder] of [[first, "t/version=1"], [tenth, "t/version=10"], [deep, "a/b/c/version=1"]] as const) {
        assert.ok(written.files.length > 0, `a table of one row has no file in "${folder}"`);
        for (const { path } of written.files) assert.ok(path.startsWith(`${folder}/`), `the table in "${folder}" has a file "${path}" that is not in it`);
      }
      const sorted = (all: readonly { readonly path: string; readonly bytes: number }[]) => all.map(({ path, bytes }) => `${path}: ${bytes} bytes`).sort();
      same(sorted(await files.list("", never)), sorted([...before, ...tenth.files, ...deep.files]), "files after two tables were written");
      const scan = (path: string) => engine.dialect.scan([files.uri(path)], { n: engine.dialect.columnType(SQL_TEST_COLUMNS.id) });
      same((await rowsOf(engine, `SELECT * FROM ${scan(first.files[0]!.path)} t`)).flat(), [1], `the table in "t/version=1" after others were written`);
    },
  },
  {
    id: "any-folder-name",
    says: "tables are written to and read from folders of every name that the file system takes",
    async prove({ engine, files }) {
      const names = ["it's", 'a "b"', "a b", "100%", "a=b,c", "[x]", "a*", "q?", "{a,b}", "☃", "a;--", "#1", "%41"];
      const columns = { n: engine.dialect.columnType(SQL_TEST_COLUMNS.id) };
      const paths: string[] = [];
      for (const [n, name] of names.entries()) {
        const written = await engine.writeTable(`SELECT ${n} AS n`, `named/${name}/version=1`, never);
        paths.push(...written.files.map(({ path }) => path));
        same(await rowsOf(engine, `SELECT n FROM ${engine.dialect.scan(written.files.map(({ path }) => files.uri(path)), columns)} t`), [[n]], `the table in a folder named ${JSON.stringify(name)}`);
      }
      same((await files.list("named", never)).map(({ path }) => path), [...paths].sort(), "files of tables with unusual names");
      same((await rowsOf(engine, `SELECT n FROM ${engine.dialect.scan(paths.map((path) => files.uri(path)), columns)} t ORDER BY n`)).flat(), names.map((_, n) => n), "all these tables read by one scan");
    },
  },
  {
    id: "empty-tables",
    says: "scanning no files, or a table of no rows, is an empty table of the declared columns",
    async prove({ engine, files }) {
      const { dialect } = engine;
      const columns = Object.fromEntries(SQL_TEST_COLUMN_NAMES.map((name) => [name, dialect.columnType(SQL_TEST_COLUMNS[name])]));
      const written = await engine.writeTable(`SELECT ${columnList(dialect)} FROM ${dialect.scan([], columns)} t`, "empty/version=1", never);
      assert.equal(written.rows, 0, `writeTable says that a SELECT without rows has ${written.rows}`);
      for (const [what, uris] of [["no files", []], ["a table of no rows", written.files.map(({ path }) => files.uri(path))]] as const) {
        const scan = dialect.scan(uris, columns);
        const result = await described(engine.query(`SELECT * FROM ${scan} t`, never));
        same(result.columns.map(({ name }) => name), SQL_TEST_COLUMN_NAMES, `columns of ${what}`);
        same(await rowsOf(engine, `SELECT * FROM ${scan} t`), [], `rows of ${what}`);
        same(await rowsOf(engine, `SELECT count(*), min(${dialect.identifier("id")}), max(${dialect.identifier("words")}) FROM ${scan} t`), [[0, null, null]], `aggregates of ${what}`);
      }
    },
  },
  {
    id: "missing-columns",
    says: "a declared column that a file does not have is null, one that is not declared is not read, and names decide, not places",
    async prove({ engine, files }) {
      const { dialect } = engine;
      const old = await engine.writeTable("SELECT 1 AS n, 10 AS gone", "missing/version=1", never);
      const young = await engine.writeTable(`SELECT ${dialect.literal("x")} AS words, 2 AS n`, "missing/version=2", never);
      const columns = { n: dialect.columnType(SQL_TEST_COLUMNS.id), words: dialect.columnType(SQL_TEST_COLUMNS.words), at: dialect.columnType(SQL_TEST_COLUMNS.at), price: dialect.columnType(SQL_TEST_COLUMNS.price) };
      const scanned = async (...tables: readonly (typeof old)[]) => rowsOf(engine, `SELECT * FROM ${dialect.scan(tables.flatMap((table) => table.files.map(({ path }) => files.uri(path))), columns)} t ORDER BY n`);
      same(await scanned(old, young), [[1, null, null, null], [2, "x", null, null]], "[n, words, at, price] of files of which one has no words and none has at and price");
      same(await scanned(young, old), [[1, null, null, null], [2, "x", null, null]], "the same files the other way around");
      same(await scanned(old), [[1, null, null, null]], "the one without words");
    },
  },
  {
    id: "errors",
    says: "a statement that the engine refuses is a SqlError with the statement, the engine's name and its message",
    async prove({ engine, files }) {
      const sql = "SELECT n FROM no_such_table_anywhere";
      for (const [doing, call] of [["a query", () => rowsOf(engine, sql)], ["writeTable", () => engine.writeTable(sql, "errors/version=1", never)]] as const) {
        const error = await failure(call());
        assert.ok(error instanceof SqlError, `${doing} of a table that does not exist must fail with SqlError, but ${error === undefined ? "resolved" : `failed with ${String(error)}`}`);
        assert.ok(error.statement.includes(sql), `the SqlError's statement is ${JSON.stringify(error.statement)}; it must contain ${JSON.stringify(sql)}`);
        assert.equal(error.engine, engine.name, `the SqlError names the engine "${error.engine}", but it is "${engine.name}"`);
        assert.equal(error.retryable, false, "a statement that can never run is said to be retryable");
        const message = error.message.replaceAll(error.statement, "");
        assert.ok(message.includes("no_such_table_anywhere"), `the SqlError's message must have the engine's own, which names the table; it is ${JSON.stringify(message)}`);
      }
      same(await rowsOf(engine, "SELECT 1"), [[1]], "a query after failed ones");
      same((await files.list("", never)).map(({ path }) => path), [], "files after a refused writeTable");
    },
  },
  {
    id: "errors-while-reading",
    says: "a statement that fails at a late row is a SqlError: the rows before it are not taken for all",
    async prove({ engine, runs }) {
      const { dialect } = engine;
      const [text, int64] = [dialect.columnType(SQL_TEST_COLUMNS.words), dialect.columnType(SQL_TEST_COLUMNS.id)];
      const sql = `SELECT CAST(CASE WHEN n = 199999 THEN ${dialect.literal("no number")} ELSE CAST(n AS ${text}) END AS ${int64}) AS x FROM (${integers(dialect, 6)}) t`;
      // Many times: a reader that looks for more rows before it looks for an error misses some.
      for (let i = 0; i < atMost(25, runs); i++) await rejectsWith(rowsOf(engine, sql), "SqlError", "a query with a row that cannot be cast");
      await rejectsWith(engine.writeTable(sql, "late/version=1", never), "SqlError", "a table with a row that cannot be cast");
      same(await rowsOf(engine, "SELECT 1"), [[1]], "a query after failed ones");
    },
  },
  {
    id: "aborts",
    says: "an aborted query or table rejects soon with the signal's reason, whatever it is doing, and the engine works on",
    async prove(subject) {
      const { engine } = subject;
      const enough = (): Error => new Error("enough");
      for (const [doing, run] of [
        ["a query that has given no row yet", (signal: AbortSignal) => rowsOf(engine, endless(subject), signal)],
        ["a table", (signal: AbortSignal) => engine.writeTable(endless(subject), "aborted/version=1", signal)],
      ] as const) {
        const [controller, reason] = [new AbortController(), enough()];
        const running = failure(run(controller.signal));
        // What runs beside it shows that it was under way.
        same(await within(SOON_MS, "a query beside a long one", rowsOf(engine, "SELECT 1")), [[1]], "a query beside a long one");
        controller.abort(reason);
        await abortsSoon(running.then((error) => Promise.reject(error as Error)), reason, doing);
      }
      const [controller, reason] = [new AbortController(), enough()];
      const reading = (async () => {
        for await (const _ of (await engine.query(long(subject), controller.signal)).blocks) controller.abort(reason);
      })();
      await abortsSoon(reading, reason, "a query whose rows are being read");
      const already = AbortSignal.abort(reason);
      await abortsSoon(rowsOf(engine, "SELECT 1", already), reason, "a query with an aborted signal");
      await abortsSoon(engine.writeTable("SELECT 1 AS n", "aborted/version=2", already), reason, "a table with an aborted signal");
      same(await subject.files.list("aborted/version=2", never), [], "files of a table that was aborted before it began");
      same(await rowsOf(engine, "SELECT 2"), [[2]], "a query after aborted ones");
      same((await engine.writeTable("SELECT 1 AS n", "aborted/version=3", never)).rows, 1, "rows of a table after an aborted one");
    },
  },
  {
    id: "ends-early",
    says: "ending an iteration early cancels its query and gives back what it held, however often",
    async prove(subject) {
      const { engine } = subject;
      const started = async (): Promise<void> => {
        for await (const block of (await engine.query(long(subject), never)).blocks) {
          assert.ok(block.length > 0, "a block without rows was given");
          return;
        }
        assert.fail("a query of many rows gave no block");
      };
      for (let i = 0; i < atMost(12, subject.runs); i++) await within(SOON_MS, `query ${i} of those that are ended early`, started());
      await within(SOON_MS, "queries that are ended early side by side", Promise.all(Array.from({ length: 6 }, started)));
      same(await rowsOf(engine, "SELECT 1"), [[1]], "a query after those");
      await within(SOON_MS, "closing the engine after queries that were ended early", engine.close());
    },
  },
  {
    id: "side-by-side",
    says: "queries and tables run at the same time, and each gives its own rows, all of them",
    async prove({ engine, readBack }) {
      const { dialect } = engine;
      const numbered = (offset: number): string => `SELECT n + ${offset} AS n FROM (${integers(dialect, 4)}) t ORDER BY n`;
      const [one, two] = await Promise.all([engine.query(numbered(0), never), engine.query(numbered(1_000_000), never)]);
      const writing = engine.writeTable(numbered(5), "beside/version=1", never);
      const iterators = [one, two].map((result: SqlResult) => ({ blocks: result.blocks[Symbol.asyncIterator](), rows: [] as SqlValue[], done: false }));
      while (iterators.some(({ done }) => !done)) {
        for (const each of iterators.filter(({ done }) => !done)) {
          const next = await each.blocks.next();
          if (next.done === true) each.done = true;
          else each.rows.push(...next.value.map(([n]) => n!));
        }
      }
      const expected = (offset: number): readonly number[] => Array.from({ length: 10_000 }, (_, n) => n + offset);
      same(iterators[0]!.rows, expected(0), "rows of the first of two queries read in turns");
      same(iterators[1]!.rows, expected(1_000_000), "rows of the second of two queries read in turns");
      const { files } = await writing;
      same((await Promise.all(files.map(({ path }) => readBack(path, "n")))).flat().map(Number), expected(5), "rows of a table that was written meanwhile");
    },
  },
  {
    id: "another-engine",
    says: "what one engine wrote another one on the same files reads at once",
    async prove({ engine, files, another }) {
      const other = await another();
      const { files: written } = await engine.writeTable("SELECT 7 AS n", "shared/version=1", never);
      const scan = other.dialect.scan(written.map(({ path }) => files.uri(path)), { n: other.dialect.columnType(SQL_TEST_COLUMNS.id) });
      await engine.close();
      same(await rowsOf(other, `SELECT n FROM ${scan} t`), [[7]], "a table read by another engine after the one that wrote it was closed");
      await other.close();
    },
  },
  {
    id: "closes",
    says: "close ends what runs, may be called twice, and what is called after it is a ClosedError",
    async prove(subject) {
      const { engine } = subject;
      const running = failure(rowsOf(engine, endless(subject)));
      same(await rowsOf(engine, "SELECT 1"), [[1]], "a query beside a long one");
      await within(SOON_MS, "closing an engine with a query under way", engine.close());
      assert.ok((await within(SOON_MS, "ending the query that ran while the engine was closed", running)) !== undefined, "a query that ran while the engine was closed gave rows as if it were done");
      await engine.close();
      await rejectsWith(rowsOf(engine, "SELECT 1"), "ClosedError", "a query after close");
      await rejectsWith(engine.writeTable("SELECT 1 AS n", "closed/version=1", never), "ClosedError", "writing a table after close");
    },
  },
];
