import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes the folder of `leak-watch.ts`, which every test worker finds in its environment. */
export default function start() {
  process.env.LEAK_WATCH = mkdtempSync(join(tmpdir(), "leak-watch-"));
}
