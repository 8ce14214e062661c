import { expect, it } from "vitest";
import { downloadCounter } from "./download-counter.js";

const LINE = "[INFO] Downloaded from central: https://example.org/a.jar (SIZE at 19 MB/s)";

it("tells at every tenth megabyte, and of nothing else", () => {
  const told: string[] = [];
  const counter = downloadCounter((done) => told.push(done));
  counter.line("[INFO] Downloading from central: https://example.org/a.jar");
  for (const size of ["4.5 MB", "900 kB", "12 B", "4.6 MB", "1.0 MB", "9.1 MB"]) counter.line(LINE.replace("SIZE", size));
  expect(told).toEqual(["4 files, 10 MB", "6 files, 20 MB"]);
});
