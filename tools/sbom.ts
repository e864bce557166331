/** `npm run sbom`: writes the software bill of materials of a release to `NAME-VERSION.cdx.json`. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** The parts of a CycloneDX document that this script reads or changes. https://cyclonedx.org/docs/1.5/json */
interface Bill {
  readonly metadata: { readonly component: { readonly "bom-ref": string; name: string } };
  components: readonly { readonly "bom-ref": string; readonly properties: readonly { readonly name: string }[] }[];
  dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * Writes the production dependencies as a CycloneDX document: all installed packages except those for development only.
 * Does not use `npm sbom --omit=dev`, which also omits production packages that a development package depends on
 * (npm 11.19 omits zod).
 * @returns the file's path
 */
export function writeBillOfMaterials(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const text = execFileSync("npm", ["sbom", "--sbom-format=cyclonedx", "--sbom-type=application"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const bill: Bill = JSON.parse(text);
  const { component } = bill.metadata;
  // npm uses the name of the folder.
  component.name = name;
  bill.components = bill.components.filter(
    ({ properties }) => !properties.some((property) => property.name === "cdx:npm:package:development"),
  );
  const included = new Set([component["bom-ref"], ...bill.components.map((entry) => entry["bom-ref"])]);
  bill.dependencies = bill.dependencies
    .filter(({ ref }) => included.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((dependency) => included.has(dependency)) }));
  const path = join(folder, `${name}-${version}.cdx.json`);
  writeFileSync(path, `${JSON.stringify(bill, null, 2)}\n`);
  return path;
}

if (import.meta.url === `file://${process.argv[1]}`) console.log(writeBillOfMaterials(ROOT));
