import { createMusicEvents } from "./src/music-events.js";
import { deploymentOf } from "./src/platforms/deployment.js";

export default createMusicEvents({ deployment: deploymentOf(process.env, "./data"), eventTables: process.env["MILLRACE_EVENT_TABLES"] === "yes" });
