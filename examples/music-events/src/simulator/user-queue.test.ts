import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserQueue } from "./user-queue.js";

describe("UserQueue", () => {
  it("hands out users by time and then by number, while times move on and users leave", () => {
    const gaps = fc.array(fc.array(fc.nat(5), { maxLength: 6 }), { maxLength: 60 });
    fc.assert(
      fc.property(gaps, (gapsOf) => {
        const sec = gapsOf.map(() => 0);
        const left = gapsOf.map((own) => [...own]);
        const queue = new UserQueue((user) => sec[user]!);
        gapsOf.forEach((_, user) => queue.add(user));

        const turns: [sec: number, user: number][] = [];
        for (let user = queue.first; user !== undefined; user = queue.first) {
          turns.push([sec[user]!, user]);
          const gap = left[user]!.shift();
          if (gap === undefined) queue.removeFirst();
          else {
            sec[user] = sec[user]! + gap;
            queue.moveFirst();
          }
        }
        const times = turns.map(([time]) => time);
        expect(times).toEqual([...times].sort((before, after) => before - after));
        expect(turns).toHaveLength(gapsOf.reduce((sum, own) => sum + own.length + 1, 0));
      }),
    );
  });

  it("breaks ties by number however the users came in, and grows", () => {
    const users = Array.from({ length: 5_000 }, (_, user) => (user * 7_919) % 5_000);
    const queue = new UserQueue(() => 1);
    for (const user of users) queue.add(user);
    const order = users.map(() => {
      const user = queue.first;
      queue.removeFirst();
      return user;
    });
    expect(order).toEqual([...users].sort((left, right) => left - right));
    expect(queue.first).toBeUndefined();
  });
});
