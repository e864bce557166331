#!/usr/bin/env node
// The command line: compiled, from the package; in a clone, compiled again whenever a source has changed.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url)).slice(0, -1);
const isClone = existsSync(new URL("balances.ts", import.meta.url));

await import(isClone ? await entryOfClone() : "../dist/cli/balances.js");

/** Returns the URL of the compiled command line, or else of its source, after registering what runs TypeScript. */
async function entryOfClone() {
  try {
    const { cachedCli } = await import("../tools/package/cached-cli.js");
    return await cachedCli(root);
  } catch {
    // The folder of the cache is not writable, or a source has an error, which Node.js then reports.
    const tsx = await import("tsx/esm/api").catch(exitWithoutPackages);
    tsx.register();
    return "./balances.ts";
  }
}

/** @param {NodeJS.ErrnoException} thrown */
function exitWithoutPackages(thrown) {
  if (thrown.code !== "ERR_MODULE_NOT_FOUND") throw thrown;
  console.error(`The packages that run this clone are not installed. Run npm ci, without --omit=dev, in ${root}.`);
  process.exit(1);
}
