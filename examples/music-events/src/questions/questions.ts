import type { AnyQuestion } from "millrace";
import { averageSongsPerDay } from "./average-songs-per-day.js";
import { averageSongsPerSession } from "./average-songs-per-session.js";
import { averageSongsPerUser } from "./average-songs-per-user.js";
import { conversion } from "./conversion.js";
import { loggedInUsers } from "./logged-in-users.js";
import { logins } from "./logins.js";
import { sessions } from "./sessions.js";
import { songsPlayed } from "./songs-played.js";
import { topArtists } from "./top-artists.js";
import { topLocations } from "./top-locations.js";
import { topSongs } from "./top-songs.js";
import { usersByGenderAndLevel } from "./users-by-gender-and-level.js";

/** What the example can be asked: a file each, and a line here. */
export const questions: readonly AnyQuestion[] = [
  logins,
  loggedInUsers,
  songsPlayed,
  topSongs,
  topArtists,
  topLocations,
  usersByGenderAndLevel,
  averageSongsPerUser,
  averageSongsPerSession,
  averageSongsPerDay,
  sessions,
  conversion,
];
