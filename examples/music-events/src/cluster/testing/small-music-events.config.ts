import { createSmallMusicEvents } from "./small-music-events.js";

export default createSmallMusicEvents(process.env);
