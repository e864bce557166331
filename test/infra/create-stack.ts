import { App } from "aws-cdk-lib";
import { readConfig } from "../../infra/config/config.ts";
import { BalanceSnapshotsStack } from "../../infra/stack.ts";
import { contextWith } from "./configurations.ts";

/**
 * Creates the stack without synthesizing it. Bundling is off, because it takes seconds.
 * @param outdir the directory of the synthesized files
 * @param validated whether CDK validates the template with its own rules, which take seconds to load
 */
export function createStack(flags: Record<string, unknown>, outdir: string, validated = false) {
  const app = new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: validated,
    outdir,
    context: { "aws:cdk:bundling-stacks": [], ...contextWith(flags) },
  });
  const config = readConfig(app.node);
  return { app, stack: new BalanceSnapshotsStack(app, config.stackName, { config }) };
}
