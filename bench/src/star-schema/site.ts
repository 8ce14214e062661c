import { join } from "node:path";
import { systemClock, planStreams, type Clock, type ModelDefinition } from "@millrace/core";
import { authEvents } from "../../../examples/music-events/src/streams/auth-events.js";
import { listenEvents } from "../../../examples/music-events/src/streams/listen-events.js";
import { pageViewEvents } from "../../../examples/music-events/src/streams/page-view-events.js";
import { statusChangeEvents } from "../../../examples/music-events/src/streams/status-change-events.js";
import { warehouse } from "../../../examples/music-events/src/warehouse/warehouse.js";

export const DAY_MS = 86_400_000;
/** Midnight of the first day. */
export const START_MS = Date.UTC(2025, 0, 1);
/** What arrives after the last day closes its segments. */
export const AFTER_MS = 3_600_000;
export const PARTITIONS = 3;
/** A file a topic, partition and quarter of a day: as many as a pipeline has that is not to make small ones. */
export const GRID = { segmentOffsets: 200_000, segmentMs: DAY_MS / 4 };

export const models: readonly ModelDefinition[] = warehouse.map((model) => model.definition);
export const plans = planStreams([], [listenEvents, pageViewEvents, authEvents, statusChangeEvents].map((stream) => stream.definition));

/** Instant of the cut after a number of days. */
export const cutAfter = (days: number): number => START_MS + days * DAY_MS;

/** All has happened some time ago. */
export const clockAfter = (days: number): Clock => ({ ...systemClock(), now: () => cutAfter(days) + AFTER_MS + DAY_MS });

export const filesOf = (directory: string): string => join(directory, "files");
export const logOf = (directory: string): string => join(directory, "log");
