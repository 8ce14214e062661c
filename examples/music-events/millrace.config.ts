import { createMusicEvents } from "./src/music-events.js";
import { deploymentOf } from "./src/platforms/deployment.js";

export default createMusicEvents({ deployment: deploymentOf(process.env, "./data") });
