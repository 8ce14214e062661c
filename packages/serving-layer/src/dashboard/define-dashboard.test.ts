import { ConfigurationError } from "@millrace/core";
import { expect, it } from "vitest";
import { listens, songs } from "../testing/plays.js";
import { defineDashboard } from "./define-dashboard.js";

it("is plain JSON: views by name, exact values as text", () => {
  const dashboard = defineDashboard({
    title: "Songs",
    zone: "Europe/Berlin",
    panels: [
      { kind: "time", title: "Plays", view: songs, measure: "plays", stack: "layers" },
      { kind: "top", title: "Top", view: songs, by: ["song", "artist"], measure: "plays", also: ["users"], where: { song: ["s", null], paid: true } },
      { kind: "bars", title: "Artists", view: songs, by: "artist", measure: "plays", split: { by: "paid" }, style: "stacked", since: "day" },
    ],
  });
  expect(dashboard).toEqual({
    title: "Songs",
    zone: "Europe/Berlin",
    panels: [
      { kind: "time", title: "Plays", view: "songs", measure: "plays", stack: "layers" },
      { kind: "top", title: "Top", view: "songs", by: ["song", "artist"], measure: "plays", also: ["users"], where: { song: ["s", null], paid: true } },
      { kind: "bars", title: "Artists", view: "songs", by: "artist", measure: "plays", split: { by: "paid" }, style: "stacked", since: "day" },
    ],
  });
  expect(JSON.parse(JSON.stringify(dashboard))).toEqual(dashboard);
});

it("names every mistake that the compiler did not see", () => {
  const declare = () =>
    defineDashboard({
      title: " ",
      lastMs: 0.5,
      panels: [
        // As from JavaScript.
        { kind: "gauge", title: "x", view: songs, measure: "plays" } as never,
        { kind: "time", title: "x", view: songs, measure: ["plays", "play"], stack: { by: "sing" } } as never,
        { kind: "time", title: "x", view: songs, measure: "mean", stack: "layers", where: { sonq: 1 }, lastMs: -1 } as never,
        { kind: "pie", title: "x", view: songs, measure: "mean", by: [] } as never,
        { kind: "top", title: "x", view: songs, measure: "plays", by: ["song"], also: ["nothing"] } as never,
        { kind: "map", title: "x", view: listens, measure: "players", by: "state" } as never,
        { kind: "bars", title: "x", view: songs, measure: "mean", by: "song", split: { by: "song" }, style: "stacked", since: "noon", lastMs: 1 } as never,
        { kind: "bars", title: "x", view: songs, measure: "plays", by: "sonq", style: "grouped" } as never,
        { kind: "trend", title: "x", view: songs, measure: "plays", since: "day" } as never,
      ],
    });
  expect(declare).toThrow(ConfigurationError);
  let problems: readonly { readonly path: string }[] = [];
  try {
    declare();
  } catch (error) {
    ({ problems } = error as ConfigurationError);
  }
  expect(problems.map(({ path }) => path)).toEqual([
    "title",
    "lastMs",
    "panels[0].kind",
    "panels[1].measure",
    "panels[1].stack",
    "panels[1].stack.by",
    "panels[2].lastMs",
    "panels[2].where.sonq",
    "panels[2].stack",
    "panels[3].by",
    "panels[3].measure",
    "panels[4].also",
    "panels[5].measure",
    "panels[5].by",
    "panels[6].since",
    "panels[6].since",
    "panels[6].split.by",
    "panels[6].measure",
    "panels[7].by",
    "panels[7].style",
    "panels[8].since",
  ]);
  expect(() => defineDashboard({ title: "x", panels: [] })).toThrow(/at least one panel/);
});
