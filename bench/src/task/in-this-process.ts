import { tasks, type RunTask, type TaskName } from "./tasks.js";

/** Runs tasks here: for tests, which look at results and not at times. */
export const inThisProcess = ((name: TaskName, params: unknown) => (tasks[name] as (params: unknown) => unknown)(params)) as RunTask;
