import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FETCHED = fileURLToPath(
  new URL(`../../.node24/node_modules/node-${process.platform}-${process.arch}/bin/node`, import.meta.url),
);

/**
 * The path of a Node 24, which is what Lambda runs; `undefined`, and it says so, where there is none.
 * @throws Error in CI, where it has to be there
 */
export function findNode24(): string | undefined {
  if (process.version.startsWith("v24.")) return process.execPath;
  if (existsSync(FETCHED)) return FETCHED;
  const missing = "There is no Node 24 here: `npm run node24` fetches one.";
  if (process.env["CI"] === "true") throw new Error(missing);
  process.stderr.write(`Skipped: the bundle under Node 24, the Lambda runtime. ${missing}\n`);
  return undefined;
}
