import { Option } from "commander";
import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { type AccountHolding, SUM_KINDS, type SumKind, type SumRow, sumRows } from "../../core/history/sum-rows.ts";
import { named } from "./account-names.ts";
import {
  type AnyOf,
  countsField,
  coverageField,
  type Field,
  fieldsOf,
  quotedIfLabel,
  withDropOrder,
} from "./fields.ts";
import type { CommandContext } from "./history-command.ts";
import { printRows } from "./output.ts";
import { printSnapshots } from "./print-snapshots.ts";

/** The option `--by` of a command that can sum over accounts. */
export interface SumOptions {
  readonly denomination: string;
  readonly by?: SumKind;
}

/** Creates the option `--by`, which sums over accounts. */
export function byOption(): Option {
  return new Option(
    "--by <what>",
    "sums over all accounts, with a total: for each asset, account, type, owner or key",
  ).choices(SUM_KINDS);
}

/** Returns an account with its snapshot and its description at the time of it. @param at if it has none */
export function holdingOf(
  { history }: Pick<CommandContext, "history">,
  accountId: string,
  snapshot: Snapshot | undefined,
  at: number,
): AccountHolding {
  return { ...history.description(accountId, snapshot ? Date.parse(snapshot.completedAt) : at), snapshot };
}

/**
 * Prints what accounts hold: their snapshots, or sums over them.
 * @param at the time that the snapshots were queried for, milliseconds since 1970; default: now
 */
export async function printHoldings(
  accounts: readonly AccountHolding[],
  context: CommandContext,
  { by, denomination }: SumOptions,
  at?: number,
): Promise<void> {
  if (by === undefined) {
    const snapshots = accounts.flatMap(({ snapshot }) => snapshot ?? []);
    return printSnapshots(snapshots, context, denomination, at);
  }
  const time = at === undefined ? {} : { at: slotAt(at) };
  const atField = fieldsOf<SumRow & { readonly at?: string }>({ at: "time" }, context);
  const rows = sumRows(by, accounts, { denomination, assets: await context.history.assets() });
  await printRows(
    rows.map((row) => ({ ...time, ...namedSum(context, row, at) })),
    context,
    [...(at === undefined ? [] : atField), ...sumFields(by, context)],
  );
}

/** Adds the name of an account to its row. @param at the time of a row without a snapshot */
export function namedSum({ history }: Pick<CommandContext, "history">, row: SumRow, at?: number): SumRow {
  return "accountId" in row ? named(history, row, row.completedAt ?? at) : row;
}

type AnySum = AnyOf<SumRow>;

/** Returns the columns of sums. */
export function sumFields(by: SumKind, context: CommandContext): Field<SumRow>[] {
  const isTable = context.format === "table";
  const of = (kinds: Parameters<typeof fieldsOf<AnySum>>[0]) => fieldsOf<AnySum>(kinds, context);
  const labelled = (fields: readonly Field<AnySum>[]) =>
    fields.map((field) => {
      // Beside an account, its key is no label.
      if (by === "account" && field.title === "key") return field;
      return { ...field, text: (row: AnySum) => rowLabel(row, field.text(row), by, isTable) };
    });
  const accounts = countsField();
  const countText = (row: AnySum) => (by === "account" && row.record === "sum" ? "" : accounts.text(row));
  const counts: Field<AnySum>[] = [{ ...accounts, text: countText }, coverageField()];
  const fields =
    by === "asset"
      ? [
          ...labelled(of({ asset: "text" })),
          ...of({ name: "text", quantity: "decimal", available: "decimal", hold: "decimal" }),
          ...of({ denomination: "shared", value: "decimal", derivedPrice: "decimal", share: "decimal" }),
          ...counts,
          ...of({ capturedAt: "time", unpriced: "accounts", unsettled: "accounts" }),
        ]
      : [
          ...labelled(of({ [by === "account" ? "accountId" : by]: by === "account" ? "account" : "text" })),
          ...of({ denomination: "shared", valueAvailable: "decimal", value: "decimal", share: "decimal" }),
          ...of(by === "account" ? { assets: "count" } : {}),
          ...counts,
          ...of({ ...(by === "account" && { slot: "time" as const }), capturedAt: "time", missing: "text" }),
        ];
  const problems = of({ without: "accounts", altered: "accounts" });
  return withDropOrder(
    [...(isTable ? [] : of({ record: "text" })), ...fields, ...problems],
    ["name", "available", "hold", "valueAvailable", "assets", "slot", "capturedAt"],
    ["accounts", "coverage"],
    ["derivedPrice"],
  ) as Field<SumRow>[];
}

/** A table has the label of the total row in its first column; an unknown type, owner or key has one too. */
function rowLabel({ record }: AnySum, text: string | null | undefined, by: SumKind, isTable: boolean): string {
  if (record === "total") return isTable ? "total" : "";
  return (isTable ? quotedIfLabel(text) : text) || (by === "asset" || by === "account" ? "" : "unknown");
}
