// A program that starts one server and waits: what becomes of the server when the program dies is what its test is about.
import { startKafka } from "../kafka/start-kafka.js";

const kafka = await startKafka(process.argv[2] === undefined ? {} : { runDir: process.argv[2] });
process.stdout.write(`${JSON.stringify({ pids: kafka.brokers.map(({ pid }) => pid), runDir: kafka.runDir })}\n`);
setInterval(() => {}, 1_000);
