import fc from "fast-check";
import { expect, it } from "vitest";
import { cassandraStore } from "./cassandra-store.js";
import { FakeCassandra, driverError } from "./testing/fake-cassandra.js";
import type { FakeFault } from "./testing/fake-cassandra.js";
import { expectServedIsTheFold, histories } from "./testing/history.js";

type Hurt = "node away" | "all away" | "timeouts before" | "timeouts after" | "some overloaded";

it("a whole speed layer over it serves the fold of the log, whatever is restarted, doubled, away or times out", async () => {
  let disturbances = 0;
  await fc.assert(
    fc.asyncProperty(
      histories(20),
      fc.infiniteStream(fc.constantFrom<Hurt>("node away", "all away", "timeouts before", "timeouts after", "some overloaded")),
      fc.record({ copies: fc.constantFrom(1, 2, 3), shards: fc.constantFrom(1, 3), batchRows: fc.constantFrom(1, 4, 50), inFlight: fc.constantFrom(1, 3, 16) }),
      async (history, hurts, { copies, ...settings }) => {
        let cassandra: FakeCassandra | undefined;
        let requests = 0;
        await expectServedIsTheFold(history, {
          store: (clock) => {
            cassandra ??= new FakeCassandra({ clock, nodes: copies });
            return cassandraStore({ client: cassandra.client(), keyspace: "law", replication: { datacenter1: copies }, clock, ...settings });
          },
          disturb: () => {
            disturbances++;
            const [hurt] = hurts.take(1);
            const nodes = hurt === "node away" ? [copies - 1] : hurt === "all away" ? Array.from({ length: copies }, (_, i) => i) : [];
            for (const node of nodes) cassandra!.setUp(node, false);
            if (nodes.length === 0) cassandra!.fault = faultOf(hurt!, () => requests++);
            return () => {
              for (const node of nodes) cassandra!.setUp(node, true);
              cassandra!.fault = undefined;
            };
          },
        });
      },
    ),
    { numRuns: 40, interruptAfterTimeLimit: 20_000 },
  );
  expect(disturbances).toBeGreaterThan(10);
});

function faultOf(hurt: Hurt, count: () => number): FakeFault {
  return async (_request, run) => {
    if (hurt === "timeouts before") throw driverError("OperationTimedOutError", "no answer");
    const overloaded = hurt === "some overloaded" && count() % 3 === 0;
    if (overloaded) throw driverError("ResponseError", "overloaded", { code: 0x1001 });
    const result = run();
    if (hurt === "timeouts after") throw driverError("ResponseError", "timeout", { code: 0x1100, received: 0, blockFor: 1 });
    return result;
  };
}
