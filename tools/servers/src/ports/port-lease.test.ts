import { createServer } from "node:net";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { leasePorts } from "./port-lease.js";

const ANY = { port: undefined, hosts: ["127.0.0.1"] };

it("gives no port twice, however many ask at once", async () => {
  const leases = await Promise.all(Array.from({ length: 8 }, (_, i) => leasePorts([ANY, ANY, ANY], `${i}`)));
  onTestFinished(async () => void (await Promise.all(leases.map((lease) => lease.release()))));
  const ports = leases.flatMap((lease) => lease.ports);
  expect(new Set(ports).size).toBe(24);
  expect(ports.every((port) => port >= 20_000 && port < 32_000)).toBe(true);
});

it("refuses a port that is reserved, and one that is listened on, until they are free", async () => {
  const lease = await leasePorts([ANY], "a");
  const port = lease.ports[0]!;
  const wish = { port, hosts: ["127.0.0.1"] };
  await expect(leasePorts([wish], "b")).rejects.toMatchObject({ code: "PORT_TAKEN", port, message: `taking port ${port}: process ${process.pid} has reserved it for its servers` });
  expect((await leasePorts([wish], "a")).ports).toEqual([port]);
  await lease.release();

  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  await expect(leasePorts([wish], "b")).rejects.toMatchObject({ code: "PORT_TAKEN", message: `taking port ${port}: it cannot be listened on at 127.0.0.1`, cause: { code: "EADDRINUSE" } });
  server.close();
  await once(server, "close");

  const again = await leasePorts([wish], "b");
  expect(again.ports).toEqual([port]);
  await again.release();
});

it("what was handed to a process that has died is free", async () => {
  const lease = await leasePorts([ANY], "a");
  const port = lease.ports[0]!;
  await lease.handTo(port, { pid: process.pid, mark: "of a process that had this id before" });
  const again = await leasePorts([{ port, hosts: ["127.0.0.1"] }], "b");
  expect(again.ports).toEqual([port]);
  await again.release();
});

it("says so when an address is not one of this machine", async () => {
  await expect(leasePorts([{ port: undefined, hosts: ["127.0.0.1", "192.0.2.1"] }], "a")).rejects.toMatchObject({ code: "PORT_TAKEN", cause: { code: "EADDRNOTAVAIL" }, advice: expect.stringContaining("ifconfig") as string });
});
