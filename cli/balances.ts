/** `npm run -s balances -- <command>`: the command line. Exit codes: 0, 1 (something failed or is missing), 2 (wrong use). */
import { suppressSdkVersionWarning } from "../local/dynamodb/embedded-dynamodb.ts";
import { runProgram } from "./program.ts";

suppressSdkVersionWarning();

// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) =>
  process.exit(error.code === "EPIPE" ? (process.exitCode ?? 0) : 1),
);

await runProgram(process.argv.slice(2));
