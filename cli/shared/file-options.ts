import { readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../../core/domain/errors.ts";

/** The exit code of a program that SIGINT ended. */
const INTERRUPTED = 130;

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

/**
 * Writes a file that appears at `path` only when it is complete. A failure, SIGINT or SIGTERM deletes what was written.
 * @param write writes the whole content to the path that it receives
 * @returns what `write` returns
 */
export async function writeWholeFile<T>(path: string, write: (partialPath: string) => Promise<T>): Promise<T> {
  const partialPath = `${path}.partial`;
  const cleanUp = () => rmSync(partialPath, { force: true });
  const interrupt = () => {
    cleanUp();
    process.exit(INTERRUPTED);
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const result = await write(partialPath);
    renameSync(partialPath, path);
    return result;
  } catch (thrown) {
    cleanUp();
    throw thrown;
  } finally {
    process.removeListener("SIGINT", interrupt).removeListener("SIGTERM", interrupt);
  }
}
