import { Command, CommanderError } from "commander";
import { InputError, JobError, messageWithFix } from "../core/domain/errors.ts";
import { accountsCommand } from "./commands/accounts.ts";
import { asOfCommand } from "./commands/as-of.ts";
import { changesCommand } from "./commands/changes.ts";
import { chartCommand } from "./commands/chart.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { exportCommand } from "./commands/export.ts";
import { gapsCommand } from "./commands/gaps.ts";
import { historyOfAssetCommand } from "./commands/history.ts";
import { latestCommand } from "./commands/latest.ts";
import { reportCommand } from "./commands/report.ts";
import { snapshotCommand } from "./commands/snapshot.ts";
import { totalsCommand } from "./commands/totals.ts";
import { verifyCommand } from "./commands/verify.ts";

const WRONG_USE = 2;

/**
 * Runs a command line: its answer on stdout, all else on stderr, never an exception. In `process.exitCode` it leaves 1 if
 * something failed or is missing, 2 for wrong use, and nothing if all is well.
 * @param args without the names of Node and of the script
 */
export async function runProgram(args: readonly string[]): Promise<void> {
  const program = new Command("balances")
    .description("Balance snapshots of Coinbase accounts: takes them, and shows what was held.")
    .addCommand(snapshotCommand())
    .addCommand(accountsCommand())
    .addCommand(latestCommand())
    .addCommand(asOfCommand())
    .addCommand(historyOfAssetCommand())
    .addCommand(totalsCommand())
    .addCommand(changesCommand())
    .addCommand(gapsCommand())
    .addCommand(exportCommand())
    .addCommand(chartCommand())
    .addCommand(reportCommand())
    .addCommand(verifyCommand())
    .addCommand(doctorCommand());
  for (const command of [program, ...program.commands]) {
    command.showHelpAfterError("(add --help for what is possible)").exitOverride();
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      // Commander has told it already. Asking for help is none of its errors.
      if (thrown.exitCode !== 0) process.exitCode = WRONG_USE;
      return;
    }
    process.stderr.write(`${describeError(thrown)}\n`);
    process.exitCode = thrown instanceof InputError ? WRONG_USE : 1;
  }
}

function describeError(thrown: unknown): string {
  if (thrown instanceof JobError) return messageWithFix(thrown);
  if (!(thrown instanceof Error)) return String(thrown);
  // An error of the operating system, such as a full disk, is not a bug of this program: its message is enough.
  return "syscall" in thrown ? thrown.message : (thrown.stack ?? thrown.message);
}
