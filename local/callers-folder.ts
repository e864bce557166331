import { InputError } from "../core/domain/errors.ts";
import { npmScript } from "./npm-script.ts";

/**
 * Makes the folder from which npm was started the current one, because npm runs a script in the project's folder. So
 * relative paths mean the same with and without npm, on the command line and in variables, also in the AWS SDK's own.
 * @throws InputError if the folder cannot be entered
 */
export function enterCallersFolder(): void {
  const { INIT_CWD: folder } = process.env;
  if (folder === undefined || npmScript() === undefined || folder === process.cwd()) return;
  try {
    process.chdir(folder);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    throw new InputError("usage", [
      `Cannot enter ${folder} (${code}), the folder from which npm was started. Relative paths would mean other files. ` +
        "Start the command from another folder.",
    ]);
  }
}
