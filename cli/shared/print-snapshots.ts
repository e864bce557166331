import type { Snapshot } from "../../core/domain/snapshot.ts";
import { type BalanceRow, balanceRows } from "../../core/history/balance-rows.ts";
import { snapshotTable } from "./format/snapshot-table.ts";
import type { CommandContext } from "./history-command.ts";
import { columns, denominationColumn, type Field, print, printRows, terminalColumns, timeColumns } from "./output.ts";

/**
 * Prints snapshots with all their balances.
 * @param asOf the time that the snapshots were queried for, milliseconds since 1970; default: now
 */
export async function printSnapshots(
  snapshots: readonly Snapshot[],
  { format, history, timezone, now }: CommandContext,
  denomination: string,
  asOf?: number,
): Promise<void> {
  if (format === "table") {
    const view = { denomination, assets: await history.assets(), timezone, now, asOf, maxWidth: terminalColumns() };
    for (const snapshot of snapshots) await print(`${snapshotTable(snapshot, view)}\n\n`);
    return;
  }
  for (const { accountId, slot, assets } of snapshots) {
    if (assets === 0) process.stderr.write(`${accountId} has no holdings in slot ${slot}.\n`);
  }
  const rows = snapshots.flatMap((snapshot) => balanceRows(snapshot, denomination));
  await printRows(rows, format, balanceFields(denomination, timezone));
}

/** An asset without a price has empty values, because an unknown value is not zero. */
function balanceFields(denomination: string, timezone: string): Field<BalanceRow>[] {
  return [
    ...timeColumns<BalanceRow>(timezone, "slot", "capturedAt"),
    ...columns<BalanceRow>("accountId", "asset", "available", "total", "hold"),
    denominationColumn(denomination),
    { title: "valueAvailable", text: (row) => row.values[denomination]?.available },
    { title: "valueTotal", text: (row) => row.values[denomination]?.total },
  ];
}
