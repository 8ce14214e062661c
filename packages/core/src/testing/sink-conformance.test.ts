import { describe, expect, it } from "vitest";
import { ClosedError } from "../errors/closed-error.js";
import { SinkWriteError } from "../errors/sink-write-error.js";
import type { Sink } from "../ports/sink.js";
import { failuresOf } from "./failures-of.js";
import { sinkConformance } from "./sink-conformance.js";

interface Row {
  readonly n: number;
  readonly text: string;
}

/** A destination that takes rows under a key: what was sent under a known key before is replaced. */
class Table {
  readonly batches = new Map<string, readonly Row[]>();
  how: "fails" | "hangs" | undefined;

  async put(key: string, rows: readonly Row[], signal?: AbortSignal): Promise<void> {
    if (this.how === "fails") throw new Error("connection refused");
    if (this.how === "hangs") await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
    this.batches.set(key, rows);
  }
}

const sinkOn = (table: Table, parts: Partial<Sink<Row>> = {}): Sink<Row> => {
  let closed = false;
  return {
    name: "table",
    async write(batch, signal) {
      signal.throwIfAborted();
      if (closed) throw new ClosedError("table", "writing to sink");
      if (batch.rows.length === 0) return;
      await table.put(batch.id, batch.rows, signal).catch((cause: unknown) => {
        signal.throwIfAborted();
        throw new SinkWriteError("table", batch, "the table refused it", { retryable: true, cause });
      });
    },
    async close() {
      closed = true;
    },
    ...parts,
  };
};

const failures = (open: (table: Table) => Sink<Row>): Promise<Readonly<Record<string, string>>> =>
  failuresOf((each) =>
    sinkConformance<Row>(each, async () => {
      const table = new Table();
      return {
        sink: open(table),
        row: (n, large) => ({ n, text: large === true ? "x".repeat(1e6) : `row ${n}` }),
        readBack: async () => [...table.batches.values()].flat(),
        reopen: async () => open(table),
        disturb: async (how) => {
          table.how = how;
          return async () => {
            table.how = undefined;
          };
        },
        limitMs: 200,
      };
    }),
  );

describe("the kit for sinks", () => {
  it("finds nothing wrong with a sink that keeps the laws", async () => expect(await failures((table) => sinkOn(table))).toEqual({}));

  it("tells the author of a sink that is not idempotent how many rows there are, which, and what makes it so", async () => {
    let sent = 0;
    const found = await failures((table) => sinkOn(table, { write: (batch, signal) => (batch.rows.length === 0 ? Promise.resolve() : table.put(`${sent++}`, batch.rows, signal)) }));
    expect(found["one-copy-after-replay"]).toBe(
      [
        'sink law "one-copy-after-replay" is broken',
        "  the law:    a batch that is written again leaves one copy, also by another process, and whatever was written between",
        '  found:      after the same batch was written twice, the destination holds 8 rows where 4 rows belong: 4 are there more than once ({"n":0,"text":"row 0"}, {"n":1,"text":"row 1"}, ...)',
        "  what to do: keep batch.id with the rows, in one step with them, and let a repeat change nothing: a unique key, a file named after it, an idempotency key; what this process remembers in memory does not survive it",
      ].join("\n"),
    );
    // It hands on nothing but the rows, and so breaks these as well.
    expect(Object.keys(found)).toEqual(["one-copy-after-replay", "aborts", "failure-is-retryable", "closes"]);
  });

  it("tells the author of a sink that swallows an error that rows would be lost", async () => {
    const found = await failures((table) => {
      const good = sinkOn(table);
      return { ...good, write: (batch, signal) => good.write(batch, signal).catch(() => undefined) };
    });
    expect(found["reports-failure"]).toBe(
      [
        'sink law "reports-failure" is broken',
        "  the law:    a write that the destination refuses fails, and written again it leaves one copy",
        "  found:      write resolved although the destination refused the batch, which has 3 rows; the destination holds 0",
        "  what to do: let the error pass, or throw a SinkWriteError with it as the cause: a write that resolves has promised every row, and nobody will write them again",
      ].join("\n"),
    );
    expect(found["aborts"]).toContain("found:      a write whose signal was aborted before must fail with the signal's reason, but resolved");
    expect(Object.keys(found)).toEqual(["aborts", "aborts-under-way", "reports-failure", "failure-is-retryable", "closes"]);
  });

  it("tells the author of a sink that hangs on close which call did, and for how long", async () => {
    const found = await failures((table) => sinkOn(table, { close: () => new Promise(() => {}) }));
    expect(found["closes"]).toBe(
      [
        'sink law "closes" is broken',
        "  the law:    close ends soon, may be called twice, and a write after it fails with ClosedError",
        '  found:      closing sink "table" took longer than 200 ms',
        '  what to do: let close release what is open and not wait for more rows, keep a flag that it was called, and begin write with: if (closed) throw new ClosedError(name, "writing to sink")',
      ].join("\n"),
    );
  });

  it("tells the author of a sink that throws a plain error what delivery repeats", async () => {
    const found = await failures((table) => {
      const good = sinkOn(table);
      return { ...good, write: (batch, signal) => good.write(batch, signal).catch((error: Error) => Promise.reject(error.cause === undefined ? error : (error.cause as Error))) };
    });
    expect(found).toEqual({
      "failure-is-retryable": [
        'sink law "failure-is-retryable" is broken',
        "  the law:    what a destination that is down makes write fail with says that it may be retried",
        '  found:      write failed with Error "connection refused", which is no MillraceError',
        "  what to do: throw new SinkWriteError(name, batch, why, { retryable: true, cause }) for what may pass: delivery repeats that and nothing else, any other error stops the speed layer",
      ].join("\n"),
    });
  });

  it("tells the author of a test without a way to disturb what is missing", async () => {
    const found = await failuresOf((each) =>
      sinkConformance<Row>(each, async () => {
        const table = new Table();
        return { sink: sinkOn(table), row: (n) => ({ n, text: `${n}` }), readBack: async () => [...table.batches.values()].flat(), reopen: async () => sinkOn(table) };
      }),
    );
    expect(Object.keys(found)).toEqual(["aborts-under-way", "reports-failure", "failure-is-retryable"]);
    expect(found["reports-failure"]).toContain(`found:      this law needs the subject's "disturb": provide it, or waive the law with a reason`);
  });

  it("counts what is missing and what nobody wrote", async () => {
    const found = await failures((table) => sinkOn(table, { write: (batch) => table.put(batch.id, batch.rows.slice(1).map(({ n }) => ({ n, text: "?" }))) }));
    expect(found["keeps-every-row"]).toContain(
      `found:      after write resolved, the destination holds 2 rows where 3 rows belong: 3 are missing ({"n":0,"text":"row 0"}, {"n":1,"text":"row 1"}, ...); 2 are there that nobody wrote ({"n":1,"text":"?"}, {"n":2,"text":"?"})`,
    );
  });
});
