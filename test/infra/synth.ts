import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { readConfig } from "../../infra/config.ts";
import { BalanceSnapshotsStack } from "../../infra/stack.ts";

const cdkJson = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")) as {
  context: Record<string, unknown>;
};

/** What stands in `cdk.json`, and what `-c` would add to it. */
export const contextWith = (flags: Record<string, unknown>) => ({ ...cdkJson.context, ...flags });

/** The stack's template, and where its assets were put. Without bundling, which takes seconds. */
export function synth(flags: Record<string, unknown> = {}): { template: Template; outdir: string } {
  const app = new App({
    analyticsReporting: false,
    context: { "aws:cdk:bundling-stacks": [], ...contextWith(flags) },
  });
  const config = readConfig(app.node);
  const stack = new BalanceSnapshotsStack(app, config.stackName, { config });
  return { template: Template.fromStack(stack), outdir: app.outdir };
}

/** An account's id by its number. */
export const accountId = (i: number) => `account_af2937b0-9846-4fe7-bfe9-${i.toString(16).padStart(12, "0")}`;
