/** `npm run draw`: the picture in the README, from the stack with its defaults, between two comments. */
import { readFileSync, writeFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { readConfig } from "../../infra/config/config.ts";
import { BalanceSnapshotsStack } from "../../infra/stack.ts";
import { drawArchitecture } from "./architecture.ts";

const README = new URL("../../README.md", import.meta.url);
const PLACE = /(<!-- drawn by npm run draw -->\n)[\s\S]*?(<!-- end -->)/;

/** The README with the picture as it should be. @throws Error if it has no place for one */
export function withPicture(readme: string): string {
  const app = new App({
    // Of no use to a picture, and its rules take two seconds to load.
    builtinCloudFormationValidation: false,
    context: { "aws:cdk:bundling-stacks": [], balanceSnapshots: {} },
  });
  const config = readConfig(app.node);
  const { stackName } = new BalanceSnapshotsStack(app, config.stackName, { config });
  const picture = drawArchitecture(app.synth().getStackByName(stackName).template);
  if (!PLACE.test(readme)) throw new Error("The README has no place for the picture");
  return readme.replace(PLACE, (_, start, end) => `${start}\n\`\`\`mermaid\n${picture}\n\`\`\`\n\n${end}`);
}

if (import.meta.url === `file://${process.argv[1]}`) writeFileSync(README, withPicture(readFileSync(README, "utf8")));
