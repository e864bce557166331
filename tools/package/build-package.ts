/** `npm pack` and `npm publish` run this first: builds `dist/`, which is the package except for cli/bin.js and the documents. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { billOfMaterials } from "../sbom.ts";
import { bundlePackage, ROOT } from "./bundles.ts";
import { writeDeclarations } from "./declarations.ts";
import { noticesOf } from "./notices.ts";
import { writeText } from "./write-text.ts";

const dist = join(ROOT, "dist");
rmSync(dist, { recursive: true, force: true });
const bundled = await bundlePackage(dist);
writeDeclarations(join(dist, "types"), ["infra/index", "core/history-library"]);
writeText(join(dist, "THIRD-PARTY-NOTICES.txt"), noticesOf(bundled));
writeText(join(dist, "sbom.cdx.json"), billOfMaterials(bundled));
