import { readFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { remains } from "../testing/remains.js";
import { startAirflow } from "./start-airflow.js";

it("lets nobody in without the login, takes a killed scheduler back, and leaves nothing", async () => {
  const airflow = await startAirflow();
  onTestFinished(() => airflow.stop());
  const { url, user, password, scheduler, apiServer, dagProcessor } = airflow;
  const login = (pass: string) => fetch(`${url}/auth/token`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ username: user, password: pass }) });
  expect([(await login(password)).status, (await login("another")).status, (await fetch(`${url}/api/v2/dags`)).status]).toEqual([201, 401, 401]);

  // Its workers are forks of it, which no signal to it alone would reach.
  const workers = childrenOf(scheduler.pid!);
  expect(workers.length).toBeGreaterThan(0);
  const before = scheduler.pid!;
  await scheduler.kill();
  await expect.poll(() => remains([before, ...workers], [])).toEqual([]);
  await scheduler.start();
  expect(scheduler.running).toBe(true);

  const pids = [apiServer.pid!, scheduler.pid!, dagProcessor.pid!];
  const forks = pids.flatMap(childrenOf);
  await airflow.stop();
  await expect.poll(() => remains([...pids, ...forks], [airflow.runDir])).toEqual([]);
});

/** What a process has forked (Linux). */
const childrenOf = (pid: number): readonly number[] => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
