import { Option } from "commander";
import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { type AccountHolding, SUM_KINDS, type SumKind, type SumRow, sumRows } from "../../core/history/sum-rows.ts";
import { named } from "./account-names.ts";
import { type Field, fieldsOf, withDropOrder } from "./fields.ts";
import type { CommandContext } from "./history-command.ts";
import { printRows } from "./output.ts";
import { printSnapshots } from "./print-snapshots.ts";

/** The option `--by` of a command that can sum over accounts. */
export interface SumOptions {
  readonly denomination: string;
  readonly by?: SumKind;
}

export function byOption(): Option {
  return new Option(
    "--by <what>",
    "sums over all accounts, with a total: for each asset, account, type or owner",
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

/** Any of the properties that a row can have. */
type AnySum = { readonly [Name in SumRow extends infer Row ? (Row extends Row ? keyof Row : never) : never]?: unknown };

/** Returns the columns of sums. */
export function sumFields(by: SumKind, context: CommandContext): Field<SumRow>[] {
  const isTable = context.format === "table";
  const of = (kinds: Parameters<typeof fieldsOf<AnySum>>[0]) => fieldsOf<AnySum>(kinds, context);
  const labelled = (fields: readonly Field<AnySum>[]) =>
    fields.map((field) => ({ ...field, text: (row: AnySum) => labelOf(row, field.text(row), by, isTable) }));
  const counts: Field<AnySum>[] = [
    {
      title: "accounts",
      kind: "count",
      text: ({ record, accounts, accountsOf }) =>
        by === "account" && record === "sum" ? "" : ratio(accounts, accountsOf),
    },
    { title: "coverage", kind: "count", text: ({ covers, of: all }) => (all === 0 ? "" : ratio(covers, all)) },
  ];
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

/** A table has the label of the total row in its first column; an unknown type or owner has one too. */
function labelOf({ record }: AnySum, text: string | null | undefined, by: SumKind, isTable: boolean): string {
  if (record === "total") return isTable ? "total" : "";
  return text || (by === "type" || by === "owner" ? "unknown" : "");
}

/** Returns how many of how many there are, or only how many. */
function ratio(count: unknown, all: unknown): string {
  return all === undefined ? String(count) : `${count} of ${all}`;
}
