import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { build } from "esbuild";
import { synthesizeFunction } from "../../demo/deployed-function.ts";
import { writeBillOfMaterials } from "../../tools/sbom.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const { name, version } = readJson(join(ROOT, "package.json"));

const folder = mkdtempSync(join(tmpdir(), "sbom-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the bill of materials", () => {
  let path = "";
  // biome-ignore lint/suspicious/noExplicitAny: the document is CycloneDX's, and read in a few places only.
  let bill: any;
  let listed: string[];
  beforeAll(() => {
    path = writeBillOfMaterials(folder);
    bill = readJson(path);
    listed = bill.components.map(({ purl }: { purl: string }) => purl);
  });

  it("is that of this project and version, in a file of that name", () => {
    expect(basename(path)).toBe(`${name}-${version}.cdx.json`);
    expect(bill).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.5" });
    expect(bill.metadata.component).toMatchObject({ name, version, purl: `pkg:npm/${name}@${version}` });
  });

  it("has every package of which a byte is in a bundle that is deployed", async () => {
    const bundled = await packagesOfBundles();

    expect(bundled.length).toBeGreaterThan(20);
    expect(bundled.filter((purl) => !listed.includes(purl))).toEqual([]);
  });

  it("has the packages that the lock file has for production, and no others", () => {
    const { packages } = readJson(join(ROOT, "package-lock.json")) as { packages: Record<string, { dev?: true }> };
    const locked = Object.keys(packages).filter((path) => path !== "" && !packages[path]?.dev);

    expect(listed.toSorted()).toEqual(locked.map(purlOf).sort());
  });

  it("tells of each its version, its licence, and the hash by which npm knows it", () => {
    for (const { purl, licenses, hashes } of bill.components) {
      expect({ purl, licenses, hashes }).toEqual({
        purl: expect.stringMatching(/^pkg:npm\/.+@\d+\.\d+\.\d+$/),
        licenses: [{ license: { id: expect.stringMatching(/./) } }],
        hashes: [{ alg: "SHA-512", content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
      });
    }
  });

  it("leads from the project to each of them", () => {
    const edges = new Map<string, string[]>(
      bill.dependencies.map(({ ref, dependsOn }: { ref: string; dependsOn: string[] }) => [ref, dependsOn]),
    );
    const reached = new Set<string>([bill.metadata.component["bom-ref"]]);
    for (const ref of reached) for (const on of edges.get(ref) ?? []) reached.add(on);

    const refs: string[] = bill.components.map((component: Record<string, string>) => component["bom-ref"]);
    expect([...reached].sort()).toEqual([bill.metadata.component["bom-ref"], ...refs].sort());
  });
});

/** Of all functions of the stack whose code is of this project, by esbuild's own account of their bundles. */
async function packagesOfBundles(): Promise<string[]> {
  const made = await Promise.all(["lambda/snapshot/handler.ts", "lambda/anchor/handler.ts"].map(bundle));
  // The stack keeps no such account. One of bundles that are not the deployed ones, all of them, would not count.
  expect(made.map(({ text }) => digest(text)).sort()).toEqual(deployedBundles().map(digest).sort());
  const paths = made.flatMap(({ inputs }) => inputs);
  const folders = paths.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  return [...new Set(folders)].map(purlOf);
}

async function bundle(entry: string) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile: "index.js",
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    mainFields: ["module", "main"],
    metafile: true,
    write: false,
  });
  const [output] = Object.values(metafile.outputs);
  const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return { text: outputFiles[0]?.text ?? "", inputs: inputs.map(([path]) => path) };
}

function deployedBundles(): string[] {
  const deployed = synthesizeFunction({ anchor: "compliance" }, { tableName: "snapshots", secretId: "key" });
  const outdir = dirname(dirname(deployed.bundle));
  const files = readdirSync(outdir, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".js"));
  const texts = files.map((path) => readFileSync(join(outdir, path), "utf8"));
  deployed.remove();
  // The other code comes with CDK, and runs on deployment only.
  return texts.filter((text) => text.includes("\n// lambda/"));
}

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

/** The package URL of what is installed in a folder of node_modules. https://github.com/package-url/purl-spec */
function purlOf(path: string): string {
  const installed = readJson(join(ROOT, path, "package.json"));
  return `pkg:npm/${installed.name.replace("@", "%40")}@${installed.version}`;
}

function readJson(path: string) {
  return JSON.parse(readFileSync(path, "utf8"));
}
