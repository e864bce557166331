import { App, type AppProps } from "aws-cdk-lib";
import { readConfig } from "../../infra/config/context.ts";
import { BalanceSnapshotsStack } from "../../infra/stack.ts";
import { newFolder } from "../support/new-folder.ts";
import { contextWith } from "./configurations.ts";

/**
 * Creates the stack without synthesizing it. Bundling is off, because it takes seconds.
 * @param outdir the directory of the synthesized files
 * @param validated whether CDK validates the template with its own rules, which take seconds to load
 */
export function createStack(flags: Record<string, unknown>, outdir: string, validated = false) {
  const app = createApp({ "aws:cdk:bundling-stacks": [], ...contextWith(flags) }, outdir, validated);
  return { app, stack: new BalanceSnapshotsStack(app, readConfig(app.node)) };
}

/** Returns an app in a new folder, which bundles nothing. */
export const createTestApp = (): App => createApp({ "aws:cdk:bundling-stacks": [] }, newFolder());

export function createApp(context: Record<string, unknown>, outdir: string, validated = false): App {
  return new App(appProps(context, outdir, validated));
}

export function appProps(context: Record<string, unknown>, outdir: string, validated = false): AppProps {
  // CDK would print the stack's warnings. Tests read them where they need them.
  const quiet = { "@aws-cdk/core:annotationsInValidationReport": false };
  // No test reads tree.json, nor where in the code a resource was created. Both take long.
  const fast = { "aws:cdk:disable-creation-stack-traces": true };
  return {
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: validated,
    outdir,
    context: { ...context, ...quiet, ...fast },
  };
}
