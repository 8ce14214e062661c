import type { Clock } from "@millrace/core";
import type { CassandraClient, CassandraRequestOptions, CassandraResult, CassandraStatement } from "../cassandra-client.js";
import { bigintBytes } from "../cql-values.js";

/** What a client was asked, before it is done. */
export interface FakeRequest {
  readonly kind: "read" | "write" | "schema";
  readonly queries: readonly string[];
  readonly options: CassandraRequestOptions;
}

/** Stands between a client and the nodes: may delay, fail before or after `run`, or never answer. */
export type FakeFault = (request: FakeRequest, run: () => CassandraResult) => Promise<CassandraResult>;

export interface FakeCassandraOptions {
  readonly clock: Clock;
  /** Nodes, each with a copy of everything where the replication says so. Default 1. */
  readonly nodes?: number;
}

type CqlValue = Buffer | string;

interface Cell {
  /** Null: a tombstone. */
  readonly value: CqlValue | null;
  readonly timestamp: bigint;
  /** Epoch ms, or Infinity. */
  readonly expiresAt: number;
}

interface Table {
  readonly id: string;
  readonly comment: string;
  readonly partitionKey: readonly string[];
  readonly clustering: readonly string[];
  readonly types: Map<string, string>;
}

/** Rows of one table on one node: key -> column -> cell. The column "" is the row itself. */
type Rows = Map<string, { readonly key: ReadonlyMap<string, CqlValue>; readonly cells: Map<string, Cell> }>;

const LEVELS: Readonly<Record<number, (copies: number) => number>> = { 1: () => 1, 2: () => 2, 3: () => 3, 4: (n) => Math.floor(n / 2) + 1, 5: (n) => n, 6: (n) => Math.floor(n / 2) + 1, 10: () => 1 };

/**
 * A Cassandra in memory for the statements of the adapter: cells by timestamp, times to live, unset values, replicas that
 * can be away, errors as the driver throws them. It knows these few shapes of statements and refuses every other.
 */
export class FakeCassandra {
  readonly #clock: Clock;
  readonly #keyspaces = new Map<string, Readonly<Record<string, string>>>();
  readonly #tables = new Map<string, Table>();
  readonly #nodes: { up: boolean; readonly tables: Map<string, Rows> }[];
  readonly #parsed = new Map<string, Parsed>();
  /** Of clients that were made before and after. */
  fault: FakeFault | undefined;
  /** Statements that changed the schema. */
  readonly schemaChanges: string[] = [];
  /** Sizes of the write requests so far. */
  readonly batches: number[] = [];
  connections = 0;
  writesInFlight = 0;
  mostWritesInFlight = 0;
  #driverClock = 0n;

  constructor({ clock, nodes = 1 }: FakeCassandraOptions) {
    this.#clock = clock;
    this.#nodes = Array.from({ length: nodes }, () => ({ up: true, tables: new Map<string, Rows>() }));
  }

  setUp(node: number, up: boolean): void {
    this.#nodes[node]!.up = up;
  }

  /** What hints do: everything that any node has is copied to the one named. */
  hand(to: number): void {
    for (const { tables } of this.#nodes) {
      for (const [table, rows] of tables) for (const { key, cells } of rows.values()) for (const [column, cell] of cells) this.#put(this.#nodes[to]!.tables, table, key, column, cell);
    }
  }

  drop(table: string): void {
    this.#tables.delete(table);
    for (const { tables } of this.#nodes) tables.delete(table);
  }

  /** Rows of `keyspace.table` on any node, as a person would select them. */
  select(table: string): Record<string, unknown>[] {
    const found = this.#tables.get(table);
    if (found === undefined) return [];
    return this.#rows(table, this.#nodes, () => true).map(({ key, cells }) => {
      const live = (column: string): CqlValue | undefined => key.get(column) ?? cells.get(column)?.value ?? undefined;
      return Object.fromEntries([...found.types].map(([column, type]) => [column, decoded(live(column), type)]));
    });
  }

  /** A client, as `cassandra-driver` makes one. `wide`: how it gives bigints. */
  client({ wide = "long" }: { readonly wide?: "long" | "bigint" } = {}): CassandraClient {
    let shut = false;
    const ask = async (request: FakeRequest, run: () => CassandraResult): Promise<CassandraResult> => {
      if (shut) throw driverError("NoHostAvailableError", "the client is shut down", { innerErrors: {} });
      // Never in the turn of the call: a network takes its time.
      await Promise.resolve();
      if (request.kind === "write") this.mostWritesInFlight = Math.max(this.mostWritesInFlight, ++this.writesInFlight);
      try {
        const result = await (this.fault === undefined ? run() : this.fault(request, run));
        return wide === "long" ? result : { ...result, rows: result.rows?.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, asBigint(value)]))) };
      } finally {
        if (request.kind === "write") this.writesInFlight--;
      }
    };
    return {
      connect: async () => {
        if (!this.#nodes.some(({ up }) => up)) throw noHost("connect ECONNREFUSED");
        this.connections++;
      },
      execute: (query, parameters, options) => {
        const kind = /^SELECT/.test(query) ? "read" : /^INSERT/.test(query) ? "write" : "schema";
        return ask({ kind, queries: [query], options }, () => (kind === "write" ? this.#write([{ query, params: parameters }], options) : this.#execute(query, parameters, options)));
      },
      batch: (statements, options) => {
        if (options.logged) throw new Error("a logged batch");
        return ask({ kind: "write", queries: statements.map(({ query }) => query), options }, () => this.#write(statements, options));
      },
      shutdown: async () => {
        shut = true;
      },
      hosts: { values: () => this.#nodes.map((node, i) => ({ address: `127.0.0.${i + 1}:9042`, isUp: () => node.up })) },
    };
  }

  #asked(table: string, options: CassandraRequestOptions): { readonly copies: number; readonly needed: number } {
    const keyspace = this.#keyspaces.get(table.split(".")[0]!)!;
    const copies = Object.entries(keyspace).reduce((sum, [name, count]) => (name === "class" ? sum : sum + Number(count)), 0);
    const needed = LEVELS[options.consistency ?? 10]!(copies);
    const alive = this.#nodes.slice(0, copies).filter(({ up }) => up).length;
    if (alive === 0 && !this.#nodes.some(({ up }) => up)) throw noHost("connect ECONNREFUSED");
    if (alive < needed) throw noHost(driverError("ResponseError", "Cannot achieve consistency level", { code: 0x1000, required: needed, alive }));
    return { copies, needed };
  }

  #write(statements: readonly CassandraStatement[], options: CassandraRequestOptions): CassandraResult {
    this.batches.push(statements.length);
    const partitions = new Set<string>();
    const writes = statements.map(({ query, params }) => {
      const { table: name, columns, timestamped } = this.#parse(query) as Insert;
      const table = this.#table(name);
      const unknown = columns.find((column) => !table.types.has(column));
      if (unknown !== undefined) throw invalid(`Undefined column name ${unknown} in table ${name}`);
      const values = new Map(columns.map((column, i) => [column, encoded(params[i], table.types.get(column)!)]));
      const key = new Map([...table.partitionKey, ...table.clustering].map((column) => [column, required(values.get(column), column)]));
      partitions.add(`${name}/${table.partitionKey.map((column) => String(key.get(column))).join("/")}`);
      const at = columns.length;
      const timestamp = timestamped ? (params[at] as Buffer).readBigInt64BE(0) : (this.#driverClock = this.#driverClock >= BigInt(this.#clock.now()) * 1_000n ? this.#driverClock + 1n : BigInt(this.#clock.now()) * 1_000n);
      const ttl = params[timestamped ? at + 1 : at] as Buffer | undefined;
      const seconds = ttl?.readInt32BE(0);
      if (seconds !== undefined && seconds <= 0) throw invalid(`A TTL must be greater or equal to 0, and zero is for ever: ${seconds}`);
      return { name, values, key, timestamp, expiresAt: seconds === undefined ? Infinity : this.#clock.now() + seconds * 1_000 };
    });
    if (partitions.size > 1) throw new Error(`a batch of ${partitions.size} partitions`);
    const { copies } = this.#asked(writes[0]!.name, options);
    for (const node of this.#nodes.slice(0, copies).filter(({ up }) => up)) {
      for (const { name, values, key, timestamp, expiresAt } of writes) {
        this.#put(node.tables, name, key, "", { value: "", timestamp, expiresAt });
        for (const [column, value] of values) if (!key.has(column) && value !== undefined) this.#put(node.tables, name, key, column, { value, timestamp, expiresAt });
      }
    }
    return {};
  }

  #put(tables: Map<string, Rows>, table: string, key: ReadonlyMap<string, CqlValue>, column: string, cell: Cell): void {
    let rows = tables.get(table);
    if (rows === undefined) tables.set(table, (rows = new Map()));
    const id = JSON.stringify([...key.values()].map((value) => (typeof value === "string" ? value : value.toString("hex"))));
    let row = rows.get(id);
    if (row === undefined) rows.set(id, (row = { key, cells: new Map() }));
    const old = row.cells.get(column);
    if (old === undefined || wins(cell, old)) row.cells.set(column, cell);
  }

  #rows(table: string, nodes: readonly { readonly tables: Map<string, Rows> }[], matches: (key: ReadonlyMap<string, CqlValue>) => boolean) {
    const now = this.#clock.now();
    const merged = new Map<string, Rows>();
    for (const node of nodes) {
      for (const { key, cells } of node.tables.get(table)?.values() ?? []) if (matches(key)) for (const [column, cell] of cells) this.#put(merged, table, key, column, cell);
    }
    return [...(merged.get(table)?.values() ?? [])]
      .map(({ key, cells }) => ({ key, cells: new Map([...cells].filter(([, { expiresAt }]) => expiresAt > now)) }))
      .filter(({ cells }) => cells.size > 0);
  }

  #execute(query: string, parameters: readonly unknown[], options: CassandraRequestOptions): CassandraResult {
    const system = this.#system(query, parameters);
    if (system !== undefined) return { rows: system };
    const parsed = this.#parse(query);
    switch (parsed.kind) {
      case "keyspace":
        this.schemaChanges.push(query);
        if (!this.#keyspaces.has(parsed.name)) this.#keyspaces.set(parsed.name, parsed.replication);
        return { info: { isSchemaInAgreement: true } };
      case "table":
        this.schemaChanges.push(query);
        if (!this.#keyspaces.has(parsed.table.id.split(".")[0]!)) throw invalid(`Keyspace '${parsed.table.id.split(".")[0]}' does not exist`);
        if (!this.#tables.has(parsed.table.id)) this.#tables.set(parsed.table.id, { ...parsed.table, types: new Map(parsed.table.types) });
        return { info: { isSchemaInAgreement: true } };
      case "column":
        this.schemaChanges.push(query);
        this.#table(parsed.table).types.set(parsed.column, parsed.type);
        return { info: { isSchemaInAgreement: true } };
      case "select":
        return this.#select(parsed, parameters, options);
      case "insert":
        throw new Error("an insert is a write");
    }
  }

  #select({ table: name, columns, conditions }: Select, parameters: readonly unknown[], options: CassandraRequestOptions): CassandraResult {
    const table = this.#table(name);
    const { copies, needed } = this.#asked(name, options);
    const bound = conditions.map(({ column, operator }, i) => ({ column, operator, value: encoded(parameters[i], table.types.get(column)!)! }));
    const matches = (key: ReadonlyMap<string, CqlValue>): boolean =>
      bound.every(({ column, operator, value }) => {
        const order = compared(key.get(column)!, value);
        return operator === "=" ? order === 0 : operator === "<" ? order < 0 : order >= 0;
      });
    for (const column of table.partitionKey) if (!bound.some((condition) => condition.column === column && condition.operator === "=")) throw invalid(`a read of more than one partition: ${column} is open`);
    // The worst choice: the nodes that were made last, which are those that tests take away.
    const asked = this.#nodes.slice(0, copies).filter(({ up }) => up).slice(-needed);
    const all = this.#rows(name, asked, matches);
    const start = Number(options.pageState ?? 0);
    const end = start + (options.fetchSize ?? 5_000);
    const rows = all.slice(start, end).map(({ key, cells }) => Object.fromEntries(columns.map((column) => [column, decoded(key.get(column) ?? cells.get(column)?.value ?? undefined, table.types.get(column)!)])));
    return { rows, pageState: end < all.length ? String(end) : null };
  }

  #system(query: string, parameters: readonly unknown[]): Record<string, unknown>[] | undefined {
    if (query.includes("FROM system.local")) return [{ data_center: "datacenter1" }];
    const source = /FROM system_schema\.(\w+) /.exec(query)?.[1];
    if (source === undefined) return undefined;
    const [keyspace, name] = parameters as [string, string | undefined];
    if (source === "keyspaces") {
      const replication = this.#keyspaces.get(keyspace);
      return replication === undefined ? [] : [{ keyspace_name: keyspace, replication }];
    }
    const table = this.#tables.get(`${keyspace}.${name}`);
    if (table === undefined) return [];
    if (source === "tables") return [{ comment: table.comment }];
    return [...table.types].map(([column, type]) => ({
      column_name: column,
      type,
      kind: table.partitionKey.includes(column) ? "partition_key" : table.clustering.includes(column) ? "clustering" : "regular",
      position: Math.max(table.partitionKey.indexOf(column), table.clustering.indexOf(column)),
    }));
  }

  #table(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw invalid(`unconfigured table ${name.split(".")[1]}`);
    return table;
  }

  #parse(query: string): Parsed {
    let parsed = this.#parsed.get(query);
    if (parsed === undefined) this.#parsed.set(query, (parsed = parse(query)));
    return parsed;
  }
}

interface Insert {
  readonly kind: "insert";
  readonly table: string;
  readonly columns: readonly string[];
  readonly timestamped: boolean;
}
interface Select {
  readonly kind: "select";
  readonly table: string;
  readonly columns: readonly string[];
  readonly conditions: readonly { readonly column: string; readonly operator: string }[];
}
type Parsed =
  | Insert
  | Select
  | { readonly kind: "keyspace"; readonly name: string; readonly replication: Readonly<Record<string, string>> }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "column"; readonly table: string; readonly column: string; readonly type: string };

const plain = (name: string): string => name.trim().replace(/^"|"$/g, "").replaceAll('""', '"');
const names = (list: string): string[] => list.split(",").map(plain);
const tableName = (text: string): string => text.split(".").map(plain).join(".");

function parse(query: string): Parsed {
  let match = /^INSERT INTO (\S+) \((.*)\) VALUES \([?, ]*\) USING (TIMESTAMP \?)?(?: AND )?(TTL \?)?$/.exec(query);
  if (match) return { kind: "insert", table: tableName(match[1]!), columns: names(match[2]!), timestamped: match[3] !== undefined };
  match = /^SELECT (.*) FROM (\S+) WHERE (.*)$/.exec(query);
  if (match) {
    const conditions = match[3]!.split(" AND ").map((condition) => /^(\S+) (=|<|>=) \?$/.exec(condition)!);
    return { kind: "select", columns: names(match[1]!), table: tableName(match[2]!), conditions: conditions.map(([, column, operator]) => ({ column: plain(column!), operator: operator! })) };
  }
  match = /^CREATE KEYSPACE IF NOT EXISTS (\S+) WITH replication = \{(.*)\}$/.exec(query);
  if (match) return { kind: "keyspace", name: plain(match[1]!), replication: Object.fromEntries([...match[2]!.matchAll(/'([^']*)': '([^']*)'/g)].map(([, key, value]) => [key!, value!])) };
  match = /^ALTER TABLE (\S+) ADD IF NOT EXISTS (\S+) (\S+)$/.exec(query);
  if (match) return { kind: "column", table: tableName(match[1]!), column: plain(match[2]!), type: match[3]! };
  match = /^CREATE TABLE IF NOT EXISTS (\S+) \(\s*([\s\S]*),\s+PRIMARY KEY \(\(([^)]*)\)(?:, ([^)]*))?\)\s*\) WITH [\s\S]*?(?:comment = '([\s\S]*)')?$/.exec(query);
  if (match) {
    const types = new Map(match[2]!.split(",").map((line) => [plain(line.trim().slice(0, line.trim().lastIndexOf(" "))), line.trim().slice(line.trim().lastIndexOf(" ") + 1)] as const));
    const table: Table = { id: tableName(match[1]!), types, partitionKey: names(match[3]!), clustering: match[4] === undefined ? [] : names(match[4]), comment: (match[5] ?? "").replaceAll("''", "'") };
    return { kind: "table", table };
  }
  throw invalid(`no viable alternative at input: ${query}`);
}

/** As it travels: text as UTF-8 makes it, the rest as bytes of the right length. */
function encoded(value: unknown, type: string): CqlValue | null | undefined {
  if (value === undefined || value === null) return value;
  if (type === "text") return Buffer.from(value as string | Buffer).toString();
  if ((type === "bigint" || type === "timestamp") && (typeof value === "number" || value instanceof Date)) return bigintBytes(Number(value));
  if (!Buffer.isBuffer(value)) throw new TypeError(`Not a valid ${type}: ${String(value)}`);
  const length = { bigint: 8, timestamp: 8, double: 8, int: 4, boolean: 1 }[type];
  if (length !== undefined && value.length !== length) throw invalid(`Expected ${length} bytes of a ${type}, got ${value.length}`);
  return Buffer.from(value);
}

function decoded(value: CqlValue | undefined, type: string): unknown {
  if (value === undefined) return null;
  if (typeof value === "string") return value;
  switch (type) {
    case "bigint":
      return { high: value.readInt32BE(0), low: value.readInt32BE(4) };
    case "timestamp":
      return new Date(Number(value.readBigInt64BE(0)));
    case "double":
      return value.readDoubleBE(0);
    case "int":
      return value.readInt32BE(0);
    case "boolean":
      return value[0] === 1;
    default:
      return Buffer.from(value);
  }
}

function asBigint(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("high" in value)) return value;
  const { high, low } = value as { readonly high: number; readonly low: number };
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

/** Signed integers of equal length, or texts. */
function compared(a: CqlValue, b: CqlValue): number {
  if (typeof a === "string") return a < (b as string) ? -1 : a === b ? 0 : 1;
  if (a.length === 8) {
    const difference = a.readBigInt64BE(0) - (b as Buffer).readBigInt64BE(0);
    return difference < 0n ? -1 : difference === 0n ? 0 : 1;
  }
  return Buffer.compare(a, b as Buffer);
}

/** The later timestamp; of equal ones the later expiry; of those the larger bytes. */
function wins(cell: Cell, old: Cell): boolean {
  if (cell.timestamp !== old.timestamp) return cell.timestamp > old.timestamp;
  if (cell.expiresAt !== old.expiresAt) return cell.expiresAt > old.expiresAt;
  if (cell.value === null || old.value === null) return cell.value === null;
  return Buffer.compare(Buffer.from(cell.value as string), Buffer.from(old.value as string)) > 0;
}

function required(value: CqlValue | null | undefined, column: string): CqlValue {
  if (value === undefined || value === null) throw invalid(`Invalid null or unset value for column ${column}`);
  return value;
}

/** An error with the fields that the driver's have. */
export function driverError(name: string, message: string, fields: Readonly<Record<string, unknown>> = {}): Error {
  return Object.assign(new Error(message), { name, ...fields });
}

const invalid = (message: string): Error => driverError("ResponseError", message, { code: 0x2200 });

function noHost(inner: string | Error): Error {
  const error = typeof inner === "string" ? new Error(inner) : inner;
  return driverError("NoHostAvailableError", "All host(s) tried for query failed.", { innerErrors: { "127.0.0.1:9042": error } });
}
