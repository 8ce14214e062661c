import { expect, it } from "vitest";
import { parsePace } from "./pace.js";

it.each([
  ["wall", { kind: "wall" }],
  ["max", { kind: "max" }],
  ["60", { kind: "times", factor: 60 }],
  ["0.5", { kind: "times", factor: 0.5 }],
  ["0", undefined],
  ["-1", undefined],
  ["fast", undefined],
  ["", undefined],
])("reads %s", (text, pace) => {
  expect(parsePace(text)).toEqual(pace);
});
