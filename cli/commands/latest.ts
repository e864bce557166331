import type { Command } from "commander";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { asOf, END_OF_TIME } from "../../core/history/as-of.ts";
import { type BalanceRow, balanceRows } from "../../core/history/rows.ts";
import { snapshotTable } from "../shared/format/snapshot-table.ts";
import { type HistoryOptions, historyCommand, type OpenHistory, withHistory } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/known-names.ts";
import { localTime } from "../shared/moment.ts";
import { type Field, print, printRows } from "../shared/output.ts";

interface Options extends HistoryOptions {
  readonly denomination: string;
}

/** `latest`: the newest complete snapshot of each account. */
export function latestCommand(): Command {
  return historyCommand("latest", "shows the newest complete snapshot of each account")
    .option("--denomination <symbol>", "in which values are shown and sorted", DEFAULT_DENOMINATION)
    .action((options: Options) =>
      withHistory(options, async (history) => {
        const { now } = history;
        const snapshots: Snapshot[] = [];
        for (const accountId of history.accountIds) {
          const snapshot = await asOf(history.reader, accountId, END_OF_TIME, history.periodMs({ from: now, to: now }));
          if (snapshot !== undefined) snapshots.push(snapshot);
          else reportMissing(`${accountId} has no complete snapshot yet; the command gaps says why.`);
        }
        await printSnapshots(snapshots, history, options.denomination);
      }),
    );
}

/** The answer lacks something that was asked for: said on stderr, and by the exit code. */
export function reportMissing(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

/**
 * Snapshots with all their balances.
 * @param asked the moment that they were asked for; default: now
 */
export async function printSnapshots(
  snapshots: readonly Snapshot[],
  { format, reader, timezone, now }: OpenHistory,
  denomination: string,
  asked?: number,
): Promise<void> {
  if (format === "table") {
    const assets = await reader.assets();
    for (const snapshot of snapshots) {
      await print(`${snapshotTable(snapshot, { denomination, assets, timezone, now, asked })}\n\n`);
    }
    return;
  }
  for (const { accountId, slot, assets } of snapshots) {
    if (assets === 0) process.stderr.write(`${accountId} holds nothing (slot ${slot}).\n`);
  }
  const rows = snapshots.flatMap((snapshot) => balanceRows(snapshot, denomination));
  await printRows(rows, format, balanceFields(denomination, timezone));
}

/** The columns of a balance. An asset without a price has empty values: unpriced is not worthless. */
function balanceFields(denomination: string, timezone: string): Field<BalanceRow>[] {
  return [
    { title: "slot", text: (row) => localTime(row.slot, timezone) },
    { title: "capturedAt", text: (row) => localTime(row.capturedAt, timezone) },
    { title: "accountId", text: (row) => row.accountId },
    { title: "asset", text: (row) => row.asset },
    { title: "available", text: (row) => row.available },
    { title: "total", text: (row) => row.total },
    { title: "hold", text: (row) => row.hold },
    { title: "denomination", text: () => denomination },
    { title: "valueAvailable", text: (row) => row.values[denomination]?.available },
    { title: "valueTotal", text: (row) => row.values[denomination]?.total },
  ];
}
