import type { Command } from "commander";
import { pMapIterable } from "p-map";
import { END_OF_TIME } from "../../core/history/history.ts";
import type { AccountHolding } from "../../core/history/sum-rows.ts";
import { labelOf } from "../shared/account-names.ts";
import { localTime } from "../shared/date-time.ts";
import {
  type CommandContext,
  historyCommand,
  READ_CONCURRENCY,
  type ValueOptions,
  withHistory,
} from "../shared/history-command.ts";
import { accountsAt, whyInactive } from "../shared/inactive-accounts.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { printNote, reportFailure } from "../shared/output.ts";
import { byOption, holdingOf, printHoldings, type SumOptions } from "../shared/print-sums.ts";
import { whyNoSnapshotNow } from "../shared/unknown-balances.ts";

export function latestCommand(): Command {
  return historyCommand("latest")
    .option("--denomination <symbol>", "show and sort values in this denomination", DEFAULT_DENOMINATION)
    .addOption(byOption())
    .action((given: ValueOptions & SumOptions) =>
      withHistory(given, async (context, options) => {
        const accounts: AccountHolding[] = [];
        const { history, isSelected } = context;
        const read = async (accountId: string) => {
          const isShown = isSelected(accountId) || history.isActive(accountId, END_OF_TIME);
          return { accountId, snapshot: isShown ? await history.latest(accountId) : undefined };
        };
        const ids = accountsAt(context, END_OF_TIME);
        for await (const { accountId, snapshot } of pMapIterable(ids, read, { concurrency: READ_CONCURRENCY })) {
          const isActive = history.isActive(accountId, END_OF_TIME);
          if (!isActive) reportFailure(whyInactive(context, accountId, END_OF_TIME));
          else if (snapshot === undefined) reportFailure(whyNoSnapshotNow(context, accountId));
          if (snapshot !== undefined || isActive) accounts.push(holdingOf(context, accountId, snapshot, END_OF_TIME));
        }
        await printHoldings(accounts, context, options);
        if (options.by !== undefined) noteOldSnapshots(accounts, context);
      }),
    );
}

/** A sum does not show how old each of its snapshots is: mentions those that are older than the last slot but one. */
function noteOldSnapshots(accounts: readonly AccountHolding[], { history, now, timezone }: CommandContext): void {
  for (const { accountId, snapshot } of accounts) {
    if (snapshot === undefined || history.isFresh(snapshot, now)) continue;
    const time = localTime(snapshot.capturedAt, timezone);
    printNote(
      `${labelOf(history, accountId)}: the newest snapshot was captured at ${time}. Later slots have none. Run balances gaps.`,
    );
  }
}
