import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "@jest/globals";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { readConfig } from "../../infra/config/config.ts";
import { BalanceSnapshotsStack } from "../../infra/stack.ts";
import { contextWith } from "./configurations.ts";

/** A stack that was synthesized: its template, where its assets were put, and the app. */
export interface Synthesized {
  readonly template: Template;
  readonly outdir: string;
  readonly app: App;
}

const folder = mkdtempSync(join(tmpdir(), "cdp-infra-"));
afterAll(() => rmSync(folder, { recursive: true }));

const synthesized = new Map<string, Synthesized>();

/** The stack with such a configuration. All who ask for the same get the same: it is for looking at. */
export function synth(flags: Record<string, unknown> = {}): Synthesized {
  const key = JSON.stringify(flags);
  const found = synthesized.get(key) ?? synthAnew(flags);
  synthesized.set(key, found);
  return found;
}

/** A stack of one's own. */
export function synthAnew(flags: Record<string, unknown> = {}): Synthesized {
  const { app, stack } = makeStack(flags);
  return { template: Template.fromStack(stack), outdir: app.outdir, app };
}

/**
 * A stack that is not synthesized yet. Without bundling, which takes seconds.
 * @param validated whether CDK holds the template against its own rules, which takes seconds to load
 */
export function makeStack(flags: Record<string, unknown> = {}, validated = false) {
  const app = new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: validated,
    outdir: mkdtempSync(join(folder, "cdk.out-")),
    context: { "aws:cdk:bundling-stacks": [], ...contextWith(flags) },
  });
  const config = readConfig(app.node);
  return { app, stack: new BalanceSnapshotsStack(app, config.stackName, { config }) };
}
