/** `npm run sbom`: writes the software bill of materials of a release to `NAME-VERSION.cdx.json`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundlePackage, ROOT } from "./package/bundles.ts";

/** A package in the lock file. https://docs.npmjs.com/cli/configuring-npm/package-lock-json */
interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: true;
  readonly devOptional?: true;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/**
 * Returns a CycloneDX document of what a user of the package runs: the packages whose code its bundles contain, and those that npm
 * installs with it. `npm sbom --omit=dev` would omit the first, which are development dependencies.
 * https://cyclonedx.org/docs/1.5/json
 * @param bundled the folders in node_modules of the packages in the bundles
 */
export function billOfMaterials(bundled: readonly string[]): string {
  const { packages } = readJson("package-lock.json") as { packages: Record<string, Locked> };
  const { name, version, license } = readJson("package.json");
  const isIncluded = (path: string) =>
    path !== "" && (bundled.includes(path) || (!packages[path]?.dev && !packages[path]?.devOptional));
  // A package that is installed in several folders is listed once.
  const byRef = new Map(
    Object.keys(packages)
      .filter(isIncluded)
      .map((path) => [refOf(path, packages), path]),
  );
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component: componentOf("application", name, version, license) },
    components: [...byRef.values()].map((path) => {
      const { version, license, integrity } = packages[path] as Locked;
      return { ...componentOf("library", nameOf(path), version, license), ...hashesOf(integrity) };
    }),
    dependencies: [[purlOf(name, version), ""] as const, ...byRef].map(([ref, path]) => ({
      ref,
      dependsOn: [...includedFrom(path, packages, isIncluded)].map((found) => refOf(found, packages)).sort(),
    })),
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** Writes the document to a folder. @returns the file's path */
export async function writeBillOfMaterials(folder: string): Promise<string> {
  const { name, version } = readJson("package.json");
  const bundles = mkdtempSync(join(tmpdir(), "sbom-"));
  const path = join(folder, `${name}-${version}.cdx.json`);
  try {
    writeFileSync(path, billOfMaterials(await bundlePackage(bundles)));
  } finally {
    rmSync(bundles, { recursive: true });
  }
  return path;
}

function componentOf(type: string, name: string, version: string, license: string | undefined) {
  const purl = purlOf(name, version);
  // An expression also covers a single licence. https://spdx.org/licenses
  return { type, "bom-ref": purl, name, version, purl, ...(license && { licenses: [{ expression: license }] }) };
}

/** Returns the hash that npm checks, in hexadecimal. */
function hashesOf(integrity: string | undefined) {
  const [, base64] = /^sha512-(\S+)/.exec(integrity ?? "") ?? [];
  if (base64 === undefined) return {};
  return { hashes: [{ alg: "SHA-512", content: Buffer.from(base64, "base64").toString("hex") }] };
}

/** Returns the included packages that a package depends on, directly or through packages of which the bundles contain nothing. */
function includedFrom(
  path: string,
  packages: Readonly<Record<string, Locked>>,
  isIncluded: (path: string) => boolean,
): Set<string> {
  const followed = new Set([path]);
  const included = new Set<string>();
  for (const from of followed) {
    for (const dependency of dependenciesOf(from, packages)) {
      if (isIncluded(dependency)) included.add(dependency);
      else followed.add(dependency);
    }
  }
  return included;
}

/** Returns where the dependencies of a package are, as Node.js finds them: in its own folder, or in one above. */
function dependenciesOf(path: string, packages: Readonly<Record<string, Locked>>): string[] {
  const { dependencies, optionalDependencies, devDependencies } = packages[path] ?? {};
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...(path === "" && devDependencies) });
  const found = names.flatMap((name) => {
    for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
      const candidate = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
      if (candidate in packages) return [candidate];
      if (folder === "") return [];
    }
  });
  return found;
}

function refOf(path: string, packages: Readonly<Record<string, Locked>>): string {
  return purlOf(nameOf(path), packages[path]?.version ?? "");
}

function nameOf(path: string): string {
  return path.replace(/^.*node_modules\//, "");
}

/** Returns a package URL. https://github.com/package-url/purl-spec */
function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function readJson(path: string) {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}

if (import.meta.url === `file://${process.argv[1]}`) console.log(await writeBillOfMaterials(ROOT));
