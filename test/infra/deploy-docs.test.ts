import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DOCUMENT = readFileSync(join(ROOT, "docs/deploy.md"), "utf8");
const [, EXAMPLE = ""] = /^## In your own CDK application$[\s\S]+?^```ts\n([\s\S]+?)^```$/m.exec(DOCUMENT) ?? [];
const run = promisify(execFile);

/** See `createApp`. */
const FAST = { "aws:cdk:disable-creation-stack-traces": true, "@aws-cdk/core:annotationsInValidationReport": false };

afterAll(() => {
  delete process.env["CDK_CONTEXT_JSON"];
});

/** Creates the folder of an application that has CDK and this project as its packages. */
function createApplication(): string {
  const folder = newFolder();
  const packages = join(folder, "node_modules");
  const own = join(packages, "cdp-balance-snapshots");
  mkdirSync(own, { recursive: true });
  for (const name of ["aws-cdk-lib", "constructs", "@types"])
    symlinkSync(join(ROOT, "node_modules", name), join(packages, name));
  writeFileSync(join(own, "package.json"), JSON.stringify({ type: "module", exports: "./index.ts" }));
  writeFileSync(join(own, "index.ts"), `export * from ${JSON.stringify(join(ROOT, "infra/index.ts"))};\n`);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  // CDK's own rules take seconds to load. test/exhaustive applies them to the stack.
  const app = EXAMPLE.replace("new App()", "new App({ builtinCloudFormationValidation: false })");
  writeFileSync(join(folder, "app.ts"), `${app}export { stack };\n`);
  const compilerOptions = {
    ...{ target: "es2023", module: "nodenext", strict: true, noEmit: true, skipLibCheck: true, types: ["node"] },
    allowImportingTsExtensions: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["app.ts"] }));
  return folder;
}

describe("the application in docs/deploy.md", () => {
  const folder = createApplication();

  it("has valid types", async () => {
    await expect(run(join(ROOT, "node_modules/.bin/tsc"), ["-p", folder])).resolves.toBeDefined();
  });

  it("synthesizes with a schedule for each key and the resources of the application", async () => {
    process.env["CDK_CONTEXT_JSON"] = JSON.stringify({ "aws:cdk:bundling-stacks": [], ...FAST });
    const { stack } = await import(pathToFileURL(join(folder, "app.ts")).href);
    const template = Template.fromStack(stack);

    template.resourceCountIs("AWS::Scheduler::Schedule", 2);
    // The secret of `us`, the key and the topic of the application, and no others.
    for (const type of ["AWS::SecretsManager::Secret", "AWS::KMS::Key", "AWS::SNS::Topic"])
      template.resourceCountIs(type, 1);
    const outputs = Object.keys(template.findOutputs("*"));
    expect(outputs).toContainEqual(expect.stringMatching(/^SnapshotsOutputsPutKeyCommandUs/));
  });

  it("has the properties and the members that the section lists", () => {
    const [, section = ""] = /^## In your own CDK application$([\s\S]+?)^## /m.exec(DOCUMENT) ?? [];
    const props = readFileSync(join(ROOT, "infra/props.ts"), "utf8");
    const source = readFileSync(join(ROOT, "infra/balance-snapshots.ts"), "utf8");
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
