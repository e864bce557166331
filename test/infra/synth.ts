import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "@jest/globals";
import type { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { createStack } from "./create-stack.ts";

/** A synthesized stack: its template, the directory of its assets, and its app. */
interface Synthesized {
  readonly template: Template;
  readonly outdir: string;
  readonly app: App;
}

const folder = mkdtempSync(join(tmpdir(), "cdp-infra-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Returns a new folder, which is deleted after the suite. */
export const newFolder = () => mkdtempSync(join(folder, "cdk.out-"));

const cache = new Map<string, Synthesized>();

/** Synthesizes the stack with a configuration. Returns a cached result for the same one, so do not change it. */
export function synth(flags: Record<string, unknown> = {}): Synthesized {
  const key = JSON.stringify(flags);
  const found = cache.get(key);
  if (found !== undefined) return found;
  const { app, stack } = createStack(flags, newFolder());
  const made = { template: Template.fromStack(stack), outdir: app.outdir, app };
  cache.set(key, made);
  return made;
}
