import { describe, expect, it } from "vitest";
import { Random } from "./random.js";
import { usStates } from "./us-states.js";
import { drawWorld } from "./world.js";

const world = drawWorld(1);
const songs = world.songs.entries.map(
  ({ fields }) => JSON.parse(`{${fields}}`) as { artist: string; song: string; duration: number },
);

describe("drawWorld", () => {
  it("is a function of the seed", () => {
    expect(drawWorld(1).songs.entries).toEqual(world.songs.entries);
    expect(drawWorld(1).places.entries).toEqual(world.places.entries);
    expect(drawWorld(2).songs.entries).not.toEqual(world.songs.entries);
  });

  it("has plays of 240 s in the mean, each with up to five decimals", () => {
    const random = new Random(1, 9);
    const plays = Array.from({ length: 20_000 }, () => songs[world.songs.pick(random)]!.duration);
    expect(plays.reduce((sum, duration) => sum + duration, 0) / plays.length / 240).toBeCloseTo(1, 1);
    for (const { fields, playSec } of world.songs.entries) {
      expect(fields).toMatch(/"duration":\d{1,4}(\.\d{1,5})?$/);
      expect(playSec).toBeGreaterThanOrEqual(1);
    }
  });

  it("has a few titles that are not ASCII, a few with quotation marks, and artists beyond Latin-1", () => {
    const share = (test: (title: string) => boolean) => songs.filter(({ song }) => test(song)).length / songs.length;
    expect(share((title) => /[^\x20-\x7e]/.test(title))).toBeCloseTo(0.045, 2);
    expect(share((title) => title.includes('"'))).toBeCloseTo(0.01, 2);
    expect(songs.some(({ artist }) => artist === "Björk")).toBe(true);
    expect(songs.some(({ artist }) => /[^\x00-\xff]/.test(artist))).toBe(true);
  });

  it("has recordings of one title with two durations", () => {
    const [first, second] = [songs[198]!, songs[199]!];
    expect([second.artist, second.song]).toEqual([first.artist, first.song]);
    expect(second.duration).not.toBe(first.duration);
  });

  it("has towns in every state, with zips of five digits and positions on the map", () => {
    type Fields = Record<"city" | "zip" | "state", string> & Record<"lon" | "lat", number>;
    const places = world.places.entries.map(
      ({ address, position }) => JSON.parse(`{${address},${position}}`) as Fields,
    );
    expect(new Set(places.map(({ state }) => state))).toEqual(new Set(usStates.map(([state]) => state)));
    for (const { city, zip, lon, lat } of places) {
      expect(city).not.toBe("");
      expect(zip).toMatch(/^\d{5}$/);
      expect([lon > -180 && lon < -60, lat > 15 && lat < 72]).toEqual([true, true]);
    }
    expect(places.some(({ zip }) => zip.startsWith("0"))).toBe(true);
  });

  it("has 48 women of 100 users", () => {
    const random = new Random(2, 9);
    const { firstNames } = world;
    const drawn = Array.from({ length: 100_000 }, () => firstNames.entries[firstNames.pick(random)]!);
    const women = drawn.filter((name) => name.endsWith('"gender":"F"'));
    expect(women.length / drawn.length).toBeCloseTo(0.481, 2);
  });
});
