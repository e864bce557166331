import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { ENV } from "../core/names/environment.ts";
import { readConfig } from "../infra/config/config.ts";
import { BalanceSnapshotsStack } from "../infra/stack.ts";

/** What the stack would deploy, ready to run here. */
export interface DeployedFunction {
  /** Path of the bundle. */
  readonly bundle: string;
  /** The environment that the template gives the function, with the local table and secret in place of the stack's. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the schedule invokes it with; EventBridge Scheduler fills in what stands in `<…>`. */
  readonly scheduledInput: string;
  /** The events that the console's Test tab offers, by name. */
  readonly testEvents: Readonly<Record<string, Record<string, unknown>>>;
  /** Removes it from the disk. */
  remove(): void;
}

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the template is CloudFormation's, and read in a few places only.
  readonly Properties: any;
}

/**
 * Synthesizes the stack and takes the function out of it: the very bundle and the very environment that are deployed.
 * @param configuration the stack's configuration, as in cdk.json; the defaults where it says nothing
 * @param local what stands in for the stack's table and secret
 */
export function synthesizeFunction(
  configuration: Readonly<Record<string, unknown>>,
  local: { readonly tableName: string; readonly secretId: string },
): DeployedFunction {
  // Outside of the project: its package.json would have Node take the bundle, which is CommonJS, for an ES module.
  const outdir = mkdtempSync(join(tmpdir(), "cdp-balance-snapshots-"));
  const app = new App({
    outdir,
    // It is not deployed, and the rules take two seconds to load; `cdk synth` and a test hold the template against them.
    builtinCloudFormationValidation: false,
    context: { balanceSnapshots: configuration },
  });
  const stack = new BalanceSnapshotsStack(app, "Local", { config: readConfig(app.node) });
  app.synth();
  const template = JSON.parse(readFileSync(join(outdir, stack.templateFile), "utf8"));
  const resources = template.Resources as Record<string, Resource>;
  const ofType = (type: string) => Object.values(resources).find((resource) => resource.Type === type)?.Properties;
  // There is another one, which is invoked on deployment only.
  const isOurs = ({ Type, Properties }: Resource) =>
    Type === "AWS::Lambda::Function" && ENV.tableName in (Properties.Environment?.Variables ?? {});
  const assetAt = (location: { S3Key: string }) => join(outdir, `asset.${location.S3Key.replace(/\.zip$/, "")}`);

  const { Code, Environment } = Object.values(resources).find(isOurs)?.Properties ?? {};
  const examples = JSON.parse(ofType("AWS::EventSchemas::Schema")?.Content ?? "{}").components?.examples ?? {};
  const layer = ofType("AWS::Lambda::LayerVersion");
  const variables = Object.entries<unknown>(Environment.Variables).map(([name, value]) => {
    if (name === ENV.tableName) return [name, local.tableName];
    if (name === ENV.apiKeySecretId) return [name, local.secretId];
    // Lambda unpacks layers under /opt.
    if (layer && typeof value === "string") return [name, value.replace(/^\/opt\//, `${assetAt(layer.Content)}/`)];
    return [name, value];
  });
  return {
    bundle: join(assetAt(Code), "index.js"),
    environment: Object.fromEntries(variables),
    scheduledInput: ofType("AWS::Scheduler::Schedule").Target.Input,
    testEvents: Object.fromEntries(
      Object.entries<{ value: Record<string, unknown> }>(examples).map(([name, { value }]) => [name, value]),
    ),
    remove: () => rmSync(outdir, { recursive: true, force: true }),
  };
}
