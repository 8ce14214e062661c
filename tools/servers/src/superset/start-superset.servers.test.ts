import { readFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { remains } from "../testing/remains.js";
import { startSuperset } from "./start-superset.js";

it("lets nobody in without the login, comes back after it was killed with what is in it, and leaves nothing", async () => {
  const superset = await startSuperset();
  onTestFinished(() => superset.stop());
  const { url, user, password, node } = superset;
  const login = (pass: string): Promise<Response> => fetch(`${url}/api/v1/security/login`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ username: user, password: pass, provider: "db" }) });
  const tokenOf = async (answer: Response): Promise<string> => ((await answer.json()) as { readonly access_token: string }).access_token;
  const answer = await login(password);
  expect([answer.status, (await login("another")).status, (await fetch(`${url}/api/v1/dashboard/`)).status]).toEqual([200, 401, 401]);
  const token = await tokenOf(answer);
  const tags = async (bearer: string): Promise<readonly string[]> => {
    const listed = await fetch(`${url}/api/v1/css_template/`, { headers: { authorization: `Bearer ${bearer}` } });
    return ((await listed.json()) as { readonly result: readonly { readonly template_name: string }[] }).result.map(({ template_name }) => template_name);
  };
  const csrf = await fetch(`${url}/api/v1/security/csrf_token/`, { headers: { authorization: `Bearer ${token}` } });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "x-csrftoken": ((await csrf.json()) as { readonly result: string }).result, cookie: csrf.headers.getSetCookie().map((each) => each.split(";")[0]).join("; ") };
  const made = await fetch(`${url}/api/v1/css_template/`, { method: "POST", headers, body: JSON.stringify({ template_name: "kept", css: "" }) });
  expect(made.status).toBe(201);

  const before = [node.pid!, ...childrenOf(node.pid!)];
  expect(before).toHaveLength(2);
  await node.kill();
  // The one that answers notices within a second that nobody looks after it.
  await expect.poll(() => remains(before, [])).toEqual([]);
  await node.start();
  // The secret is the same, so that the token is good still.
  expect(await tags(token)).toEqual(["kept"]);

  const pids = [node.pid!, ...childrenOf(node.pid!)];
  await superset.stop();
  await expect.poll(() => remains(pids, [superset.runDir])).toEqual([]);
});

/** What a process has forked (Linux). */
const childrenOf = (pid: number): readonly number[] => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
