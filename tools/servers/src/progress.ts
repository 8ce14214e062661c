/** Takes one line for a person about what is being waited for. */
export type Progress = (line: string) => void;

/** To standard error, so that what a command prints stays clean. */
export const stderrProgress: Progress = (line) => {
  process.stderr.write(`${line}\n`);
};
