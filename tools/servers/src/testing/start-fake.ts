// A program that starts two nodes, one with data to keep, and waits.
import { Instance } from "../instance/instance.js";
import { fakeKind } from "./fake-kind.js";

const kept = await Instance.start(fakeKind, { runDir: process.argv[2]! });
const temporary = await Instance.start(fakeKind, {});
process.stdout.write(`${JSON.stringify({ pids: [kept, temporary].flatMap(({ nodes }) => nodes.map((node) => node.process!.record.pid)), runDir: temporary.runDir })}\n`);
setInterval(() => {}, 1_000);
