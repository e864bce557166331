import { readFileSync } from "node:fs";
import { InputError } from "../../core/domain/errors.ts";
import { decodeText } from "../../core/domain/text-encoding.ts";
import { parseApiKey } from "../../core/key/api-key.ts";

/** Reads the text of the API key's file. @throws InputError if the file cannot be read */
export function readKeyFile(path: string): string {
  try {
    return decodeText(readFileSync(path));
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    const what = isKeyText(path) ? "the value is a key, not a path" : `cannot read ${path} (${code})`;
    throw new InputError("key_file_unreadable", [`--key-file: ${what}. Expected the path of the API key's JSON file.`]);
  }
}

/** @throws KeyError, with the file's path, if the text of the file is not a key */
export function assertKey(text: string, path: string): void {
  parseApiKey(text, { name: keyFileOption(path) });
}

/** Returns the option with its value, as messages name it. */
export function keyFileOption(path: string): string {
  return `--key-file ${path}`;
}

/** Returns whether the text is a key's, which must not be shown: JSON, a PEM, or base64 of as many bytes as a key has. */
function isKeyText(text: string): boolean {
  if (/[{\n]|-----BEGIN/.test(text)) return true;
  return /^[\w+/-]+={0,2}$/.test(text) && [32, 64].includes(Buffer.from(text, "base64").length);
}
