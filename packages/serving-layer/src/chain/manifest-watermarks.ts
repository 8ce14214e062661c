import { manifestFolder, parseManifest, readingsFolder, type FileSystem, type LogPartition } from "@millrace/core";

/**
 * Event times below a cut, for partitions whose progress rows have all expired or never were: from the last manifest
 * below it. A lower bound of the largest event time, so it never calls a window final too early.
 */
export class ManifestWatermarks {
  readonly #files: FileSystem;
  readonly #known = new Map<string, { readonly cut: number; readonly maxEventTime: number | null }>();

  constructor(files: FileSystem) {
    this.#files = files;
  }

  async below({ topic, logVersion, partition }: LogPartition, cut: number, signal: AbortSignal): Promise<number | null> {
    const folder = `${manifestFolder(topic)}/v${logVersion}-p${partition}`;
    const known = this.#known.get(folder);
    if (known?.cut === cut) return known.maxEventTime;
    const jsonIn = async (at: string) => (await this.#files.list(at, signal)).map(({ path }) => path).filter((path) => path.endsWith(".json"));
    const paths = await jsonIn(folder);
    const readings = await jsonIn(`${readingsFolder(topic)}/v${logVersion}-p${partition}`);
    const read = async (path: string) => parseManifest(path, await this.#files.read(path, signal));
    let maxEventTime: number | null = null;
    // In path order manifests are in offset order; the newest may lie above the cut or hold no event.
    for (const path of paths.reverse()) {
      const manifest = await read(path);
      if (manifest.until > cut) continue;
      // Other declarations of the stream may have read other times in the same records: the least counts.
      const first = path.slice(path.lastIndexOf("/") + 1, -".json".length);
      const all = [manifest, ...(await Promise.all(readings.filter((reading) => reading.includes(`/${first}-`)).map(read)))];
      if (all.some(({ files }) => files.length === 0)) continue;
      maxEventTime = Math.min(...all.map(({ files }) => Math.max(...files.map((file) => file.maxEventTime))));
      break;
    }
    this.#known.set(folder, { cut, maxEventTime });
    return maxEventTime;
  }
}
