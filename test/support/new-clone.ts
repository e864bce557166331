import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { newFolder } from "./new-folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What the command line and the package are made of. */
const SOURCES = [
  ...["cli", "core", "demo", "infra", "lambda", "docs", "local", "report-page", "tools"],
  ...["package.json", "package-lock.json", "tsconfig.json", "README.md", "CHANGELOG.md", "LICENSE"],
];

/** Returns a copy of the project's sources, with the same packages. */
export function newClone(): string {
  const clone = newFolder();
  for (const path of SOURCES)
    cpSync(join(ROOT, path), join(clone, path), { recursive: true, preserveTimestamps: true });
  // Not a link to the whole folder, which would share the cache of the command line.
  const modules = join(clone, "node_modules");
  mkdirSync(modules);
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (name === ".bin" || !name.startsWith("."))
      symlinkSync(join(ROOT, "node_modules", name), join(modules, name), "junction");
  }
  return clone;
}
