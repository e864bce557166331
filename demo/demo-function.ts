import { rmSync } from "node:fs";
import { synthesizeFunction } from "./deployed-function.ts";

/** The function that the demo runs. */
export interface DemoFunction {
  /** The path of the bundle. */
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Removes what was made for the demo. */
  remove(): void;
}

/**
 * Returns the function that the stack deploys with its default configuration. The package contains it instead of this module, so that
 * the demo needs no CDK: tools/package/.
 * @param local the table and the secret to use instead of the stack's
 */
export function demoFunction(local: { readonly tableName: string; readonly secretId: string }): DemoFunction {
  const { bundle, environment, folder } = synthesizeFunction({}, local);
  return { bundle, environment, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
