import assert from "node:assert/strict";
import fc from "fast-check";
import { compilePredicate } from "../expressions/compile-predicate.js";
import type { Literal, PredicateNode } from "../expressions/predicate-node.js";
import { INT64_MAX, INT64_MIN, normalInt64 } from "../measures/int64.js";
import type { SqlValue } from "../ports/sql-engine.js";
import type { Law } from "./law.js";
import type { SqlEngineSubject } from "./sql-engine-conformance.js";
import { SQL_TEST_COLUMNS, SQL_TEST_COLUMN_NAMES, atMost, batchOf, described, hostileText, instant, rowsOf, same, selectOf, sqlOf, sqlTestRow } from "./sql-test-rows.js";
import type { SqlTestColumn, SqlTestRow } from "./sql-test-rows.js";

/** What the engine says of a column whose expressions are `all`, in their order. */
async function evaluated({ engine }: SqlEngineSubject, all: readonly (readonly string[])[]): Promise<readonly (readonly SqlValue[])[]> {
  const select = all.map((row, n) => `SELECT ${n} AS n, ${row.map((each, i) => `${each} AS c${i}`).join(", ")}`).join(" UNION ALL ");
  return (await rowsOf(engine, `SELECT * FROM (${select}) t ORDER BY n`)).map(([, ...values]) => values);
}

const literals: fc.Arbitrary<Literal | null | Date> = fc.oneof(
  hostileText,
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
  fc.constantFrom(INT64_MIN, INT64_MAX),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  instant.map((ms) => new Date(ms)),
);

function givenBack(value: Literal | null | Date): SqlValue {
  return value instanceof Date ? value.getTime() : typeof value === "bigint" ? normalInt64(value) : value;
}

/** Few values a column, so that comparisons are often equal. */
const FEW: Readonly<Record<SqlTestColumn, readonly Literal[]>> = {
  id: [INT64_MIN, -1, 0, 7, 2n ** 53n, 2n ** 53n + 1n, INT64_MAX],
  price: [INT64_MIN, -1, 0, 150_000, 150_001, INT64_MAX],
  share: [-1.5, -0, 0, 0.1, 0.30000000000000004, 1e300, 5e-324],
  words: ["", "a", "B", "b", "é", "ﬀ", "\u{1F600}", "\uffee", "a\0", "it's \\' OR 1=1 --", "%"],
  paid: [true, false],
  at: [-1, 0, 1, -60_000, 1_700_000_000_123],
};

function nodeOf(values: Readonly<Record<SqlTestColumn, fc.Arbitrary<Literal>>>): fc.Arbitrary<PredicateNode> {
  return fc.letrec<{ node: PredicateNode }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      ...SQL_TEST_COLUMN_NAMES.map((column) =>
        fc.oneof<fc.Arbitrary<PredicateNode>[]>(
          fc.record({ op: fc.constantFrom("eq", "ne", "lt", "le", "gt", "ge"), column: fc.constant(column), value: values[column] }),
          fc.record({ op: fc.constant("in" as const), column: fc.constant(column), values: fc.array(values[column], { maxLength: 3 }) }),
          fc.record({ op: fc.constantFrom("isNull", "isNotNull"), column: fc.constant(column) }),
        ),
      ),
      fc.record({ op: fc.constantFrom("and" as const, "or" as const), all: fc.array(tie("node"), { maxLength: 3 }) }),
      fc.record({ op: fc.constant("not" as const), of: tie("node") }),
    ),
  })).node;
}

const fewValues = Object.fromEntries(SQL_TEST_COLUMN_NAMES.map((name) => [name, fc.constantFrom(...FEW[name])])) as Record<SqlTestColumn, fc.Arbitrary<Literal>>;
const fewRow = fc.record(Object.fromEntries(SQL_TEST_COLUMN_NAMES.map((name) => [name, fc.option(fewValues[name], { freq: 4 })]))) as fc.Arbitrary<SqlTestRow>;
const predicates = fc.array(nodeOf(fewValues), { minLength: 1, maxLength: 6 });

/** True, false or null (unknown) for every row, as `compilePredicate` decides: what neither passes nor fails is unknown. */
function threeValued(node: PredicateNode, rows: readonly SqlTestRow[]): readonly (boolean | null)[] {
  const batch = batchOf(rows);
  const [passes, fails] = [compilePredicate(node)(batch), compilePredicate({ op: "not", of: node })(batch)];
  return rows.map((_, i) => (passes[i] === 1 ? true : fails[i] === 1 ? false : null));
}

/** What a {@link SqlDialect} prints means in its engine what it means in TypeScript. */
export const SQL_DIALECT_LAWS: readonly Law<SqlEngineSubject>[] = [
  {
    id: "literals",
    says: "a literal reads back as the value it was made from, whatever is in it: no text ends its literal or begins SQL",
    async prove({ engine, runs }) {
      const { literal } = engine.dialect;
      await fc.assert(
        fc.asyncProperty(fc.array(literals, { minLength: 1, maxLength: 20 }), async (values) => {
          const sql = `SELECT ${values.map((value, i) => `${literal(value)} AS c${i}`).join(", ")}`;
          same(await rowsOf(engine, sql), [values.map(givenBack)], `literals changed in the statement ${JSON.stringify(sql)}`);
        }),
        { numRuns: atMost(50, runs) },
      );
    },
  },
  {
    id: "identifiers",
    says: "an identifier names the column it was made from, whatever is in it",
    async prove({ engine }) {
      const names = ["a b", "select", "it's", 'a"b', "a`b", "a.b", "a;--b", "Ünïcode ☃", "[x]", "a\\b"];
      const { identifier } = engine.dialect;
      const result = await engine.query(`SELECT ${names.map((name, i) => `${i} AS ${identifier(name)}`).join(", ")}`, new AbortController().signal);
      same(result.columns.map(({ name }) => name), names, "identifiers name other columns");
      for await (const block of result.blocks) same(block, [names.map((_, i) => i)], "values of columns with unusual names");
      const nested = names.map((name) => identifier(name)).join(", ");
      same(await rowsOf(engine, `SELECT ${nested} FROM (SELECT ${names.map((name, i) => `${i} AS ${identifier(name)}`).join(", ")}) t`), [names.map((_, i) => i)], "columns referred to by their identifiers");
    },
  },
  {
    id: "instants",
    says: "window starts, dates and epoch ms of instants are those of arithmetic in UTC, also before 1970",
    async prove(subject) {
      const { dialect } = subject.engine;
      const { runs } = subject;
      const widths = fc.constantFrom(1, 7, 1_000, 60_000, 900_000, 3_600_000, 86_400_000, 7 * 86_400_000);
      const text = dialect.columnType(SQL_TEST_COLUMNS.words);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(instant, widths), { minLength: 1, maxLength: 10 }), async (cases) => {
          const asked = cases.map(([ms, everyMs]) => {
            const at = dialect.timestamp(dialect.literal(ms));
            const start = dialect.windowStart(at, everyMs);
            return [at, dialect.epochMs(at), start, dialect.epochMs(start), `CAST(${dialect.dateOf(at)} AS ${text})`];
          });
          const expected = cases.map(([ms, everyMs]) => {
            const start = Math.floor(ms / everyMs) * everyMs;
            return [ms, ms, start, start, new Date(ms).toISOString().slice(0, 10)];
          });
          same(await evaluated(subject, asked), expected, `[timestamp, epochMs, windowStart, its epochMs, dateOf] of [instant, everyMs] ${JSON.stringify(cases)}`);
        }),
        { numRuns: atMost(25, runs) },
      );
    },
  },
  {
    id: "surrogate-keys",
    says: "a surrogate key is a 64-bit integer, never null, equal for equal natural keys in every statement and process, and another for others",
    async prove(subject) {
      const { engine, another, runs } = subject;
      const { dialect } = engine;
      const other = await another();
      const tuple = fc.tuple(fc.option(fc.oneof(hostileText, fc.constantFrom("", "null", "1", "1:1", "a", "ab", "b"))), fc.option(fc.oneof(hostileText, fc.constantFrom("", ",", "null", "b", "ab"))), fc.option(fc.integer({ min: -3, max: 3 })));
      const keysOf = async (by: SqlEngineSubject, tuples: readonly (readonly [string | null, string | null, number | null])[]): Promise<readonly SqlValue[]> => {
        const select = tuples.map(([a, b, c], n) => `SELECT ${n} AS n, ${sqlOf(dialect, "words", a)} AS a, ${sqlOf(dialect, "words", b)} AS b, ${sqlOf(dialect, "id", c)} AS c`).join(" UNION ALL ");
        return (await rowsOf(by.engine, `SELECT ${dialect.surrogateKey(["a", "b", "c"])} FROM (${select}) t ORDER BY n`)).map(([key]) => key!);
      };
      await fc.assert(
        fc.asyncProperty(fc.array(tuple, { minLength: 1, maxLength: 12 }), async (tuples) => {
          const keys = await keysOf(subject, tuples);
          for (const key of keys) {
            assert.ok(typeof key === "bigint" || Number.isSafeInteger(key), `a surrogate key is ${String(key)}: a 64-bit integer is needed, and none is null`);
            assert.ok(BigInt(key as number) >= INT64_MIN && BigInt(key as number) <= INT64_MAX, `the surrogate key ${String(key)} is beyond 64 bits`);
          }
          const keyOf = new Map(tuples.map((each, i) => [JSON.stringify(each), keys[i]]));
          assert.equal(new Set(keys).size, keyOf.size, `natural keys ${JSON.stringify([...keyOf.keys()])} have ${new Set(keys).size} different surrogate keys; borders, nulls and empty texts must be told apart`);
          same(await keysOf({ ...subject, engine: other }, [...tuples].reverse()), [...keys].reverse(), "another engine, given the rows in another order, makes other keys");
        }),
        { numRuns: atMost(25, runs) },
      );
      await other.close();
    },
  },
  {
    id: "predicates",
    says: "a printed predicate is true, false or unknown for exactly the rows for which the compiled one is",
    async prove({ engine, runs }) {
      const { dialect } = engine;
      await fc.assert(
        fc.asyncProperty(fc.array(fewRow, { minLength: 1, maxLength: 8 }), predicates, async (rows, nodes) => {
          const printed = nodes.map((node) => dialect.predicate(node, SQL_TEST_COLUMNS));
          const from = `FROM (${selectOf(dialect, rows)}) t`;
          const answered = await rowsOf(engine, `SELECT ${printed.map((each, i) => `${each} AS c${i}`).join(", ")} ${from} ORDER BY n`);
          nodes.forEach((node, i) => {
            same(answered.map((row) => row[i]), threeValued(node, rows), `the predicate ${JSON.stringify(node, (_, each: unknown) => (typeof each === "bigint" ? `${each}n` : each))}, printed as ${printed[i]}`);
          });
          const passing = await rowsOf(engine, `SELECT n ${from} WHERE ${printed[0]!} ORDER BY n`);
          same(passing.flat(), rows.flatMap((_, n) => (answered[n]![0] === true ? [n] : [])), `rows that pass WHERE ${printed[0]!}`);
        }),
        { numRuns: atMost(60, runs) },
      );
      // Any values, compared with those of a row: what decimals and doubles are rounded to would show here.
      await fc.assert(
        fc.asyncProperty(fc.array(sqlTestRow, { minLength: 1, maxLength: 6 }), async (rows) => {
          const values = rows.flatMap((row) => SQL_TEST_COLUMN_NAMES.map((column) => ({ column, value: row[column] }))).flatMap(({ column, value }) => (value === null ? [] : [{ column, value }]));
          const nodes = values.flatMap(({ column, value }): PredicateNode[] => [{ op: "eq", column, value }, { op: "lt", column, value }]);
          if (nodes.length === 0) return;
          const printed = nodes.map((node) => dialect.predicate(node, SQL_TEST_COLUMNS));
          const answered = await rowsOf(engine, `SELECT ${printed.map((each, i) => `${each} AS c${i}`).join(", ")} FROM (${selectOf(dialect, rows)}) t ORDER BY n`);
          nodes.forEach((node, i) => same(answered.map((row) => row[i]), threeValued(node, rows), `the predicate printed as ${printed[i]}`));
        }),
        { numRuns: atMost(25, runs) },
      );
    },
  },
  {
    id: "sketches",
    says: "a sketch is the map of a group's coordinates: the highest rank of a register, or the count of a bucket; empty without any",
    async prove({ engine, files, runs }) {
      const { dialect } = engine;
      const never = new AbortController().signal;
      let folder = 0;
      const coordinate = fc.oneof(fc.record({ register: fc.integer({ min: 0, max: 4_095 }), rank: fc.integer({ min: 1, max: 53 }) }), fc.record({ register: fc.integer({ min: 0, max: 3 }), rank: fc.integer({ min: 1, max: 5 }) })).map(({ register, rank }) => register * 64 + rank);
      const row = fc.record({ group: fc.integer({ min: 0, max: 2 }), register: fc.option(coordinate), bucket: fc.option(fc.integer({ min: -40, max: 40 })), chosen: fc.option(fc.boolean()) });
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 15 }), async (rows) => {
          const select = rows.map((each) => `SELECT ${each.group} AS g, ${sqlOf(dialect, "id", each.register)} AS r, ${sqlOf(dialect, "id", each.bucket)} AS b, ${sqlOf(dialect, "paid", each.chosen)} AS f`).join(" UNION ALL ");
          const sketches = [dialect.sketch("maxByKey", "r", undefined), dialect.sketch("maxByKey", "r", "f"), dialect.sketch("sumByKey", "b", undefined), dialect.sketch("sumByKey", "b", "f")];
          const grouped = `SELECT g, ${sketches.map((sketch, i) => `${sketch} AS s${i}`).join(", ")}, count(*) AS c FROM (${select}) t GROUP BY g`;
          const groups = [...new Set(rows.map(({ group }) => group))].sort((a, b) => a - b);
          const expected = groups.map((group) => {
            const all = rows.filter((each) => each.group === group);
            const chosen = all.filter((each) => each.chosen === true);
            return [group, highest(all.map(({ register }) => register)), highest(chosen.map(({ register }) => register)), counts(all.map(({ bucket }) => bucket)), counts(chosen.map(({ bucket }) => bucket)), all.length];
          });
          same(await rowsOf(engine, `${grouped} ORDER BY g`), expected, "sketches of groups [group, maxByKey, filtered, sumByKey, filtered, count]");
          const { columns } = await described(engine.query(grouped, never));
          const written = await engine.writeTable(grouped, `sketches/version=${folder++}`, never);
          const scan = dialect.scan(written.files.map(({ path }) => files.uri(path)), Object.fromEntries(columns.map(({ name, type }) => [name, type])));
          same(await rowsOf(engine, `SELECT * FROM ${scan} t ORDER BY g`), expected, "sketches read back from files");
        }),
        { numRuns: atMost(15, runs) },
      );
    },
  },
];

type Pairs = readonly (readonly [key: number, value: number])[];

function highest(coordinates: readonly (number | null)[]): Pairs {
  const ranks = new Map<number, number>();
  for (const each of coordinates) if (each !== null) ranks.set(Math.floor(each / 64), Math.max(each % 64, ranks.get(Math.floor(each / 64)) ?? 0));
  return [...ranks].sort(([a], [b]) => a - b);
}

function counts(buckets: readonly (number | null)[]): Pairs {
  const counted = new Map<number, number>();
  for (const each of buckets) if (each !== null) counted.set(each, (counted.get(each) ?? 0) + 1);
  return [...counted].sort(([a], [b]) => a - b);
}
