import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, LayerVersion } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";

const FILE_NAME = "accounts.json";

/**
 * A Lambda layer with the configured account IDs as a JSON file. 5,000 IDs take 230 KB, but a function's environment
 * is limited to 4 KB. The asset's hash depends on the content only, so an unchanged list deploys nothing.
 */
export class AccountsLayer extends LayerVersion {
  /** Path of the file in the function; Lambda extracts layers to `/opt`. */
  readonly path = `/opt/${FILE_NAME}`;

  constructor(scope: Construct, id: string, accounts: readonly string[]) {
    const directory = mkdtempSync(join(tmpdir(), "cdp-accounts-"));
    writeFileSync(join(directory, FILE_NAME), `${JSON.stringify(accounts, null, 2)}\n`);
    super(scope, id, {
      code: Code.fromAsset(directory),
      description: `${accounts.length} account IDs`,
    });
    // CDK has already copied the asset into the cloud assembly.
    rmSync(directory, { recursive: true });
  }
}
