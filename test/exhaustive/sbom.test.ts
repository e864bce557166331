import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FUNCTION_NAMES } from "../../infra/snapshot/function-bundle.ts";
import { writeBillOfMaterials } from "../../tools/sbom.ts";
import { bundleFunction } from "../support/bundle.ts";
import { beforeAll, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const { name, version } = readJson(join(ROOT, "package.json"));

type Edge = { readonly ref: string; readonly dependsOn: string[] };

const folder = newFolder();

describe("the bill of materials", () => {
  // biome-ignore lint/suspicious/noExplicitAny: the CycloneDX document has no static type here.
  let bill: any;
  let listed: string[];
  beforeAll(async () => {
    bill = readJson(await writeBillOfMaterials(folder));
    listed = bill.components.map(({ purl }: { purl: string }) => purl);
  });

  it("names the project and version in its content and file name", () => {
    expect(readdirSync(folder)).toEqual([`${name}-${version}.cdx.json`]);
    expect(bill).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.5" });
    expect(bill.metadata.component).toMatchObject({ name, version, purl: `pkg:npm/${name}@${version}` });
  });

  it("lists every package that contributes code to a deployed bundle", async () => {
    const bundled = await packagesOfBundles();

    expect(bundled.length).toBeGreaterThan(20);
    expect(bundled.filter((purl) => !listed.includes(purl))).toEqual([]);
  });

  it("lists all that npm installs with the package, and what the command line, the report and the construct contain", () => {
    const { packages } = readJson(join(ROOT, "package-lock.json")) as { packages: Record<string, { dev?: true }> };
    const locked = Object.keys(packages).filter((path) => path !== "" && !packages[path]?.dev);
    const bundled = ["commander", "hyparquet-writer", "jose", "luxon", "uplot", "zod"];

    expect(locked).toContain("node_modules/dynalite");
    expect(listed).toEqual(
      expect.arrayContaining([...locked, ...bundled.map((found) => `node_modules/${found}`)].map(purlOf)),
    );
  });

  it("lists each package once, and no tool that only a clone needs", () => {
    const tools = ["aws-cdk-lib", "constructs", "esbuild", "jest", "tsx", "typescript"];

    expect(new Set(listed).size).toBe(listed.length);
    expect(tools.filter((tool) => listed.includes(purlOf(`node_modules/${tool}`)))).toEqual([]);
  });

  it("lists only packages with permissive licences", () => {
    const expressions = bill.components.map((component: { licenses?: { expression: string }[] }) => component.licenses);

    expect(
      new Set(expressions.flat().map((one: { expression: string } | undefined) => one?.expression ?? "unknown")),
    ).toEqual(new Set(["Apache-2.0", "BSD-3-Clause", "ISC", "MIT", "MIT-0"]));
  });

  it("connects the project with every package through its dependencies", () => {
    const edges = new Map<string, string[]>(bill.dependencies.map((entry: Edge) => [entry.ref, entry.dependsOn]));
    const reached = new Set<string>([bill.metadata.component["bom-ref"]]);
    for (const ref of reached) for (const dependency of edges.get(ref) ?? []) reached.add(dependency);

    const refs: string[] = bill.components.map((component: Record<string, string>) => component["bom-ref"]);
    expect([...reached].sort()).toEqual([bill.metadata.component["bom-ref"], ...refs].sort());
  });
});

/** Returns the packages with code in a deployed bundle. */
async function packagesOfBundles(): Promise<string[]> {
  const bundles = await Promise.all(FUNCTION_NAMES.map(bundleFunction));
  const modules = bundles.flatMap(({ bytes }) => [...bytes.keys()]);
  const folders = modules.flatMap((path) => path.match(/node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []);
  return [...new Set(folders)].map(purlOf);
}

/** Returns the package URL of the package in a folder of node_modules. https://github.com/package-url/purl-spec */
function purlOf(path: string): string {
  const installed = readJson(join(ROOT, path, "package.json"));
  return `pkg:npm/${installed.name.replace("@", "%40")}@${installed.version}`;
}

function readJson(path: string) {
  return JSON.parse(readFileSync(path, "utf8"));
}
