import type { Snapshot } from "../../core/domain/snapshot.ts";
import { type BalanceRow, balanceRows } from "../../core/history/balance-rows.ts";
import { labelOf, named } from "./account-names.ts";
import { alteredField, denominationField, type Field, fieldsOf } from "./fields.ts";
import { snapshotTable } from "./format/snapshot-table.ts";
import type { CommandContext } from "./history-command.ts";
import { print, printRows, tableWidth } from "./output.ts";

/**
 * Prints snapshots with all their balances.
 * @param asOf the time that the snapshots were queried for, milliseconds since 1970; default: now
 */
export async function printSnapshots(
  snapshots: readonly Snapshot[],
  context: CommandContext,
  denomination: string,
  asOf?: number,
): Promise<void> {
  const { format, history, timezone, now } = context;
  if (format === "table") {
    const view = { denomination, assets: await history.assets(), timezone, now, asOf, maxWidth: tableWidth(context) };
    for (const snapshot of snapshots) {
      const { name, key } = history.description(snapshot.accountId, Date.parse(snapshot.completedAt));
      await print(`${snapshotTable(snapshot, { ...view, name, key })}\n\n`);
    }
    return;
  }
  for (const { accountId, slot, assets } of snapshots) {
    if (assets === 0) process.stderr.write(`${labelOf(history, accountId)} has no holdings in slot ${slot}.\n`);
  }
  const rows = snapshots.flatMap((snapshot) =>
    balanceRows(snapshot, denomination).map((row) => named(history, row, row.completedAt)),
  );
  await printRows(rows, context, balanceFields(denomination, context));
}

/** An asset without a price has empty values, because an unknown value is not zero. */
function balanceFields(denomination: string, context: CommandContext): Field<BalanceRow>[] {
  const quantities = { available: "decimal", total: "decimal", hold: "decimal" } as const;
  const names = { accountId: "account", asset: "text" } as const;
  return [
    ...fieldsOf<BalanceRow>(
      { slot: "time", capturedAt: "time", completedAt: "time", ...names, ...quantities },
      context,
    ),
    denominationField(denomination),
    { title: "valueAvailable", text: ({ values }) => values[denomination]?.available },
    { title: "valueTotal", text: ({ values }) => values[denomination]?.total },
    alteredField(),
  ];
}
