import { expect, it } from "vitest";
import { statusText, type ClusterStatus } from "./cluster-status.js";

const status: ClusterStatus = {
  runDir: "/run",
  processes: [
    { name: "kafka-1", part: "kafka", address: "127.0.0.1:9092", pid: 4711, state: "up", memoryMb: 250 },
    { name: "cassandra-2", part: "cassandra", address: "127.0.0.2:9042", pid: null, state: "down", memoryMb: null, tail: "--- /run/system.log\nout of memory" },
    { name: "speed", part: "speed", address: "127.0.0.1:4281", pid: 12, state: "silent", memoryMb: 1_300 },
  ],
  memoryMb: 1_550,
  pages: [
    { title: "Airflow", url: "http://127.0.0.1:8083/", login: "airflow / airflow" },
    { title: "live page", url: "http://127.0.0.1:4280/" },
  ],
  environment: {},
};

const TABLE = `name          pid  state    memory  address
kafka-1      4711  up       250 MB  127.0.0.1:9092
cassandra-2     -  down          -  127.0.0.2:9042
speed          12  silent  1300 MB  127.0.0.1:4281
                           1550 MB

Airflow    http://127.0.0.1:8083/  login airflow / airflow
live page  http://127.0.0.1:4280/

data and logs in /run`;

it("is a table with memory, pages and logins; who has ended is named with the end of its log and what to do", () => {
  expect(statusText(status, true)).toBe(`${TABLE}

cassandra-2 does not run. The end of its log:
--- /run/system.log
out of memory
what to do: npm run cluster -- up starts it again with its data`);
});

it("tells of who is silent where that is not because something is down", () => {
  const processes = status.processes.filter(({ state }) => state !== "down");
  expect(statusText({ ...status, processes }, true)).toContain("\nspeed runs, but does not answer, or what it needs does not\nwhat to do: npm run cluster -- logs speed");
});

it("tells of no loss where all was stopped", () => {
  expect(statusText(status, false).split("\n\n").slice(0, 3).join("\n\n")).toBe(TABLE);
  expect(statusText(status, false)).not.toContain("cassandra-2 does not run");
  expect(statusText({ ...status, processes: [] }, false)).toBe("nothing was started here: npm run cluster -- up");
});
