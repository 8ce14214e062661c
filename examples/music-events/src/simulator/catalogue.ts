import type { Faker } from "@faker-js/faker";
import { Pool } from "./pool.js";
import type { Random } from "./random.js";
import { artistName, songTitle } from "./song-names.js";
import { zipfWeights } from "./weighted-choice.js";

const SONGS = 10_000;
const ARTISTS = 1_500;
/** Every so many songs, one is another recording of the song before it, so that title and artist are not a key. */
const SECOND_RECORDING_EVERY = 200;

const MEAN_DURATION_SEC = 240;
const DURATION_SIGMA = 0.4;
const SHORTEST_SEC = 1;
const LONGEST_SEC = 1_820;

export interface Song {
  /** `"artist":"Björk","song":"Quiet Harbour","duration":238.39302`: the fields of a play. */
  readonly fields: string;
  /** How long it plays, in whole seconds: the clock of the site has no finer step. */
  readonly playSec: number;
}

/** A made-up catalogue in order of popularity, to be drawn from by play count. `encode` is done to every title and name. */
export function drawCatalogue(faker: Faker, random: Random, encode: (text: string) => string): Pool<Song> {
  const names = Array.from({ length: ARTISTS }, (_, rank) => artistName(rank, faker, random));
  const artists = new Pool(names, zipfWeights(ARTISTS));
  const songs: Song[] = [];
  let title = "";
  for (let rank = 0; rank < SONGS; rank++) {
    if (rank % SECOND_RECORDING_EVERY !== SECOND_RECORDING_EVERY - 1) {
      const artist = JSON.stringify(encode(artists.entries[artists.pick(random)]!));
      title = `"artist":${artist},"song":${JSON.stringify(encode(songTitle(faker, random)))}`;
    }
    const drawn = random.logNormal(MEAN_DURATION_SEC, DURATION_SIGMA);
    // Through Number, because the wire has up to five decimals: 180.5, not 180.50000.
    const durationSec = Number(Math.min(LONGEST_SEC, Math.max(SHORTEST_SEC, drawn)).toFixed(5));
    songs.push({ fields: `${title},"duration":${durationSec}`, playSec: Math.floor(durationSec) });
  }
  return new Pool(songs, zipfWeights(SONGS));
}
