import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { root } from "../packages.mjs";

/** As much of a service of a compose file as is asked for. */
export interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string };
  readonly profiles: readonly string[];
  readonly restart: string;
  readonly user?: string;
  readonly command?: readonly string[];
  readonly env_file?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly mem_limit?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

/** The folder of the compose file. */
export const DOCKER = path.join(root, "docker");

/** `docker/compose.yaml`. */
export async function readCompose(): Promise<{ readonly services: Readonly<Record<string, Service>>; readonly volumes: Readonly<Record<string, unknown>> }> {
  return parse(await readFile(path.join(DOCKER, "compose.yaml"), "utf8"), { merge: true, maxAliasCount: -1 }) as never;
}

/** The services of a profile. */
export const servicesOf = (services: Readonly<Record<string, Service>>, profile: string): readonly (readonly [name: string, service: Service])[] => Object.entries(services).filter(([, { profiles }]) => profiles.includes(profile));

/** Runs to its end, instead of going on. */
export const isOneShot = ({ restart }: Service): boolean => restart === "no";

/** What a service may take, MiB. */
export function memoryOf({ mem_limit }: Service): number {
  const [, amount] = /^(\d+)m$/.exec(mem_limit ?? "") ?? [];
  if (amount === undefined) throw new RangeError(`"${mem_limit}" is not a number of MiB, such as 512m`);
  return Number(amount);
}
