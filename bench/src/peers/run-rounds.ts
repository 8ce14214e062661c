import type { CommandLine } from "@millrace/servers";
import type { Totals } from "../decode-fold/totals.js";
import type { Taken } from "../measure/measure-run.js";
import { PeerProcess } from "./peer-process.js";

/** What one round of a peer took and computed. */
export interface Round extends Taken {
  /** CPU of the servers in the meantime. */
  readonly serversCpuMs: number;
  readonly totals: Omit<Totals, "sketched">;
  /** Updates that it says it has dropped. */
  readonly dropped: number;
}

/** All rounds of a peer, the first one cold. */
export interface Rounds {
  readonly rounds: readonly Round[];
  readonly peakMb: number;
}

/** A round that takes longer is taken for one that hangs. */
const LIMIT_MS = 1_800_000;

/** Runs the program of a peer to its end. */
export async function runRounds(name: string, command: CommandLine, serversCpuMs: () => number): Promise<Rounds> {
  const peer = new PeerProcess(name, command, LIMIT_MS);
  try {
    const rounds: Round[] = [];
    const look = () => ({ wall: performance.now(), cpu: peer.usage().cpuMs, servers: serversCpuMs() });
    let begun = look();
    let taken = { wallMs: 0, cpuMs: 0, serversCpuMs: 0 };
    for (let message = await peer.next(); message !== undefined; message = await peer.next()) {
      switch (message.event) {
        case "start":
          begun = look();
          peer.answer();
          break;
        case "stop": {
          const now = look();
          taken = { wallMs: taken.wallMs + now.wall - begun.wall, cpuMs: taken.cpuMs + now.cpu - begun.cpu, serversCpuMs: taken.serversCpuMs + now.servers - begun.servers };
          peer.answer();
          break;
        }
        case "result": {
          const { totals, dropped = 0 } = message.result as { readonly totals: Round["totals"]; readonly dropped?: number };
          rounds.push({ ...taken, totals, dropped });
          taken = { wallMs: 0, cpuMs: 0, serversCpuMs: 0 };
          break;
        }
        case "ready":
          peer.answer();
      }
    }
    return { rounds, peakMb: peer.peakMb };
  } finally {
    await peer.close();
  }
}
