import { expect, it } from "vitest";
import { askedTexts } from "./asked-texts.js";

it("says a question's parameters as its URL takes them", () => {
  expect(askedTexts({ from: Date.UTC(2026, 0, 1), until: new Date("2026-01-02"), granularity: "day", zone: undefined, state: null, limit: 3, flag: false, least: 9_007_199_254_740_993n })).toEqual({
    from: "2026-01-01T00:00:00.000Z",
    until: "2026-01-02T00:00:00.000Z",
    granularity: "day",
    limit: "3",
    flag: "false",
    least: "9007199254740993",
  });
});

it("leaves what is no instant for the server to refuse", () => {
  expect(askedTexts({ from: Number.NaN, until: new Date(Number.NaN), state: ["CA", "NY"] })).toEqual({ from: "NaN", until: "Invalid Date", state: '["CA","NY"]' });
  expect(askedTexts({ from: 8.7e15, until: "yesterday" })).toEqual({ from: "8700000000000000", until: "yesterday" });
});
