import { expect, it } from "vitest";
import { parseInstant } from "./instant.js";

it.each([
  ["2025-01-06", Date.UTC(2025, 0, 6)],
  ["2025-01-06T07:30", Date.UTC(2025, 0, 6, 7, 30)],
  ["2025-01-06T07:30:15", Date.UTC(2025, 0, 6, 7, 30, 15)],
  ["2025-01-06T07:30:15.796Z", Date.UTC(2025, 0, 6, 7, 30, 15, 796)],
  ["2025-01-06T07:30:15+07:00", Date.UTC(2025, 0, 6, 0, 30, 15)],
  ["2025-13-06", undefined],
  ["2025", undefined],
  ["yesterday", undefined],
  ["", undefined],
])("reads %s", (text, instant) => {
  expect(parseInstant(text)).toBe(instant);
});
