import { tasks, type RunTask, type TaskName } from "./tasks.js";

// The main module of the processes that `startProcess` starts.
// Its input is open as long as the bench is there: without it nobody wants the result.
const gone = process.stdin.on("end", () => process.exit(1)).resume() as unknown as { unref?: () => void };
gone.unref?.();
const [name, params] = process.argv.slice(2);
const run = tasks[name as TaskName] as (params: unknown) => ReturnType<RunTask>;
process.stdout.write(JSON.stringify(await run(JSON.parse(params!))));
