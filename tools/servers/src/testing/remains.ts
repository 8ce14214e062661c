import { existsSync } from "node:fs";
import { startMark } from "../process/start-mark.mjs";

/** Whether a process of this id runs. */
export const isRunning = (pid: number): boolean => startMark(pid) !== undefined;

/** What is left of servers after their end: processes that run, and folders that are there. */
export const remains = (pids: readonly number[], folders: readonly string[]): readonly (number | string)[] => [...pids.filter(isRunning), ...folders.filter((folder) => existsSync(folder))];
