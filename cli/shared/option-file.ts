import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../../core/domain/errors.ts";

/**
 * The text of a file that an option names.
 * @param remedy what to give in its place, a sentence
 * @throws InputError `usage` where it cannot be read
 */
export function readOptionFile(option: string, path: string, remedy: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    throw new InputError("usage", [`${option}: ${path} cannot be read (${code}). ${remedy}`]);
  }
}

/** The text of the key's file. @throws InputError `usage` where it cannot be read */
export function readKeyFile(path: string): string {
  return readOptionFile("--key-file", path, "Give the path of the key's JSON file.");
}

/**
 * That a file can be where `--out` says, before an answer that takes minutes is made for it.
 * @throws InputError `usage` where its folder is not there, or where a folder is in its place
 */
export function assertOutFile(path: string): void {
  const isFolder = (of: string) => statSync(of, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder(path)) throw new InputError("usage", [`--out: ${path} is a folder. Give a file in it.`]);
  if (!isFolder(dirname(path))) {
    throw new InputError("usage", [
      `--out: there is no folder ${dirname(path)}. Make it, or give a file in another one.`,
    ]);
  }
}
