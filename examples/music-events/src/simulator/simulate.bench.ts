import { bench } from "vitest";
import { usersForRate } from "./event-rate.js";
import { simulate } from "./simulate.js";

const startMs = Date.UTC(2026, 0, 1);
const EVENTS = 100_000;

for (const users of [2_000, usersForRate(30)]) {
  const events = simulate({ seed: 1, users, startMs, growthRate: 0 });
  bench(`${EVENTS} events of ${users} users, as bytes`, () => {
    for (let count = 0; count < EVENTS; count++) Buffer.from(events.next().value.value);
  });
  bench(`a start with ${users} users`, () => {
    simulate({ seed: 1, users, startMs }).next();
  });
}
