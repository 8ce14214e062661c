import { cp, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { root } from "../packages.mjs";
import { replaceLinks } from "./links.js";
import { markdownPages } from "./pages.js";

/** Where a file of the repository is in the site: `docs/` is its root, a README the page of its folder. */
export const placeOf = (file: string): string => file.replace(/^docs\//, "").replace(/(^|\/)README\.md$/, "$1index.md");

const PICTURE = /\.(svg|png|jpe?g|webp|gif)$/;

/**
 * Writes every page of the repository into `folder`, with its pictures. What pages link to besides, source files and
 * folders, become pages that show them, so that nothing of the site leads out of it but addresses.
 */
export async function writePages(folder: string): Promise<readonly string[]> {
  const pages = (await markdownPages()).filter((page) => !page.includes("/template/"));
  const pictures = new Set<string>();
  const sources = new Set<string>();

  /** The link that leads from one place of the site to what `file` is in it. */
  const linkTo = async (file: string, from: string): Promise<string> => {
    const readme = path.posix.join(file, "README.md");
    let to: string;
    if (pages.includes(file)) to = placeOf(file);
    else if (pages.includes(readme)) to = placeOf(readme);
    else if (PICTURE.test(file)) {
      pictures.add(file);
      to = placeOf(file);
    } else {
      sources.add(file);
      to = `source/${file}.md`;
    }
    const link = path.posix.relative(path.posix.dirname(from), to);
    return link.startsWith(".") ? link : `./${link}`;
  };

  for (const page of pages) {
    const place = placeOf(page);
    const markdown = await readFile(path.join(root, page), "utf8");
    const links = new Map<string, string>();
    replaceLinks(markdown, (target) => {
      links.set(target, target);
      return target;
    });
    for (const target of links.keys()) {
      if (/^([a-z]+:|#)/.test(target)) continue;
      const [file, anchor] = target.split("#") as [string, string | undefined];
      const there = path.posix.normalize(path.posix.join(path.posix.dirname(page), decodeURIComponent(file))).replace(/\/$/, "");
      links.set(target, `${await linkTo(there, place)}${anchor === undefined ? "" : `#${anchor}`}`);
    }
    await write(path.join(folder, place), replaceLinks(markdown, (target) => links.get(target)!));
  }
  for (const file of sources) await write(path.join(folder, "source", `${file}.md`), await shown(file));
  for (const file of pictures) {
    await mkdir(path.join(folder, path.dirname(placeOf(file))), { recursive: true });
    await cp(path.join(root, file), path.join(folder, placeOf(file)));
  }
  return pages.map(placeOf);
}

/** A page that shows a file, or the names in a folder. */
async function shown(file: string): Promise<string> {
  const title = `---\nsearch: false\n---\n\n# ${file}\n\n`;
  const there = path.join(root, file);
  if ((await stat(there)).isDirectory()) {
    const names = await readdir(there, { withFileTypes: true });
    return `${title}\`\`\`text\n${names.map((entry) => `${entry.name}${entry.isDirectory() ? "/" : ""}\n`).join("")}\`\`\`\n`;
  }
  return `${title}\`\`\`\`${path.extname(file).slice(1)}\n${(await readFile(there, "utf8")).trimEnd()}\n\`\`\`\`\n`;
}

async function write(file: string, content: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}
