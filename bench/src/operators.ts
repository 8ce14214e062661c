import { goal, goalLine, type Goal } from "./measure/goal.js";
import { inTemporaryDirectory } from "./measure/in-temporary-directory.js";
import { throughputLine, throughputOf, type Throughput } from "./measure/throughput.js";
import { writeListenEvents } from "./listen-events/write-listen-events.js";
import { pipelines, type PipelineName } from "./operators/pipelines.js";
import type { BenchOptions } from "./task/bench-options.js";
import { inOwnProcess } from "./task/in-own-process.js";

export interface PipelineFigures {
  readonly operators: Throughput;
  readonly loop: Throughput;
  /** CPU of the operators over that of the loop. */
  readonly ratio: number;
  /** That came through. */
  readonly rows: number;
}

export interface OperatorFigures {
  readonly pipelines: Readonly<Record<string, PipelineFigures>>;
  readonly goals: readonly Goal[];
}

/**
 * Pipelines of our operators, from JSON in memory to a sink that takes everything, beside loops written by hand over the
 * same decoded rows.
 *
 * @throws {Error} when a pipeline let through what its loop did not.
 */
export async function benchOperators({ events, log, run = inOwnProcess, rounds = 3 }: BenchOptions): Promise<OperatorFigures> {
  return inTemporaryDirectory(async (directory) => {
    log(`operators: ${events} listen events in memory, medians of ${rounds} rounds after a cold one`);
    await writeListenEvents(directory, events);
    const figures: Record<string, PipelineFigures> = {};
    const goals: Goal[] = [];
    for (const pipeline of Object.keys(pipelines) as PipelineName[]) {
      const ours = await run("run-operators", { directory, pipeline, by: "operators", rounds: rounds + 1 });
      const plain = await run("run-operators", { directory, pipeline, by: "loop", rounds: rounds + 1 });
      if (ours.rows !== plain.rows || ours.sum !== plain.sum) {
        throw new Error(`checking pipeline "${pipeline}": it let ${ours.rows} rows through (${ours.sum}), but its loop ${plain.rows} (${plain.sum})`);
      }
      const operators = throughputOf(ours.rounds, events, ours);
      const loop = throughputOf(plain.rounds, events, plain);
      const ratio = operators.cpuSecondsPerMillion / loop.cpuSecondsPerMillion;
      figures[pipeline] = { operators, loop, ratio, rows: ours.rows };
      log(throughputLine(`${pipeline}, operators`, operators));
      log(throughputLine(`${pipeline}, loop`, loop));
      goals.push(goal(`CPU of "${pipeline}" over its loop`, ratio, { most: 1.5 }));
    }
    for (const each of goals) log(goalLine(each));
    log("  rows of all pipelines agree with those of their loops");
    return { pipelines: figures, goals };
  });
}
