const UNITS: Readonly<Record<string, number>> = { B: 1e-6, kB: 1e-3, MB: 1, GB: 1e3 };

/** Counts the files that Maven says it has fetched, and tells so at every tenth megabyte and every hundredth file. */
export function downloadCounter(tell: (done: string) => void): { line(text: string): void } {
  let files = 0;
  let megabytes = 0;
  let told = 0;
  return {
    line: (text) => {
      const size = /Downloaded from \S+ \S+ \(([\d.]+) (B|kB|MB|GB)/.exec(text);
      if (!size) return;
      files++;
      megabytes += Number(size[1]) * UNITS[size[2]!]!;
      const steps = Math.floor(megabytes / 10) + Math.floor(files / 100);
      if (steps === told) return;
      told = steps;
      tell(`${files} files, ${megabytes.toFixed(0)} MB`);
    },
  };
}
