import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { ANCHOR_ENV } from "../../core/names/anchor-environment.ts";
import { ENV } from "../../core/names/environment.ts";
import { BalanceSnapshots } from "../../infra/balance-snapshots.ts";
import { FUNCTION_NAMES } from "../../infra/snapshot/function-bundle.ts";
import { afterAll, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { accountId } from "./configurations.ts";
import { createApp, createStack } from "./create-stack.ts";
import { propertiesOf } from "./template.ts";

/** The build of a package defines this constant. */
const constants = globalThis as { PREBUILT_FUNCTIONS?: string };
afterAll(() => {
  delete constants.PREBUILT_FUNCTIONS;
});

/** Every function, and the layer. */
const CONFIGURATION = { accounts: accountId(1), anchor: "governance" };

/** A cloud assembly with its functions bundled, synthesized with a umask of 077. */
const bundled = synthesizePrivately();

interface Assembly {
  readonly outdir: string;
  readonly template: Template;
}

function synthesizePrivately(): Assembly {
  const outdir = newFolder();
  const umask = process.umask(0o077);
  try {
    const { stack } = createStack({ ...CONFIGURATION, "aws:cdk:bundling-stacks": ["**"] }, outdir);
    return { outdir, template: Template.fromStack(stack) };
  } finally {
    process.umask(umask);
  }
}

/** Returns the modes of everything in a folder, by path. */
const modesIn = (folder: string): [string, string][] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => [
    path,
    (statSync(join(folder, path)).mode & 0o777).toString(8),
  ]);

/** Returns what another user cannot read in the assets of a cloud assembly. */
const unreadable = (assembly: string) =>
  modesIn(assembly).filter(([path, mode]) => {
    const needed = statSync(join(assembly, path)).isDirectory() ? 0o5 : 0o4;
    return path.startsWith("asset.") && (Number.parseInt(mode, 8) & needed) !== needed;
  });

/** Creates a folder with a file in it that only the owner can read. */
function createPrivateFolder(): string {
  const folder = newFolder();
  mkdirSync(join(folder, "lib"), { mode: 0o700 });
  writeFileSync(join(folder, "lib", "index.js"), "", { mode: 0o600 });
  // The umask of this process may be any.
  chmodSync(join(folder, "lib"), 0o700);
  return folder;
}

/** Creates a stack with an asset that only the owner can read, in place of CDK's own handler of custom resources. */
function createStackWith(folder: string, context: Record<string, unknown>, outdir = newFolder()): string {
  const stack = new Stack(createApp({ "aws:cdk:bundling-stacks": [], ...context }, outdir), "Stack");
  new Asset(stack, "Private", { path: folder });
  new BalanceSnapshots(stack, "Snapshots");
  return outdir;
}

// The zip file of an asset has the modes of its files (`writeZipFile` of CDK's command line), and Lambda runs the code as
// another user: https://repost.aws/knowledge-center/lambda-deployment-package-errors
describe("the files of the assets", () => {
  it("can be read by Lambda after a synthesis with a umask of 077", () => {
    const { outdir } = bundled;

    const names = readdirSync(outdir, { recursive: true, encoding: "utf8" });
    // Two bundles, the layer, and CDK's handler of custom resources.
    expect(names.filter((name) => /^asset\..*(index\.js|configuration\.json)$/.test(name))).toHaveLength(4);
    // What is not an asset shows that the umask had an effect.
    expect(modesIn(outdir)).toContainEqual(["manifest.json", "600"]);
    expect(unreadable(outdir)).toEqual([]);
  });

  it("can be read by Lambda if the cloud assembly is in a relative folder, as with cdk synth", () => {
    const outdir = relative(process.cwd(), newFolder());
    const folder = createPrivateFolder();

    createStackWith(folder, {}, outdir);

    expect(isAbsolute(outdir)).toBe(false);
    expect(modesIn(outdir)).toContainEqual([expect.stringMatching(/^asset\..*lib\/index\.js$/), "644"]);
    expect(unreadable(outdir)).toEqual([]);
  });

  it("keep their modes where they are the sources, as without staging", () => {
    const folder = createPrivateFolder();

    createStackWith(folder, { "aws:cdk:disable-asset-staging": true });

    expect(modesIn(folder)).toEqual([
      ["lib", "700"],
      ["lib/index.js", "600"],
    ]);
  });
});

describe("a package, which contains the bundled functions", () => {
  const folder = newFolder();
  const bundles = codeIn(bundled);
  for (const [at, name] of FUNCTION_NAMES.entries()) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "index.js"), bundles[at] ?? "");
  }
  constants.PREBUILT_FUNCTIONS = `${pathToFileURL(folder)}/`;
  const outdir = newFolder();
  const inPackage = { outdir, template: Template.fromStack(createStack(CONFIGURATION, outdir).stack) };

  it("has the template of a clone, except for the hashes of the bundles", () => {
    expect(withoutHashes(inPackage.template)).toEqual(withoutHashes(bundled.template));
  });

  it("deploys the bundles that it contains", () => {
    expect(bundles.map((text) => text.length > 100_000)).toEqual([true, true]);
    expect(codeIn(inPackage)).toEqual(bundles);
  });
});

/** Returns the code of each of our functions in a cloud assembly. */
function codeIn({ outdir, template }: Assembly): string[] {
  return hashesIn(template).map((hash) => readFileSync(join(outdir, `asset.${hash}`, "index.js"), "utf8"));
}

/** Returns the hash of the code of each of our functions, in the order of `FUNCTION_NAMES`. */
function hashesIn(template: Template): string[] {
  return [ENV.tableName, ANCHOR_ENV.tableName].map((variable) =>
    propertiesOf(template, "AWS::Lambda::Function", variable).Code.S3Key.replace(".zip", ""),
  );
}

/** Returns a template as text, with the hash of each bundle replaced by its position. */
function withoutHashes(template: Template): unknown {
  const text = JSON.stringify(template.toJSON());
  return JSON.parse(hashesIn(template).reduce((all, hash, i) => all.replaceAll(hash, `code ${i}`), text));
}
