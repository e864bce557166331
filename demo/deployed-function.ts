import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { ENV } from "../core/names/environment.ts";
import { readConfig } from "../infra/config/context.ts";
import { BalanceSnapshotsStack } from "../infra/stack.ts";

/** The function as the stack deploys it, ready to run on this machine. */
export interface DeployedFunction {
  /** The path of the bundle. */
  readonly bundle: string;
  /** The function's environment from the template, with the local table and secret instead of the stack's. */
  readonly environment: Readonly<Record<string, string>>;
  /** The memory of the function in MB. */
  readonly memoryMb: number;
  /** The schedule's input. EventBridge Scheduler replaces the placeholders in `<…>`. */
  readonly scheduledInput: string;
  /** The folder of all synthesized files, which the caller deletes after use. */
  readonly folder: string;
}

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation properties have no static type here.
  readonly Properties: any;
}

/**
 * Synthesizes the stack and returns its function with exactly the bundle and environment that would be deployed.
 * @param configuration the stack's configuration, as in cdk.json; missing fields have their defaults
 * @param local the table and the secret to use instead of the stack's
 * @param outdir receives all files. Default: a new folder outside the project, because its package.json would make Node load
 * the CommonJS bundle as an ES module. CDK bundles the code only once for all configurations of a process with the same folder.
 */
export function synthesizeFunction(
  configuration: Readonly<Record<string, unknown>>,
  local: { readonly tableName: string; readonly secretId: string },
  outdir = mkdtempSync(join(tmpdir(), "cdp-balance-snapshots-")),
): DeployedFunction {
  const app = new App({
    outdir,
    // Its rules take seconds to load. `cdk synth` and a test validate the template.
    builtinCloudFormationValidation: false,
    // Off because they take time, too, and do not change the function.
    analyticsReporting: false,
    treeMetadata: false,
    context: { balanceSnapshots: configuration, "aws:cdk:disable-creation-stack-traces": true },
  });
  const stack = new BalanceSnapshotsStack(app, readConfig(app.node));
  app.synth();
  return functionIn(outdir, stack.templateFile, local);
}

/**
 * Returns the function of a synthesized stack, ready to run on this machine.
 * @param outdir the folder of the cloud assembly
 * @param templateFile the stack's template in it
 * @param local the table and the secret to use instead of the stack's
 */
export function functionIn(
  outdir: string,
  templateFile: string,
  local: { readonly tableName: string; readonly secretId: string },
): DeployedFunction {
  const template = JSON.parse(readFileSync(join(outdir, templateFile), "utf8"));
  const resources = template.Resources as Record<string, Resource>;
  const ofType = (type: string) => Object.values(resources).find((resource) => resource.Type === type)?.Properties;
  // The stack has other functions; this one has a table name in its environment.
  const isSnapshotFunction = ({ Type, Properties }: Resource) =>
    Type === "AWS::Lambda::Function" && ENV.tableName in (Properties.Environment?.Variables ?? {});
  const assetAt = (location: { S3Key: string }) => join(outdir, `asset.${location.S3Key.replace(/\.zip$/, "")}`);

  const { Code, Environment, MemorySize } = Object.values(resources).find(isSnapshotFunction)?.Properties ?? {};
  const layer = ofType("AWS::Lambda::LayerVersion");
  const variables = Object.entries<unknown>(Environment.Variables).map(([name, value]) => {
    if (name === ENV.tableName) return [name, local.tableName];
    if (name === ENV.apiKeySecretId) return [name, local.secretId];
    // Lambda extracts layers to /opt.
    if (layer && typeof value === "string") return [name, value.replace(/^\/opt\//, `${assetAt(layer.Content)}/`)];
    return [name, value];
  });
  return {
    bundle: join(assetAt(Code), "index.js"),
    environment: Object.fromEntries(variables),
    memoryMb: MemorySize,
    scheduledInput: ofType("AWS::Scheduler::Schedule").Target.Input,
    folder: outdir,
  };
}
