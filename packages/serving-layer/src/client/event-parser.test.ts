import fc from "fast-check";
import { expect, it } from "vitest";
import { EventParser } from "./event-parser.js";

const parse = (...pieces: readonly string[]) => {
  const parser = new EventParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

it("reads events as the standard says", () => {
  expect(parse("retry: 1\n: a comment\n\nevent: answer\nid: 7\ndata: {\"a\":1}\n\n")).toEqual([{ name: "answer", id: "7", data: '{"a":1}' }]);
  expect(parse("data:one\ndata: two\ndata\n\n")).toEqual([{ name: "message", id: undefined, data: "one\ntwo\n" }]);
  expect(parse("data:  x: y\r\rdata: z\r\n\r\n")).toEqual([{ name: "message", id: undefined, data: " x: y" }, { name: "message", id: undefined, data: "z" }]);
  // An event without data is none, and what it said is forgotten; one that is not ended is not told.
  expect(parse("event: e\nid: 1\n\ndata: a\n\ndata: unfinished\n")).toEqual([{ name: "message", id: undefined, data: "a" }]);
});

it("reads the same however the stream is cut", () => {
  const line = fc.constantFrom("data: a", "data:é\u{1F600}", "event: answer", "id: 1", ": comment", "", "", "data", "nonsense");
  const end = fc.constantFrom("\n", "\r", "\r\n");
  fc.assert(
    fc.property(fc.array(fc.tuple(line, end)), fc.array(fc.nat(200)), (lines, cuts) => {
      const text = lines.flat().join("");
      const at = [...new Set([0, ...cuts.filter((cut) => cut < text.length), text.length])].sort((a, b) => a - b);
      expect(parse(...at.slice(1).map((until, i) => text.slice(at[i], until)))).toEqual(parse(text));
    }),
  );
});
