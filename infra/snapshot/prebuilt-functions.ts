import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FunctionName } from "./function-bundle.ts";

/**
 * URL of the folder of bundles, relative to this module as it is built. The build of the package defines it. In a clone it does
 * not exist.
 */
declare const PREBUILT_FUNCTIONS: string | undefined;

/** Returns the folder with the bundle of a function, which has the file `index.js`; `undefined` if CDK has to bundle it. */
export function prebuiltFunction(name: FunctionName): string | undefined {
  if (typeof PREBUILT_FUNCTIONS !== "string") return undefined;
  return join(fileURLToPath(new URL(PREBUILT_FUNCTIONS, import.meta.url)), name);
}
