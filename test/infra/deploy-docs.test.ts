import { readFileSync } from "node:fs";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "../support/jest.ts";
import { stack } from "./example-application.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const DOCUMENT = read("docs/deploy.md");

/** Returns the example application as a user writes it: with the package, and without what makes the tests fast. */
function exampleApplication(): string {
  return read("test/infra/example-application.ts")
    .replace(/^\/\/.*\n/, "")
    .replace(/^import .* from "\.\.?\/(support|create-stack).*\n/gm, "")
    .replace("../../infra/index.ts", "cdp-balance-snapshots")
    .replace(/new App\(.*\);/, "new App();")
    .replace("export const", "const");
}

describe("the application in docs/deploy.md", () => {
  it("is the example application, whose types npm run check checks", () => {
    const [, shown] = /^## In your own CDK application$[\s\S]+?^```ts\n([\s\S]+?)^```$/m.exec(DOCUMENT) ?? [];

    expect(shown).toBe(exampleApplication());
  });

  it("synthesizes with a schedule for each key and the resources of the application", () => {
    const template = Template.fromStack(stack);

    template.resourceCountIs("AWS::Scheduler::Schedule", 2);
    // The secret of `us`, the key and the topic of the application, and no others.
    for (const type of ["AWS::SecretsManager::Secret", "AWS::KMS::Key", "AWS::SNS::Topic"])
      template.resourceCountIs(type, 1);
    // A policy would replace the default one, which allows the alarms and others to publish.
    template.resourceCountIs("AWS::SNS::TopicPolicy", 0);
    const outputs = Object.keys(template.findOutputs("*"));
    expect(outputs).toContainEqual(expect.stringMatching(/^SnapshotsOutputsPutKeyCommandUs/));
  });

  it("has the properties and the members that the section lists", () => {
    const [, section = ""] = /^## In your own CDK application$([\s\S]+?)^## /m.exec(DOCUMENT) ?? [];
    const props = read("infra/props.ts");
    const source = read("infra/balance-snapshots.ts");
    const [construct = ""] = /^export class BalanceSnapshots [\s\S]+?^}/m.exec(source) ?? [];
    const rows = (heading: string) => {
      const [, table = ""] = new RegExp(`^\\| ${heading} .*\\n\\| -.*\\n((\\|.*\\n)+)`, "m").exec(section) ?? [];
      return table
        .split("\n")
        .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)/g)].map(([, name]) => name));
    };

    const own = [...props.matchAll(/^ {2}readonly (\w+)\?/gm)].map(([, name]) => name);
    expect(new Set(rows("property"))).toEqual(new Set(own));
    const members = [...construct.matchAll(/^ {2}(?:readonly |get )?(\w+)(?::|\().*[;{]$/gm)].map(([, name]) => name);
    expect(rows("member").sort()).toEqual(members.filter((name) => name !== "constructor").sort());
  });
});
