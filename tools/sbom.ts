/** `npm run sbom`: the software bill of materials of a release, in a file that is named by the version. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** The parts of a CycloneDX document that are touched here. https://cyclonedx.org/docs/1.5/json */
interface Bill {
  readonly metadata: { readonly component: { readonly "bom-ref": string; name: string } };
  components: readonly { readonly "bom-ref": string; readonly properties: readonly { readonly name: string }[] }[];
  dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * Writes what production is made of, as CycloneDX: each package of the installed tree that is not there for development
 * alone. Chosen here, for `npm sbom --omit=dev` also leaves out what production needs where something else develops with it
 * (seen with npm 11.19: zod).
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
  // npm takes the folder's name.
  component.name = name;
  bill.components = bill.components.filter(
    ({ properties }) => !properties.some((property) => property.name === "cdx:npm:package:development"),
  );
  const there = new Set([component["bom-ref"], ...bill.components.map((of) => of["bom-ref"])]);
  bill.dependencies = bill.dependencies
    .filter(({ ref }) => there.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((on) => there.has(on)) }));
  const path = join(folder, `${name}-${version}.cdx.json`);
  writeFileSync(path, `${JSON.stringify(bill, null, 2)}\n`);
  return path;
}

if (import.meta.url === `file://${process.argv[1]}`) console.log(writeBillOfMaterials(ROOT));
