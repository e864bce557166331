import type { Command } from "commander";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { historyCommand, type ValueOptions, withHistory } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { reportMissing } from "../shared/output.ts";
import { printSnapshots } from "../shared/print-snapshots.ts";

export function latestCommand(): Command {
  return historyCommand("latest", "shows the newest complete snapshot of each account")
    .option("--denomination <symbol>", "show and sort values in this denomination", DEFAULT_DENOMINATION)
    .action((given: ValueOptions) =>
      withHistory(given, async (context, options) => {
        const snapshots: Snapshot[] = [];
        for (const accountId of context.accountIds) {
          const snapshot = await context.history.latest(accountId);
          if (snapshot !== undefined) snapshots.push(snapshot);
          else reportMissing(`${accountId} has no complete snapshot yet. Run the command gaps to see why.`);
        }
        await printSnapshots(snapshots, context, options.denomination);
      }),
    );
}
