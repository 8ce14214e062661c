import { manifestFolder, parseManifest, type FileSystem, type LogPartition } from "@millrace/core";

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
    const paths = (await this.#files.list(folder, signal)).map(({ path }) => path).filter((path) => path.endsWith(".json"));
    let maxEventTime: number | null = null;
    // In path order manifests are in offset order; the newest may lie above the cut or hold no event.
    for (const path of paths.reverse()) {
      const manifest = parseManifest(path, await this.#files.read(path, signal));
      if (manifest.until > cut || manifest.files.length === 0) continue;
      maxEventTime = Math.max(...manifest.files.map((file) => file.maxEventTime));
      break;
    }
    this.#known.set(folder, { cut, maxEventTime });
    return maxEventTime;
  }
}
