import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../../core/domain/errors.ts";

/**
 * Reads the file that an option names.
 * @param expected what the option expects, as a sentence
 * @throws InputError if the file cannot be read
 */
export function readOptionFile(option: string, path: string, expected: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    throw new InputError("usage", [`${option}: cannot read ${path} (${code}). ${expected}`]);
  }
}

/** Reads the API key's file. @throws InputError if the file cannot be read */
export function readKeyFile(path: string): string {
  return readOptionFile("--key-file", path, "Expected the path of the API key's JSON file.");
}

/** Checks that `--out` can be written, before the work that takes minutes. @throws InputError */
export function assertOutFile(path: string): void {
  const isFolder = (name: string) => statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder(path)) throw new InputError("usage", [`--out: ${path} is a folder. Expected the path of a file.`]);
  if (!isFolder(dirname(path))) {
    throw new InputError("usage", [
      `--out: the folder ${dirname(path)} does not exist. Create it, or choose another folder.`,
    ]);
  }
}
