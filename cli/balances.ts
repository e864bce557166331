/** `npm run -s balances -- <command>`: the command line. Exit codes: 0, 1 (something failed or is missing), 2 (wrong use). */
import { Command } from "commander";
import { InputError, JobError } from "../lambda/domain/errors.ts";
import { quietSdk } from "../local/dynamodb.ts";
import { accountsCommand } from "./commands/accounts.ts";
import { asOfCommand } from "./commands/as-of.ts";
import { changesCommand } from "./commands/changes.ts";
import { chartCommand } from "./commands/chart.ts";
import { exportCommand } from "./commands/export.ts";
import { gapsCommand } from "./commands/gaps.ts";
import { historyOfAssetCommand } from "./commands/history.ts";
import { latestCommand } from "./commands/latest.ts";
import { reportCommand } from "./commands/report.ts";
import { snapshotCommand } from "./commands/snapshot.ts";
import { totalsCommand } from "./commands/totals.ts";

const WRONG_USE = 2;

quietSdk();
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
  .addCommand(reportCommand());
for (const command of [program, ...program.commands]) {
  command.showHelpAfterError("(add --help for what is possible)").exitOverride(({ exitCode }) => {
    process.exit(exitCode === 0 ? 0 : WRONG_USE);
  });
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) =>
  process.exit(error.code === "EPIPE" ? (process.exitCode ?? 0) : 1),
);

try {
  await program.parseAsync();
} catch (thrown) {
  const known = thrown instanceof JobError;
  process.stderr.write(`${known ? thrown.message : ((thrown as Error).stack ?? thrown)}\n`);
  process.exitCode = thrown instanceof InputError ? WRONG_USE : 1;
}
