/** `npm run draw`: updates the architecture diagram in the README from the stack with its default configuration. */
import { readFileSync, writeFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { readConfig } from "../../infra/config/config.ts";
import { BalanceSnapshotsStack } from "../../infra/stack.ts";
import { drawArchitecture } from "./architecture.ts";

const README = new URL("../../README.md", import.meta.url);
const PLACEHOLDER = /(<!-- drawn by npm run draw -->\n)[\s\S]*?(<!-- end -->)/;

/** Returns the README with an up-to-date diagram. @throws Error if the README has no placeholder for it */
export function withDiagram(readme: string): string {
  const app = new App({
    // The validation rules take two seconds to load, and the diagram does not need them.
    builtinCloudFormationValidation: false,
    context: { "aws:cdk:bundling-stacks": [], balanceSnapshots: {} },
  });
  const config = readConfig(app.node);
  const { stackName } = new BalanceSnapshotsStack(app, config.stackName, { config });
  const diagram = drawArchitecture(app.synth().getStackByName(stackName).template);
  if (!PLACEHOLDER.test(readme)) throw new Error("The README has no placeholder for the diagram");
  return readme.replace(PLACEHOLDER, (_, start, end) => `${start}\n\`\`\`mermaid\n${diagram}\n\`\`\`\n\n${end}`);
}

if (import.meta.url === `file://${process.argv[1]}`) writeFileSync(README, withDiagram(readFileSync(README, "utf8")));
