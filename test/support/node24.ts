import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DOWNLOADED = fileURLToPath(
  new URL(`../../.node24/node_modules/node-${process.platform}-${process.arch}/bin/node`, import.meta.url),
);

/**
 * Returns the path of Node 24, the version of the Lambda runtime. Without one, prints a note and returns `undefined`.
 * @throws Error in CI, where Node 24 is required
 */
export function findNode24(): string | undefined {
  if (process.version.startsWith("v24.")) return process.execPath;
  if (existsSync(DOWNLOADED)) return DOWNLOADED;
  const missing = "Node 24 is not installed. Run `npm run node24` to download it.";
  if (process.env["CI"] === "true") throw new Error(missing);
  process.stderr.write(`Skipped the test of the bundle with Node 24, the Lambda runtime. ${missing}\n`);
  return undefined;
}
