import { createMusicEvents } from "./src/music-events.js";

export default createMusicEvents();
