import type { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { newFolder } from "../support/new-folder.ts";
import { createStack } from "./create-stack.ts";

/** A synthesized stack: its template, and its app, whose `outdir` has the assets. */
interface Synthesized {
  readonly template: Template;
  readonly app: App;
}

// Suites in the same process share the synthesized stacks.
const cache = new Map<string, Synthesized>();

/** Synthesizes the stack with a configuration. Returns a cached result for the same one, so do not change it. */
export function synth(flags: Record<string, unknown> = {}): Synthesized {
  const key = JSON.stringify(flags);
  const found = cache.get(key);
  if (found !== undefined) return found;
  const { app, stack } = createStack(flags, newFolder());
  const created = { template: Template.fromStack(stack), app };
  cache.set(key, created);
  return created;
}
