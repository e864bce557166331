import { rmSync } from "node:fs";
import { LOCAL_TABLE } from "../local/dynamodb/embedded-dynamodb.ts";
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
 * Returns the function that the stack deploys with its default configuration, for the local table. The package contains the result,
 * so that its demo needs no CDK: tools/package/.
 */
export function demoFunction(): DemoFunction {
  const { bundle, environment, folder } = synthesizeFunction({}, { tableName: LOCAL_TABLE, secretId: "cdp-api-key" });
  return { bundle, environment, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
