import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Template } from "aws-cdk-lib/assertions";
import { buildSync } from "esbuild";
import { bundleOptions, FUNCTION_NAMES } from "../../infra/snapshot/function-bundle.ts";
import { afterAll, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { synth } from "./synth.ts";
import { resourcesOf } from "./template.ts";

/** The build of a package defines this constant. */
const constants = globalThis as { PREBUILT_FUNCTIONS?: string };
afterAll(() => {
  delete constants.PREBUILT_FUNCTIONS;
});

/** Every function. The values distinguish the two configurations in the cache of `synth`. */
const configuration = (retention: string) => ({ anchor: "governance", anchorRetentionDays: retention });

describe("the functions of a package", () => {
  const folder = newFolder();
  for (const name of FUNCTION_NAMES) {
    mkdirSync(join(folder, name));
    buildSync({ ...bundleOptions(name), outfile: join(folder, name, "index.js") });
  }
  const bundled = synth({ ...configuration("400"), "aws:cdk:bundling-stacks": ["**"] });
  constants.PREBUILT_FUNCTIONS = `${pathToFileURL(folder)}/`;
  const prebuilt = synth(configuration("0400"));

  it("have the template of a clone, except for the hashes of the bundles", () => {
    const [inClone, inPackage] = [bundled, prebuilt].map(({ template }) => withoutHashes(template));

    expect(inPackage).toEqual(inClone);
  });

  it.each(FUNCTION_NAMES)("have the code of a clone, byte by byte: %s", (name) => {
    const text = readFileSync(join(folder, name, "index.js"), "utf8");

    expect(codeIn(prebuilt).includes(text)).toBe(true);
    expect(codeIn(bundled).includes(text)).toBe(true);
  });
});

/** Returns the code of each function in a cloud assembly that has an `index.js`. */
function codeIn({ template, app }: ReturnType<typeof synth>): string[] {
  return hashesIn(template).map((hash) => readFileSync(join(app.outdir, `asset.${hash}`, "index.js"), "utf8"));
}

function hashesIn(template: Template): string[] {
  return resourcesOf(template).flatMap(([, { Type, Properties }]) => {
    const { S3Key } = (Properties?.["Code"] ?? {}) as { S3Key?: string };
    return Type === "AWS::Lambda::Function" && S3Key !== undefined ? [S3Key.replace(".zip", "")] : [];
  });
}

/** Returns a template as text, with the hash of each bundle replaced by its position. */
function withoutHashes(template: Template): unknown {
  const text = JSON.stringify(template.toJSON());
  return JSON.parse(hashesIn(template).reduce((all, hash, i) => all.replaceAll(hash, `code ${i}`), text));
}
