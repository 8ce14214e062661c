import { startProcess } from "./start-process.js";
import type { RunTask } from "./tasks.js";

/** Runs each task in a process of its own. */
export const inOwnProcess: RunTask = (name, params) => startProcess(name, params).result;
