import { Command, CommanderError } from "commander";
import { enterCallersFolder } from "../local/callers-folder.ts";
import manifest from "../package.json" with { type: "json" };
import { COMMANDS, type CommandEntry } from "./commands.ts";
import { assertNothingTakenByNpm, assertNoWords } from "./shared/npm-run.ts";
import { reportError, USAGE_ERROR } from "./shared/report-error.ts";
import { withStrictOptions } from "./shared/strict-options.ts";

/**
 * Runs a command line. Results go to stdout, everything else to stderr; it never throws. Sets `process.exitCode` to 1 if
 * something failed or is missing, and to 2 for a usage error.
 * @param args without the paths of Node and the script
 */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    // `completion` lists the options of all commands.
    const program = await createProgram(({ name }) => args.includes(name) || args[0] === "completion");
    enterCallersFolder();
    assertNothingTakenByNpm(
      program.commands.find((command) => command.name() === args[0]),
      args,
    );
    await program.parseAsync(args, { from: "user" });
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      // Commander has already printed the message. Its exit code is 0 for --help and --version.
      if (thrown.exitCode !== 0) process.exitCode = USAGE_ERROR;
      return;
    }
    reportError(thrown);
  }
}

/**
 * Creates the command line.
 * @param isNeeded whether to load a command; the others have only a name and a description, for the list in --help
 */
export async function createProgram(isNeeded: (entry: CommandEntry) => boolean): Promise<Command> {
  const program = new Command("balances")
    .description("Takes balance snapshots of Coinbase accounts and queries their history.")
    .version(manifest.version)
    // An option belongs to the command before it: `accounts` and `accounts retire` have some of the same names.
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .hook("preAction", (_, command) => assertNoWords(command));
  for (const entry of COMMANDS) {
    const command = isNeeded(entry) ? await entry.load(runProgram) : new Command(entry.name);
    program.addCommand(command.description(entry.description));
  }
  for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])]) {
    command.showHelpAfterError("Run with --help for usage.").exitOverride();
    // The hook refuses arguments, with a better message.
    command.allowExcessArguments();
    withStrictOptions(command);
  }
  return program;
}
