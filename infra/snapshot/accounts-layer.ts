import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, LayerVersion } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";

const FILE_NAME = "accounts.json";

/**
 * The configured accounts as a JSON file. 5,000 ids are 230 KB and a function's environment holds 4 KB, so they
 * come in a layer, which Lambda unpacks under `/opt`. The asset's hash is by the content alone: the same accounts
 * in the same order deploy nothing.
 */
export class AccountsLayer extends LayerVersion {
  /** Where the function finds the file. */
  readonly path = `/opt/${FILE_NAME}`;

  constructor(scope: Construct, id: string, accounts: readonly string[]) {
    const directory = mkdtempSync(join(tmpdir(), "cdp-accounts-"));
    writeFileSync(join(directory, FILE_NAME), `${JSON.stringify(accounts, null, 2)}\n`);
    super(scope, id, {
      code: Code.fromAsset(directory),
      description: `${accounts.length} account ids`,
    });
    // The asset is copied into the cloud assembly by now.
    rmSync(directory, { recursive: true });
  }
}
