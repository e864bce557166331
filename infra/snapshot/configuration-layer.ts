import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, LayerVersion } from "aws-cdk-lib/aws-lambda";
import { DISABLE_ASSET_STAGING_CONTEXT } from "aws-cdk-lib/cx-api";
import type { Construct } from "constructs";
import { type ApiKeyConfig, byName } from "../config/api-keys.ts";
import type { Config } from "../config/validate.ts";

const FILE_NAME = "configuration.json";

/**
 * A Lambda layer with a JSON file of the properties that can outgrow a function's environment, which is limited to 4 KB: 5,000 account IDs
 * take 230 KB, and the settings of several keys are long, too. The asset's hash depends on the content only, so an unchanged file
 * deploys nothing.
 */
export class ConfigurationLayer extends LayerVersion {
  /** Path of the file in the function; Lambda extracts layers to `/opt`. */
  readonly path = `/opt/${FILE_NAME}`;

  /** Returns a layer, or `undefined` if there is nothing to put into it. */
  static create(scope: Construct, id: string, config: Config): ConfigurationLayer | undefined {
    const content = fileContent(config);
    return Object.keys(content).length === 0 ? undefined : new ConfigurationLayer(scope, id, content);
  }

  private constructor(scope: Construct, id: string, content: object) {
    const directory = mkdtempSync(join(tmpdir(), "cdp-configuration-"));
    writeFileSync(join(directory, FILE_NAME), `${JSON.stringify(content, null, 2)}\n`);
    super(scope, id, {
      code: Code.fromAsset(directory),
      description: `Configuration: ${Object.keys(content).join(", ")}`,
    });
    // CDK has already copied the asset into the cloud assembly, unless this context key disables it.
    if (!scope.node.tryGetContext(DISABLE_ASSET_STAGING_CONTEXT)) rmSync(directory, { recursive: true });
  }
}

/** Returns the content of the file. `core/config.ts` reads it. */
export function fileContent({ apiKeys, explainedMoves }: Pick<Config, "apiKeys" | "explainedMoves">): object {
  const only = apiKeys.find(({ name }) => name === undefined);
  const keys = byName(apiKeys, settingsOf);
  return {
    ...(only && listedAccounts(only)),
    ...(Object.keys(keys).length > 0 && { keys }),
    ...(explainedMoves && { explainedMoves }),
  };
}

function settingsOf(key: ApiKeyConfig) {
  const { accountsOwner, accountsType, readsPerTenSeconds, schedule, timezone, latenessMinutes } = key;
  return {
    ...listedAccounts(key),
    ...(accountsOwner && { accountsOwner: accountsOwner.join(",") }),
    ...(accountsType && { accountsType }),
    ...(readsPerTenSeconds !== undefined && { readsPerTenSeconds }),
    schedule,
    timezone,
    latenessLimitSeconds: latenessMinutes * 60,
  };
}

const listedAccounts = ({ accounts }: ApiKeyConfig) => (accounts === "all" ? {} : { accounts });
