/** `npm run -s balances -- <command>`: the command line. Exit codes: 0; 1: something failed or is missing; 2: usage error. */
import { suppressSdkVersionWarning } from "../local/sdk-version-warning.ts";
import { runProgram } from "./program.ts";

suppressSdkVersionWarning();

// A closed pipe (`| head`) is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  process.stderr.write(`Writing stdout failed: ${error.message}.\n`);
  process.exit(1);
});

await runProgram(process.argv.slice(2));
