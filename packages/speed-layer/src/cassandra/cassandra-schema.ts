import { ConfigurationError } from "@millrace/core";
import type { ViewDefinition } from "@millrace/core";
import { CassandraError } from "./cassandra-error.js";
import { missingKeyspace } from "./cassandra-session.js";
import type { CassandraSession } from "./cassandra-session.js";
import { cqlMap, cqlName } from "./cql-names.js";
import { HEARTBEAT_COLUMNS, HEARTBEAT_TABLE, PROGRESS_COLUMNS, PROGRESS_TABLE } from "./progress-table.js";
import { addColumn, createTable, layoutComment, layoutOfComment } from "./view-statements.js";
import type { TableLayout, TableOptions } from "./view-statements.js";
import { describeViewTable, viewTable } from "./view-table.js";
import type { TableColumn, ViewTable } from "./view-table.js";

/** What {@link CassandraSchema} takes. */
export interface SchemaOptions extends TableOptions {
  readonly session: CassandraSession;
  /** Of tables that are created. */
  readonly layout: TableLayout;
  /** Of a keyspace that is created; without it, none is. */
  readonly replication: Readonly<Record<string, string | number>> | undefined;
}

/** A view's table as it is in the keyspace. */
export interface LocatedTable extends ViewTable {
  /** Its name there: the view's, or the view's and the fingerprint's where that was taken by another key. */
  readonly table: string;
  readonly layout: TableLayout;
}

/** A table as Cassandra describes it. */
interface FoundTable {
  readonly comment: string;
  readonly columns: ReadonlyMap<string, TableColumn & { readonly position: number; readonly typeName: string }>;
}

/** One statement, and what it is for. */
interface Change {
  readonly doing: string;
  readonly statement: string;
}

const PROGRESS_COMMENT = "Millrace: how far each view and segment is written";
const HEARTBEAT_COMMENT = "Millrace: what each worker said last";

/**
 * Tables of views in a keyspace. A view's table bears the view's name, and rows of every fingerprint that fits its key;
 * columns that a changed view needs are added. A view whose key or column types differ gets a table of its own, with eight
 * characters of the fingerprint behind the name. Which table a view has is a function of the schema, so that all processes find the same.
 */
export class CassandraSchema {
  readonly #options: SchemaOptions;
  readonly #located = new Map<string, Promise<LocatedTable>>();

  constructor(options: SchemaOptions) {
    this.#options = options;
  }

  /** Every statement that an empty cluster needs. */
  statements(views: readonly ViewDefinition[]): string[] {
    const { replication, session } = this.#options;
    const keyspace = replication === undefined ? [] : [createKeyspace(session.keyspace, replication)];
    const names = new Set<string>();
    const tables = views.map((view) => {
      const table = viewTable(view);
      const name = names.has(table.name) ? ownName(table, view) : table.name;
      names.add(name);
      return this.#create(view, table, name).statement;
    });
    return [...keyspace, ...this.#shared().map(({ change }) => change.statement), ...tables];
  }

  /** Creates and alters what is missing; nothing when nothing is. Gives the statements that were run. */
  async apply(views: readonly ViewDefinition[], signal: AbortSignal): Promise<string[]> {
    const { session, replication } = this.#options;
    this.#check(views);
    const run: string[] = [];
    const change = async ({ doing, statement }: Change): Promise<void> => {
      await session.changeSchema(doing, statement, signal);
      run.push(statement);
    };
    if (!(await this.#hasKeyspace(signal))) {
      if (replication === undefined) throw missingKeyspace(session.keyspace);
      await change({ doing: `creating keyspace "${session.keyspace}"`, statement: createKeyspace(session.keyspace, replication) });
    }
    const found = await this.#find([PROGRESS_TABLE, HEARTBEAT_TABLE, ...views.flatMap((view) => namesOf(view))], signal);
    for (const shared of this.#shared()) {
      if (!found.has(shared.table)) await change(shared.change);
    }
    for (const view of views) {
      // A rival may create one meanwhile, and a view of this very list may take the name: look again until it is there.
      for (let attempt = 0; ; attempt++) {
        const tables = attempt === 0 && run.length === 0 ? found : await this.#find(namesOf(view), signal);
        const missing = this.#missing(view, tables);
        if (missing.length === 0) break;
        if (attempt === 3) throw new CassandraError(`preparing the table of view "${view.name}"`, "unavailable", "it is still not there after it was created: the nodes do not agree on the schema yet");
        for (const each of missing) await change(each);
      }
      this.#located.delete(view.fingerprint);
    }
    return run;
  }

  /** Refuses with what is missing. */
  async check(views: readonly ViewDefinition[], signal: AbortSignal): Promise<void> {
    this.#check(views);
    if (!(await this.#hasKeyspace(signal))) throw missingKeyspace(this.#options.session.keyspace);
    const found = await this.#find([PROGRESS_TABLE, HEARTBEAT_TABLE], signal);
    for (const { table } of this.#shared()) if (!found.has(table)) throw this.#missingTable(table);
    for (const view of views) {
      this.#located.delete(view.fingerprint);
      await this.locate(view, signal);
    }
  }

  /** The table of a view. @throws {CassandraError} when there is none, or when it lacks a column. */
  async locate(view: ViewDefinition, signal: AbortSignal): Promise<LocatedTable> {
    let located = this.#located.get(view.fingerprint);
    if (located === undefined) {
      located = this.#locate(view, signal);
      this.#located.set(view.fingerprint, located);
      located.catch(() => this.#located.delete(view.fingerprint));
    }
    return located;
  }

  async #locate(view: ViewDefinition, signal: AbortSignal): Promise<LocatedTable> {
    const found = await this.#find(namesOf(view), signal);
    const table = viewTable(view);
    const name = tableFor(view, table, found);
    const there = name === undefined ? undefined : found.get(name);
    if (name === undefined || there === undefined) {
      if (!(await this.#hasKeyspace(signal))) throw missingKeyspace(this.#options.session.keyspace);
      throw this.#missingTable(name ?? ownName(table, view));
    }
    const lacking = table.columns.filter((column) => !there.columns.has(column.name));
    if (lacking.length > 0) {
      throw new CassandraError(`looking at table "${name}" of view "${view.name}"`, "schema", `it lacks ${lacking.map((column) => `"${column.name}"`).join(", ")}`, {
        advice: "add what the view needs: millrace ddl --apply",
      });
    }
    return { ...table, table: name, layout: layoutOfComment(there.comment)! };
  }

  /** Views whose columns cannot be told apart in lower case, or whose own table's name is taken by one of ours. */
  #check(views: readonly ViewDefinition[]): void {
    const problems = views.filter((view) => [PROGRESS_TABLE, HEARTBEAT_TABLE].includes(view.name.toLowerCase())).map((view) => ({ path: view.name, message: `the store keeps a table of that name` }));
    if (problems.length > 0) throw new ConfigurationError("preparing tables of views", problems);
  }

  #shared(): readonly { readonly table: string; readonly change: Change }[] {
    const { session, compaction, gcGraceSeconds } = this.#options;
    return ([[PROGRESS_TABLE, PROGRESS_COLUMNS, PROGRESS_COMMENT], [HEARTBEAT_TABLE, HEARTBEAT_COLUMNS, HEARTBEAT_COMMENT]] as const).map(([table, columns, comment]) => ({
      table,
      change: { doing: `creating table "${table}"`, statement: createTable(session.keyspace, table, columns, comment, { compaction, gcGraceSeconds }) },
    }));
  }

  #create(view: ViewDefinition, { columns }: ViewTable, name: string): Change {
    const { session, layout } = this.#options;
    return { doing: `creating the table of view "${view.name}"`, statement: createTable(session.keyspace, name, columns, layoutComment(describeViewTable(view), layout), this.#options) };
  }

  /** What a view's table needs, given the tables that are there. */
  #missing(view: ViewDefinition, found: ReadonlyMap<string, FoundTable>): Change[] {
    const table = viewTable(view);
    const name = tableFor(view, table, found);
    if (name === undefined || !found.has(name)) return [this.#create(view, table, name ?? ownName(table, view))];
    const there = found.get(name)!;
    return table.columns
      .filter((column) => !there.columns.has(column.name))
      .map((column) => ({ doing: `adding column "${column.name}" to table "${name}"`, statement: addColumn(this.#options.session.keyspace, name, column) }));
  }

  async #hasKeyspace(signal: AbortSignal): Promise<boolean> {
    const { session } = this.#options;
    const rows = await session.readSchema(`looking for keyspace "${session.keyspace}"`, "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?", [session.keyspace], signal);
    return rows.length > 0;
  }

  async #find(names: readonly string[], signal: AbortSignal): Promise<Map<string, FoundTable>> {
    const { session } = this.#options;
    const found = await Promise.all(
      [...new Set(names)].map(async (name): Promise<readonly [string, FoundTable] | undefined> => {
        const doing = `looking for table "${name}"`;
        const where = "WHERE keyspace_name = ? AND table_name = ?";
        const [tables, columns] = await Promise.all([
          session.readSchema(doing, `SELECT comment FROM system_schema.tables ${where}`, [session.keyspace, name], signal),
          session.readSchema(doing, `SELECT column_name, kind, position, type FROM system_schema.columns ${where}`, [session.keyspace, name], signal),
        ]);
        const [table] = tables;
        if (table === undefined) return undefined;
        return [name, { comment: (table["comment"] ?? "") as string, columns: new Map(columns.map((row) => [row["column_name"] as string, foundColumn(row)])) }];
      }),
    );
    return new Map(found.filter((each) => each !== undefined));
  }

  #missingTable(name: string): CassandraError {
    const { keyspace } = this.#options.session;
    return new CassandraError(`looking for table "${name}" in keyspace "${keyspace}"`, "missing-table", "it does not exist", { advice: "create what the views need: millrace ddl --apply" });
  }
}

function createKeyspace(keyspace: string, replication: Readonly<Record<string, string | number>>): string {
  return `CREATE KEYSPACE IF NOT EXISTS ${cqlName(keyspace)} WITH replication = ${cqlMap({ class: "NetworkTopologyStrategy", ...replication })}`;
}

function foundColumn(row: Readonly<Record<string, unknown>>): TableColumn & { readonly position: number; readonly typeName: string } {
  return { name: row["column_name"] as string, kind: row["kind"] as TableColumn["kind"], type: row["type"] as TableColumn["type"], typeName: row["type"] as string, position: row["position"] as number };
}

/** The name of a table of this fingerprint alone. */
function ownName({ name }: ViewTable, { fingerprint }: ViewDefinition): string {
  return `${name}_${fingerprint.slice(0, 8)}`;
}

function namesOf(view: ViewDefinition): string[] {
  const table = viewTable(view);
  return [ownName(table, view), table.name];
}

/** The table that holds a view, or is to: its own, if there is one; else the one of its name, unless that is another's. */
function tableFor(view: ViewDefinition, table: ViewTable, found: ReadonlyMap<string, FoundTable>): string | undefined {
  const own = ownName(table, view);
  const there = found.get(own);
  if (there !== undefined) {
    if (!fits(table, there)) throw new CassandraError(`looking at table "${own}" of view "${view.name}"`, "schema", "its key or its columns are not those of the view", { advice: "drop it if nothing needs it, and run: millrace ddl --apply" });
    return own;
  }
  const named = found.get(table.name);
  return named === undefined || fits(table, named) ? table.name : undefined;
}

/** Whether rows of the view can lie in a table: the same key, a layout, and no column of the same name and another type. */
function fits({ columns }: ViewTable, there: FoundTable): boolean {
  if (layoutOfComment(there.comment) === undefined) return false;
  const key = (kind: TableColumn["kind"]): string => columns.filter((column) => column.kind === kind).map(({ name, type }) => `${name} ${type}`).join();
  const theirs = (kind: TableColumn["kind"]): string =>
    [...there.columns.values()]
      .filter((column) => column.kind === kind)
      .sort((a, b) => a.position - b.position)
      .map(({ name, typeName }) => `${name} ${typeName}`)
      .join();
  return (
    key("partition_key") === theirs("partition_key") &&
    key("clustering") === theirs("clustering") &&
    columns.every(({ name, type, kind }) => {
      const column = there.columns.get(name);
      return column === undefined || kind !== "regular" || (column.kind === "regular" && column.typeName === type);
    })
  );
}
