import type { Command } from "commander";
import type { AccountHolding } from "../../core/history/sum-rows.ts";
import { historyCommand, type ValueOptions, withHistory } from "../shared/history-command.ts";
import { accountsAt, LATEST, whyInactive } from "../shared/inactive-accounts.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { reportFailure } from "../shared/output.ts";
import { byOption, holdingOf, printHoldings, type SumOptions } from "../shared/print-sums.ts";

export function latestCommand(): Command {
  return historyCommand("latest", "shows the newest complete snapshot of each account that has not ended")
    .option("--denomination <symbol>", "show and sort values in this denomination", DEFAULT_DENOMINATION)
    .addOption(byOption())
    .action((given: ValueOptions & SumOptions) =>
      withHistory(given, async (context, options) => {
        const accounts: AccountHolding[] = [];
        const { history, selected } = context;
        for (const accountId of accountsAt(context, LATEST)) {
          const isShown = selected || history.isActive(accountId, LATEST);
          const snapshot = isShown ? await history.latest(accountId) : undefined;
          if (snapshot === undefined || !history.isActive(accountId, LATEST))
            reportFailure(whyInactive(context, accountId, LATEST));
          if (snapshot !== undefined || history.isActive(accountId, LATEST))
            accounts.push(holdingOf(context, accountId, snapshot, LATEST));
        }
        await printHoldings(accounts, context, options);
      }),
    );
}
