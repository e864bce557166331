import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Returns the text of a source file and of every project file that it imports, directly or not, by path. */
export function importedFiles(path: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(path)) return seen;
  const text = readFileSync(path, "utf8");
  seen.set(path, text);
  for (const [, to = ""] of text.matchAll(/from "(\.[^"]+)"/g)) importedFiles(resolve(dirname(path), to), seen);
  return seen;
}
