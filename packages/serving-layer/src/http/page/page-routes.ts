import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { HttpError } from "../http-error.js";
import { readPageFiles, type PageFile } from "./page-files.js";

/** Everything from this origin, nothing inline, no frame around it. Charts set styles through the DOM, which this allows. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  vary: "accept-encoding",
};

const compressed = promisify(gzip);

/**
 * The live page at `/` and its files below `/assets/`. They hold nothing of the lambda, so they need no token: what the
 * page shows it asks of the API. Read when first asked for, kept in memory, compressed once.
 */
export function addPageRoutes(app: FastifyInstance, readFiles: () => Promise<readonly PageFile[] | undefined> = readPageFiles): void {
  let files: Promise<ReadonlyMap<string, PageFile> | undefined> | undefined;
  const small = new Map<string, Promise<Buffer>>();
  const send = async (url: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    files ??= readFiles().then((read) => (read === undefined ? undefined : new Map(read.map((file) => [file.url, file]))));
    const found = await files;
    if (found === undefined) {
      throw new HttpError("NOT_FOUND", "showing the live page: its files are not beside this package", { advice: "build the package; where it is bundled into another program, keep it out of the bundle" });
    }
    const file = found.get(url);
    if (file === undefined) throw new HttpError("NOT_FOUND", `asking GET "${url.slice(0, 200)}": the live page has no such file`);
    reply.headers(HEADERS).type(file.type).header("cache-control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    // Fonts are compressed as they are.
    if (file.type.startsWith("font/") || !/\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""))) return reply.send(file.body);
    const body = small.get(url) ?? compressed(file.body, { level: 9 });
    small.set(url, body);
    return reply.header("content-encoding", "gzip").send(await body);
  };
  const hidden = { schema: { hide: true } };
  app.get("/", hidden, (request, reply) => send("/", request, reply));
  app.get("/assets/:name", hidden, (request, reply) => send(`/assets/${(request.params as { readonly name: string }).name}`, request, reply));
}
