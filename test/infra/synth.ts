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
export function synth(flags: Record<string, unknown> = {}): { template: Template; outdir: string; app: App } {
  const app = new App({
    analyticsReporting: false,
    context: { "aws:cdk:bundling-stacks": [], ...contextWith(flags) },
  });
  const config = readConfig(app.node);
  const stack = new BalanceSnapshotsStack(app, config.stackName, { config });
  return { template: Template.fromStack(stack), outdir: app.outdir, app };
}

/** An account's id by its number. */
export const accountId = (i: number) => `account_af2937b0-9846-4fe7-bfe9-${i.toString(16).padStart(12, "0")}`;

/** Every optional part of the stack. */
export const EVERY_OPTION = {
  stage: "dev",
  tags: { team: "finance" },
  accounts: [accountId(1), accountId(2)],
  kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  retentionDays: 400,
  backup: "monthly",
  backupRetentionDays: 800,
  staticEgress: true,
};
