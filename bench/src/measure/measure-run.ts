/** What one run took: all threads' CPU, garbage collection and compilation included. */
export interface Taken {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Runs and measures. */
export async function measureRun<T>(run: () => Promise<T>): Promise<Taken & { readonly result: T }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await run();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1_000, result };
}

/** Peak of this process's resident set so far, MB. */
export function peakMb(): number {
  return process.resourceUsage().maxRSS / 1_024;
}
