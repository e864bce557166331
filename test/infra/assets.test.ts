import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { Stack } from "aws-cdk-lib";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { BalanceSnapshots } from "../../infra/balance-snapshots.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { accountId } from "./configurations.ts";
import { createApp, createStack } from "./create-stack.ts";

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
    const outdir = newFolder();
    const umask = process.umask(0o077);
    try {
      createStack({ accounts: accountId(1), "aws:cdk:bundling-stacks": ["**"] }, outdir).app.synth();
    } finally {
      process.umask(umask);
    }

    const names = readdirSync(outdir, { recursive: true, encoding: "utf8" });
    // The bundle, the layer, and CDK's handler of custom resources.
    expect(names.filter((name) => /^asset\..*(index\.js|configuration\.json)$/.test(name)).length).toBeGreaterThan(2);
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

  it("can be read by Lambda if only the owner can read their sources, such as node_modules", () => {
    const outdir = createStackWith(createPrivateFolder(), {});

    expect(readdirSync(outdir, { recursive: true })).toContainEqual(expect.stringMatching(/^asset\..*lib\/index\.js$/));
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
