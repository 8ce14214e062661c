import { expect, it } from "vitest";
import { formatLocation, parseLocation } from "./page-location.js";

const defaults = { zone: "UTC" };

it("keeps what a question is asked in the address", () => {
  const hash = "#/questions/top_locations?last=86400000&granularity=all&show=plays&ask.state=CA&ask.limit=3&ask.granularity=x";
  const place = parseLocation(hash, defaults);
  expect(place).toMatchObject({ page: "questions", question: "top_locations", settings: { range: { lastMs: 86_400_000 }, granularity: "all", zone: "UTC" }, show: "plays", asked: { state: "CA", limit: "3", granularity: "x" } });
  expect(formatLocation(place, defaults)).toBe(hash);
  // Other pages know neither a total nor what was asked.
  expect(formatLocation({ ...place, page: "dashboard" }, defaults)).toBe("#/?last=86400000");
  expect(formatLocation({ ...place, question: undefined, asked: {}, show: undefined }, defaults)).toBe("#/questions?last=86400000&granularity=all");
  expect(parseLocation("#/questions", defaults)).toMatchObject({ page: "questions", question: undefined, asked: {} });
  expect(parseLocation("#/views/plays?granularity=all", defaults)).toMatchObject({ page: "view", view: "plays", settings: { granularity: undefined } });
});
