import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "@jest/globals";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { readConfig } from "../../infra/config/config.ts";
import { BalanceSnapshotsStack } from "../../infra/stack.ts";
import { contextWith } from "./configurations.ts";

/** A synthesized stack: its template, and its app, whose `outdir` has the assets. */
interface Synthesized {
  readonly template: Template;
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
  const made = { template: Template.fromStack(stack), app };
  cache.set(key, made);
  return made;
}

/**
 * Creates the stack without synthesizing it. Bundling is off, because it takes seconds.
 * @param validated whether CDK validates the template with its own rules, which take seconds to load
 */
export function createStack(flags: Record<string, unknown> = {}, validated = false) {
  const app = createApp({ "aws:cdk:bundling-stacks": [], ...contextWith(flags) }, validated);
  const config = readConfig(app.node);
  return { app, stack: new BalanceSnapshotsStack(app, config.stackName, { config }) };
}

export function createApp(context: Record<string, unknown> = {}, validated = false): App {
  const outdir = mkdtempSync(join(folder, "cdk.out-"));
  return new App({ analyticsReporting: false, builtinCloudFormationValidation: validated, outdir, context });
}
