import { ClosedError, Credits, orAborted } from "@millrace/core";
import { makeClient } from "./cassandra-access.js";
import type { CassandraAccess, CassandraConnection } from "./cassandra-access.js";
import type { CassandraClient, CassandraHost, CassandraRequestOptions, CassandraResult, CassandraStatement } from "./cassandra-client.js";
import { CassandraError, cassandraErrorOf } from "./cassandra-error.js";
import { CONSISTENCY_LEVELS, consistencyRule, replicationOf } from "./consistency.js";
import type { ConsistencyChoice, ConsistencyRule } from "./consistency.js";
import type { EncodedRows } from "./encoded-rows.js";
import { sendRows } from "./send-rows.js";

/** What {@link CassandraSession} takes. */
export interface SessionOptions {
  /** The store's or sink's, for errors. */
  readonly name: string;
  /** Who needs the driver, for the error that says it is missing. */
  readonly adapter: string;
  readonly access: CassandraAccess;
  readonly keyspace: string;
  readonly consistency: ConsistencyChoice;
  /** Requests that wait for an answer at the same time, reads and writes apart. */
  readonly inFlight: number;
}

/** Rows a page of a read: a thousand take half the CPU a row of the driver's default of 5,000. */
const PAGE_ROWS = 1_000;
const SCHEMA_OPTIONS = { prepare: true, isIdempotent: true, consistency: CONSISTENCY_LEVELS.LOCAL_ONE } as const;

/**
 * A client with what every request has in common: opened at first use, errors that say what they mean, a bound on
 * requests in flight, levels by the keyspace's replication. A request that was sent cannot be called back: when its signal
 * aborts, its caller is told at once, and its place is free when its answer is there.
 */
export class CassandraSession {
  readonly #options: SessionOptions;
  readonly #writes: Credits;
  readonly #reads: Credits;
  #opening: Promise<CassandraClient> | undefined;
  #rule: Promise<ConsistencyRule> | undefined;
  /** The rule once it is known. */
  rule: ConsistencyRule | undefined;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#writes = new Credits(options.inFlight);
    this.#reads = new Credits(options.inFlight);
  }

  get keyspace(): string {
    return this.#options.keyspace;
  }

  /** @throws {ClosedError} after {@link CassandraSession.close}. */
  async open(doing: string, signal: AbortSignal): Promise<CassandraClient> {
    signal.throwIfAborted();
    if (this.#closed) throw new ClosedError(this.#options.name, doing);
    this.#opening ??= this.#connect().catch((error: unknown) => {
      this.#opening = undefined;
      throw cassandraErrorOf(`connecting "${this.#options.name}" to Cassandra`, error);
    });
    const client = await orAborted(this.#opening, signal);
    if (this.#closed) throw new ClosedError(this.#options.name, doing);
    return client;
  }

  /** Levels for reads and writes. @throws {CassandraError} when there is no such keyspace. */
  async levels(doing: string, signal: AbortSignal): Promise<ConsistencyRule> {
    const client = await this.open(doing, signal);
    this.#rule ??= this.#findRule(client).catch((error: unknown) => {
      this.#rule = undefined;
      throw cassandraErrorOf(doing, error);
    });
    return (this.rule = await orAborted(this.#rule, signal));
  }

  /** One statement. Durable when it resolves. */
  async write(doing: string, statement: CassandraStatement, signal: AbortSignal): Promise<void> {
    await this.writeAll(doing, [[statement]], signal);
  }

  /**
   * Batches, each of one Cassandra partition; the next is made when a place is free. All are durable when it resolves.
   * At the first that fails no further one is begun.
   */
  async writeAll(doing: string, batches: Iterable<readonly CassandraStatement[]>, signal: AbortSignal): Promise<void> {
    await this.#send(doing, batches, (client, batch, options) => (batch.length === 1 ? client.execute(batch[0]!.query, batch[0]!.params, options) : client.batch(batch, { ...options, logged: false })), signal);
  }

  /** {@link CassandraSession.writeAll} of rows that are encoded. */
  async writeRows(doing: string, batches: Iterable<EncodedRows>, signal: AbortSignal): Promise<void> {
    await this.#send(doing, batches, sendRows, signal);
  }

  async #send<B>(doing: string, batches: Iterable<B>, send: (client: CassandraClient, batch: B, options: CassandraRequestOptions) => Promise<unknown>, signal: AbortSignal): Promise<void> {
    const { write } = await this.levels(doing, signal);
    const options = { prepare: true, isIdempotent: true, consistency: CONSISTENCY_LEVELS[write] };
    const client = await this.open(doing, signal);
    let failed: { readonly error: unknown } | undefined;
    const sent: Promise<void>[] = [];
    for (const batch of batches) {
      await this.#writes.acquire(1, signal);
      if (failed !== undefined) {
        this.#writes.release(1);
        break;
      }
      sent.push(
        send(client, batch, options).then(
          () => this.#writes.release(1),
          (error: unknown) => {
            this.#writes.release(1);
            failed ??= { error };
          },
        ),
      );
    }
    await orAborted(Promise.all(sent), signal);
    if (failed !== undefined) throw cassandraErrorOf(doing, failed.error);
  }

  /** The rows of a query, page by page. */
  async *read(doing: string, query: string, parameters: readonly unknown[], signal: AbortSignal): AsyncGenerator<NonNullable<CassandraResult["rows"]>> {
    const { read } = await this.levels(doing, signal);
    const options = { prepare: true, isIdempotent: true, consistency: CONSISTENCY_LEVELS[read], fetchSize: PAGE_ROWS };
    let pageState: string | undefined;
    do {
      const page = await this.#request(doing, query, parameters, pageState === undefined ? options : { ...options, pageState }, signal);
      if (page.rows !== undefined && page.rows.length > 0) yield page.rows;
      pageState = page.pageState ?? undefined;
    } while (pageState !== undefined);
  }

  /** All rows of a query on Cassandra's own schema tables: of the node that changes of the schema go to, if it answers. */
  async readSchema(doing: string, query: string, parameters: readonly unknown[], signal: AbortSignal): Promise<NonNullable<CassandraResult["rows"]>> {
    const host = firstUp(await this.open(doing, signal));
    try {
      return (await this.#request(doing, query, parameters, host === undefined ? SCHEMA_OPTIONS : { ...SCHEMA_OPTIONS, host }, signal)).rows ?? [];
    } catch (error) {
      if (host === undefined || !(error instanceof CassandraError && error.retryable)) throw error;
      return (await this.#request(doing, query, parameters, SCHEMA_OPTIONS, signal)).rows ?? [];
    }
  }

  /**
   * A statement that changes the schema. Every process sends its own to the same node (the first of those that are up): two
   * nodes that create one table at the same time may each make one.
   *
   * @throws {CassandraError} retryable, when the nodes do not agree on it in time.
   */
  async changeSchema(doing: string, statement: string, signal: AbortSignal): Promise<void> {
    const host = firstUp(await this.open(doing, signal));
    const result = await this.#request(doing, statement, [], host === undefined ? {} : { host }, signal);
    if (result.info?.isSchemaInAgreement === false) throw new CassandraError(doing, "timeout", "the nodes did not agree on the schema in time");
  }

  /** Waits for what was sent, then closes the client if it was made here. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    const opening = this.#opening;
    this.#opening = undefined;
    const client = await opening?.catch(() => undefined);
    if (client !== undefined && this.#options.access.client === undefined) await client.shutdown();
  }

  async #request(doing: string, query: string, parameters: readonly unknown[], options: CassandraRequestOptions, signal: AbortSignal): Promise<CassandraResult> {
    const client = await this.open(doing, signal);
    await this.#reads.acquire(1, signal);
    const answer = client.execute(query, parameters, options).finally(() => this.#reads.release(1));
    try {
      return await orAborted(answer, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      throw cassandraErrorOf(doing, error);
    }
  }

  async #connect(): Promise<CassandraClient> {
    const { access, adapter } = this.#options;
    const client = access.client ?? (await makeClient(adapter, access as CassandraConnection));
    try {
      await client.connect();
    } catch (error) {
      // A client that failed to connect may not try again.
      if (access.client === undefined) await client.shutdown().catch(() => undefined);
      throw error;
    }
    return client;
  }

  async #findRule(client: CassandraClient): Promise<ConsistencyRule> {
    const { access, consistency, keyspace } = this.#options;
    const { rows = [] } = await client.execute("SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?", [keyspace], SCHEMA_OPTIONS);
    const [found] = rows;
    if (found === undefined) throw missingKeyspace(keyspace);
    const local = access.localDataCenter ?? ((await client.execute("SELECT data_center FROM system.local", [], SCHEMA_OPTIONS)).rows?.[0]?.["data_center"] as string);
    const replication = replicationOf(found["replication"] as Record<string, string>, local);
    if (replication.local === 0) {
      throw new CassandraError(`reading the replication of keyspace "${keyspace}"`, "schema", `it has no replicas in data center "${local}"`, {
        advice: "name the right `localDataCenter`, or alter the keyspace's replication",
      });
    }
    return consistencyRule(consistency, replication);
  }
}

function firstUp(client: CassandraClient): CassandraHost | undefined {
  return [...(client.hosts?.values() ?? [])].filter((each) => each.isUp()).sort((a, b) => (a.address < b.address ? -1 : 1))[0];
}

export function missingKeyspace(keyspace: string): CassandraError {
  return new CassandraError(`looking for keyspace "${keyspace}"`, "missing-keyspace", "it does not exist", {
    advice: `create it: CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', '<data center>': '<copies>'}; or give the platform \`replication\` and run: millrace ddl --apply`,
  });
}
