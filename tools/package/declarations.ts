import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ROOT } from "./bundles.ts";
import { writeText } from "./write-text.ts";

const TSC = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

/** A relative path after `from` or in `import()`. */
const SPECIFIER = /(?<=(?:from |import\()")(\.{1,2}\/[^"]+)\.ts(?=")/g;

/**
 * Writes the declarations of the entry points, and of the modules that they refer to, into a folder.
 * @param entries paths in the project without `.ts`
 */
export function writeDeclarations(outdir: string, entries: readonly string[]): void {
  const all = mkdtempSync(join(tmpdir(), "declarations-"));
  try {
    const project = join(ROOT, "tools", "package", "tsconfig.json");
    execFileSync(process.execPath, [TSC, "-p", project, "--outDir", all], { stdio: ["ignore", "inherit", "inherit"] });
    const needed = new Set(entries);
    for (const module of needed) {
      const text = readFileSync(join(all, `${module}.d.ts`), "utf8");
      for (const [, path = ""] of text.matchAll(SPECIFIER)) needed.add(resolve("/", dirname(module), path).slice(1));
      // TypeScript leaves the endings of the sources.
      writeText(join(outdir, `${module}.d.ts`), text.replaceAll(SPECIFIER, "$1.js"));
    }
  } finally {
    rmSync(all, { recursive: true });
  }
}
