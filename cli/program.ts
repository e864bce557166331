import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { enterCallersFolder } from "../local/callers-folder.ts";
import { accountsCommand } from "./commands/accounts.ts";
import { asOfCommand } from "./commands/as-of.ts";
import { changesCommand } from "./commands/changes.ts";
import { chartCommand } from "./commands/chart.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { exportCommand } from "./commands/export.ts";
import { gapsCommand } from "./commands/gaps.ts";
import { assetHistoryCommand } from "./commands/history.ts";
import { latestCommand } from "./commands/latest.ts";
import { reportCommand } from "./commands/report.ts";
import { snapshotCommand } from "./commands/snapshot.ts";
import { statementCommand } from "./commands/statement.ts";
import { totalsCommand } from "./commands/totals.ts";
import { verifyCommand } from "./commands/verify.ts";
import { assertNothingTakenByNpm, assertNoWords } from "./shared/npm-run.ts";
import { reportError, USAGE_ERROR } from "./shared/report-error.ts";
import { withStrictOptions } from "./shared/strict-options.ts";

/**
 * Runs a command line. Results go to stdout, everything else to stderr; it never throws. Sets `process.exitCode` to 1 if
 * something failed or is missing, and to 2 for a usage error.
 * @param args without the paths of Node and the script
 */
export async function runProgram(args: readonly string[]): Promise<void> {
  const program = new Command("balances")
    .description("Takes balance snapshots of Coinbase accounts and queries their history.")
    .version(projectVersion())
    // An option belongs to the command before it: `accounts` and `accounts retire` have some of the same names.
    .enablePositionalOptions()
    .hook("preAction", (_, command) => assertNoWords(command))
    .addCommand(snapshotCommand())
    .addCommand(accountsCommand())
    .addCommand(latestCommand())
    .addCommand(asOfCommand())
    .addCommand(assetHistoryCommand())
    .addCommand(totalsCommand())
    .addCommand(changesCommand())
    .addCommand(gapsCommand())
    .addCommand(exportCommand())
    .addCommand(chartCommand())
    .addCommand(reportCommand())
    .addCommand(statementCommand())
    .addCommand(verifyCommand())
    .addCommand(doctorCommand());
  for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])]) {
    command.showHelpAfterError("Run with --help for usage.").exitOverride();
    // The hook refuses arguments, with a better message.
    command.allowExcessArguments();
    withStrictOptions(command);
  }
  try {
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

function projectVersion(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}
