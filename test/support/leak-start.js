import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Creates the folder for `leak-watch.ts`. Every test worker inherits its path in the environment. */
export default function start() {
  process.env.LEAK_WATCH = mkdtempSync(join(tmpdir(), "leak-watch-"));
}
