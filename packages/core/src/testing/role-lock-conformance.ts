import assert from "node:assert/strict";
import type { Role, RoleLock } from "../ports/role-lock.js";
import { declareLaws, needed, rejectsWith } from "./law.js";
import type { It, Law, Subject, Waivers } from "./law.js";

/** A role lock that is to prove itself, with what the laws need to see it from outside. */
export interface RoleLockSubject extends Subject {
  readonly lock: RoleLock;
  /** The same roles as another process has them. */
  readonly another: () => RoleLock;
  /** Has a process acquire the role and die without releasing it. */
  readonly dieHolding?: (role: Role) => Promise<void>;
}

const laws: readonly Law<RoleLockSubject>[] = [
  {
    id: "one-holder",
    says: "a role has one holder: for whoever else asks it is a RoleTakenError that names the role",
    async prove({ lock, another }) {
      await lock.acquire("ingest");
      for (const other of [another(), lock]) {
        const error = await other.acquire("ingest").then(() => undefined, (caught: unknown) => caught as Error);
        assert.equal(error?.name, "RoleTakenError", `acquiring a role that is held must fail with RoleTakenError, but gave ${String(error)}`);
        assert.match(error.message, /ingest/, "the error names the role");
      }
    },
  },
  {
    id: "releases",
    says: "a released role can be acquired, and released again it stays with its next holder",
    async prove({ lock, another }) {
      const release = await lock.acquire("speed");
      await release();
      const next = await another().acquire("speed");
      await release();
      await rejectsWith(lock.acquire("speed"), "RoleTakenError", "acquiring a role whose former holder released it twice");
      await next();
      await (await lock.acquire("speed"))();
    },
  },
  {
    id: "roles-apart",
    says: "one role does not keep others from theirs",
    async prove({ lock, another }) {
      await lock.acquire("ingest");
      await another().acquire("speed");
      await lock.acquire("batch");
    },
  },
  {
    id: "one-winner",
    says: "of many who ask at once, exactly one gets the role",
    async prove({ lock, another }) {
      const asked = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? lock : another()).acquire("batch")));
      assert.equal(asked.filter(({ status }) => status === "fulfilled").length, 1);
    },
  },
  {
    id: "frees-the-dead",
    says: "the role of a process that died is free",
    async prove(subject) {
      await needed(subject.dieHolding, "dieHolding")("speed");
      const asked = await Promise.allSettled([subject.lock, subject.another(), subject.lock].map((lock) => lock.acquire("speed")));
      assert.equal(asked.filter(({ status }) => status === "fulfilled").length, 1);
    },
  },
];

/** The laws of a role lock, as tests of the runner whose `it` is given. */
export function roleLockConformance(it: It, create: () => Promise<RoleLockSubject>, waivers: Waivers = {}): void {
  declareLaws("role lock", it, laws, create, waivers);
}
