import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "@jest/globals";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { readConfig } from "../../infra/config/config.ts";
import { BalanceSnapshotsStack } from "../../infra/stack.ts";
import { contextWith } from "./configurations.ts";

/** A synthesized stack: its template, the directory of its assets, and its app. */
interface Synthesized {
  readonly template: Template;
  readonly outdir: string;
  readonly app: App;
}

const folder = mkdtempSync(join(tmpdir(), "cdp-infra-"));
afterAll(() => rmSync(folder, { recursive: true }));

const cache = new Map<string, Synthesized>();

/** Synthesizes the stack with a configuration. Returns a cached result for the same one, so do not change it. */
export function synth(flags: Record<string, unknown> = {}): Synthesized {
  const key = JSON.stringify(flags);
  const found = cache.get(key);
  if (found !== undefined) return found;
  const { app, stack } = createStack(flags);
  const made = { template: Template.fromStack(stack), outdir: app.outdir, app };
  cache.set(key, made);
  return made;
}

/**
 * Creates the stack without synthesizing it. Bundling is off, because it takes seconds.
 * @param validated whether CDK validates the template with its own rules, which take seconds to load
 */
export function createStack(flags: Record<string, unknown> = {}, validated = false) {
  const app = new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: validated,
    outdir: mkdtempSync(join(folder, "cdk.out-")),
    context: { "aws:cdk:bundling-stacks": [], ...contextWith(flags) },
  });
  const config = readConfig(app.node);
  return { app, stack: new BalanceSnapshotsStack(app, config.stackName, { config }) };
}
