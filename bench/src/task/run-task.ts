import { tasks, type RunTask, type TaskName } from "./tasks.js";

// The main module of the processes that `startProcess` starts.
const [name, params] = process.argv.slice(2);
const run = tasks[name as TaskName] as (params: unknown) => ReturnType<RunTask>;
process.stdout.write(JSON.stringify(await run(JSON.parse(params!))));
