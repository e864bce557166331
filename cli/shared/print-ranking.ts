import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { newestName } from "../../core/history/asset-sums.ts";
import { type CombinedChange, combinedChanges, type SnapshotPair } from "../../core/history/changes.ts";
import { type ChangesTotal, changesTotal, rankedChanges } from "../../core/history/ranked-changes.ts";
import { named } from "./account-names.ts";
import { comparedAccounts, notCompared } from "./compared-accounts.ts";
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
import type { RangeOptions } from "./range-options.ts";

interface RankingOptions extends RangeOptions {
  readonly denomination: string;
  /** How many changes to show; default: all. */
  readonly top?: number;
  readonly perAccount?: true;
}

/** What all rows of a ranking have. Times are in the format of a slot. */
interface RankedRow {
  /** With `--per-account`. */
  readonly accountId?: string;
  /** At the end of the range. */
  readonly accountName?: string | null;
  /** The ends of the range; `from` is `null` if the first snapshot of each account is compared. */
  readonly from: string | null;
  readonly to: string;
  readonly denomination: string;
}

/** The change of an asset, and the total of all changes. */
export type RankingRow =
  | (RankedRow & CombinedChange & { readonly record: "sum"; readonly name: string | null })
  | (RankedRow &
      ChangesTotal & {
        readonly record: "total";
        /** How many accounts count at one end, and which of them cannot be compared. */
        readonly accountsOf: number;
        readonly without: readonly string[];
        /** How many changes the ranking leaves out. The total includes them. */
        readonly notShown: number;
      });

/** Yields the largest changes in value, and their total: of all accounts together, or of each account. */
export async function* rankingRows(
  context: CommandContext,
  options: RankingOptions,
  range: SlotRange,
): AsyncGenerator<RankingRow> {
  const { denomination, top, perAccount } = options;
  const assets = await context.history.assets();
  function* ranking(pairs: readonly SnapshotPair[], without: readonly string[], account?: Snapshot) {
    const row = {
      ...(account && named(context.history, { accountId: account.accountId }, account.completedAt)),
      ...{ from: options.from === undefined ? null : slotAt(range.from), to: slotAt(range.to), denomination },
    };
    const changes = rankedChanges(combinedChanges(pairs, denomination, assets).values());
    const shown = changes.slice(0, top);
    const newest = pairs.map(({ later }) => later);
    for (const change of shown) {
      yield { record: "sum", ...row, ...change, name: newestName(newest, change.asset, assets) } as const;
    }
    const accounts = { accountsOf: pairs.length + without.length, without };
    const notShown = changes.length - shown.length;
    yield { record: "total", ...row, ...changesTotal(changes, pairs), ...accounts, notShown } as const;
  }
  const pairs: SnapshotPair[] = [];
  for await (const pair of comparedAccounts(context, options, range)) {
    if (perAccount) yield* ranking([pair], [], pair.later);
    else pairs.push(pair);
  }
  if (pairs.length > 0) yield* ranking(pairs, notCompared(context, range, pairs));
}

type AnyRow = AnyOf<RankingRow>;

/** Returns the columns of a ranking. A narrow table shows by how much each value changed, and why. */
export function rankingFields(context: CommandContext, { perAccount }: RankingOptions): Field<RankingRow>[] {
  const isTable = context.format === "table";
  const of = (kinds: Parameters<typeof fieldsOf<AnyRow>>[0]) => fieldsOf<AnyRow>(kinds, context);
  const asset: Field<AnyRow> = {
    title: "asset",
    text: ({ record, asset, notShown }) => {
      if (!isTable) return asset as string | undefined;
      if (record === "sum") return quotedIfLabel(asset as string);
      return notShown ? `total, ${notShown} not shown` : "total";
    },
  };
  const fields = [
    ...(isTable ? [] : of({ record: "text" })),
    ...of({ ...(perAccount && { accountId: "account" as const }), from: "time", to: "time" }),
    asset,
    ...of({ name: "text", state: "text", fromTotal: "decimal", toTotal: "decimal", quantity: "decimal" }),
    ...of({ quantityPercent: "decimal", fromPrice: "decimal", toPrice: "decimal", denomination: "shared" }),
    ...of({ fromValue: "decimal", toValue: "decimal", value: "decimal", valuePercent: "decimal" }),
    ...of({ quantityEffect: "decimal", priceEffect: "decimal" }),
    countsField(),
    coverageField(),
    ...(isTable ? [] : of({ notShown: "count" })),
    ...of({ fromCapturedAt: "time", toCapturedAt: "time" }),
    ...of({ unpriced: "accounts", unsettled: "accounts", without: "accounts", altered: "accounts" }),
  ] satisfies Field<AnyRow>[];
  return withDropOrder(
    fields,
    ["fromCapturedAt", "toCapturedAt"],
    ["name", "state"],
    ["fromTotal", "toTotal", "quantity", "fromPrice", "toPrice"],
    ["quantityPercent", "accounts", "coverage"],
    ["fromValue", "toValue"],
    ["valuePercent"],
  ) as Field<RankingRow>[];
}
