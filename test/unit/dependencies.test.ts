import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "../support/jest.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Package {
  readonly version: string;
  readonly dev?: true;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: true;
  readonly inBundle?: true;
  readonly optional?: true;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly hasInstallScript?: true;
}

const read = (path: string) => readFileSync(`${ROOT}${path}`, "utf8");
const manifest = JSON.parse(read("package.json"));
const direct: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies };
const lock = JSON.parse(read("package-lock.json")).packages;
const locked = Object.entries<Package>(lock).filter(([path]) => path !== "");
const document = read("docs/security.md");

const nameOf = (path: string) => path.replace(/^.*node_modules\//, "");
const named = (packages: typeof locked) => [...new Set(packages.map(([path]) => nameOf(path)))].sort();
const installed = (path: string) =>
  existsSync(`${ROOT}${path}/package.json`) ? JSON.parse(read(`${path}/package.json`)) : undefined;

/** Returns the cells of the table rows under a heading, without backticks. */
function rowsUnder(heading: string): string[][] {
  const section = document.split(`\n${heading}\n`)[1]?.split(/^##/m)[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")),
  );
}

describe("docs/security.md", () => {
  const rows = rowsUnder("## Dependencies");

  it("has a row for each direct dependency and no others", () => {
    expect(rows.map(([name]) => name).sort()).toEqual(Object.keys(direct).sort());
  });

  it.each(rows)("gives the purpose and licence of %s", (name, reason, licence) => {
    expect(reason).not.toBe("");
    expect(licence).toBe(installed(`node_modules/${name}`).license);
  });

  it("has a row with a reason for each package whose install script is denied", () => {
    const scripts = rowsUnder("### Scripts on installation");

    expect(scripts.map(([name]) => name).sort()).toEqual(Object.keys(manifest.allowScripts).sort());
    expect(scripts.flat()).not.toContain("");
  });

  it("names existing tests", () => {
    const tests = [...document.matchAll(/`((?:test\/|\.ci\/)[^`]+)`/g)].map(([, path]) => path ?? "");

    expect(tests.length).toBeGreaterThan(40);
    expect(tests.filter((path) => !existsSync(`${ROOT}${path}`))).toEqual([]);
  });
});

describe("package-lock.json", () => {
  it("has the exact versions of package.json", () => {
    expect(Object.values(direct).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect({ ...lock[""].dependencies, ...lock[""].devDependencies }).toEqual(direct);
    for (const [name, version] of Object.entries(direct)) expect(lock[`node_modules/${name}`].version).toBe(version);
  });

  it("contains only tarballs from a registry", () => {
    const fromElsewhere = locked.filter(
      ([, { resolved, link }]) => link || !/^https:\/\/[^/]+\/.+\.tgz$/.test(resolved ?? "https://registry/any.tgz"),
    );

    expect(named(fromElsewhere)).toEqual([]);
  });

  it("has a hash for each package, except bundled packages and native parts of other platforms", () => {
    const withoutHash = locked.filter(([, { integrity }]) => !integrity?.startsWith("sha512-"));
    const unexplained = withoutHash.filter(
      ([, { inBundle, optional, os, cpu }]) => !inBundle && !(optional && (os || cpu)),
    );

    expect(named(unexplained)).toEqual([]);
  });
});

// test/exhaustive/sbom.test.ts checks the licences of what is bundled.
it("all packages that npm installs with this one have permissive licences", () => {
  const production = locked.filter(([, { dev }]) => !dev);
  // An object is the form of packages from before 2014.
  const licences = production.map(([path]) => [
    nameOf(path),
    installed(path)?.license.type ?? installed(path)?.license,
  ]);

  expect(licences.length).toBeGreaterThan(20);
  expect(licences.filter(([, licence]) => !["MIT", "Apache-2.0", "ISC", "BSD-3-Clause"].includes(licence))).toEqual([]);
});

describe("install scripts", () => {
  it("exist only in known packages, and are denied", () => {
    const flagged = locked.filter(([, { hasInstallScript }]) => hasInstallScript);
    const scripted = locked.filter(([path]) => {
      const { scripts = {}, gypfile } = installed(path) ?? {};
      return scripts.preinstall || scripts.install || scripts.postinstall || gypfile === true;
    });

    expect(named([...flagged, ...scripted])).toEqual(Object.keys(manifest.allowScripts).sort());
    expect(Object.values(manifest.allowScripts)).toEqual(Object.keys(manifest.allowScripts).map(() => false));
  });

  it("exist in one package that npm installs with this one, and not in this one", () => {
    const production = locked.filter(([, { dev, hasInstallScript }]) => !dev && hasInstallScript);

    // It contains its binaries, and works without its script.
    expect(named(production)).toEqual(["classic-level"]);
    expect(Object.keys(manifest.scripts).filter((name) => /install$|^prepare$/.test(name))).toEqual([]);
  });
});
