import fc from "fast-check";
import { expect, it } from "vitest";
import type { Cut } from "@millrace/core";
import { laterCut } from "./later-cut.js";

const position = fc.record({ partition: fc.nat(3), logVersion: fc.nat(2), offset: fc.nat(20) });
const cut: fc.Arbitrary<Cut> = fc.dictionary(fc.constantFrom("plays", "logins"), fc.uniqueArray(position, { selector: ({ partition }) => partition }).map((all) => all.sort((a, b) => a.partition - b.partition)));

it("takes of every partition the position that lies further, and of two logs the newer one's", () => {
  const a = { plays: [{ partition: 0, logVersion: 1, offset: 5 }, { partition: 1, logVersion: 1, offset: 9 }], logins: [{ partition: 0, logVersion: 1, offset: 1 }] };
  const b = { plays: [{ partition: 0, logVersion: 1, offset: 7 }, { partition: 1, logVersion: 2, offset: 0 }, { partition: 2, logVersion: 1, offset: 3 }] };
  expect(laterCut(a, b)).toEqual({ plays: [b.plays[0], b.plays[1], b.plays[2]], logins: a.logins });
});

it("is a least upper bound: commutative, associative, idempotent", () => {
  fc.assert(
    fc.property(cut, cut, cut, (a, b, c) => {
      expect(laterCut(a, b)).toEqual(laterCut(b, a));
      expect(laterCut(laterCut(a, b), c)).toEqual(laterCut(a, laterCut(b, c)));
      expect(laterCut(a, a)).toEqual(a);
    }),
  );
});
