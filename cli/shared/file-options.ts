import { readFileSync } from "node:fs";
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
