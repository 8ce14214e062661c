import path from "node:path";
import { Application } from "typedoc";
import type { ProjectReflection } from "typedoc";
import configuration from "../../typedoc.config.mjs";
import { readPackages, root } from "../packages.mjs";

/** The public API with its comments, and what of it is not described or leads nowhere. */
export interface Reference {
  readonly problems: readonly string[];
  /** Writes it as pages of HTML. */
  write(folder: string): Promise<void>;
}

/** Reads the comments of everything that the packages export. Takes some seconds. */
export async function readReference(): Promise<Reference> {
  const problems: string[] = [];
  const app = await Application.bootstrap(configuration);
  const collect = (message: unknown): void => {
    // Members of a type that stands where it is used are described by what has it.
    if (!/\.__type\.\S+ \(/.test(String(message))) problems.push(String(message));
  };
  app.logger.warn = collect;
  app.logger.error = collect;
  const project = await app.convert();
  if (!project) throw new Error(`reading the comments: ${problems.join("\n")}`);
  nameByImport(project);
  app.validate(project);
  return {
    problems,
    async write(folder) {
      await app.generateDocs(project, folder);
    },
  };
}

/** A module is called what one imports: `@millrace/core/testing`, not `core/src/testing`. */
function nameByImport(project: ProjectReflection): void {
  for (const { specifier, source } of readPackages().flatMap(({ entryPoints }) => entryPoints)) {
    const name = path.posix.dirname(path.relative(path.join(root, "packages"), source));
    const module = project.children?.find((child) => child.name === name);
    if (module) module.name = specifier;
  }
}
