import { readFileSync } from "node:fs";
import { InputError } from "../lambda/domain/errors.ts";

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
