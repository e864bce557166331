import pMap from "p-map";
import { slotAt } from "../domain/slot.ts";
import { type SumsTotal, sumsTotal } from "./asset-sums.ts";
import { type GapRange, mergedRanges } from "./gap-ranges.ts";
import type { History } from "./history.ts";
import { readAccount, type StatementAccount } from "./statement-accounts.ts";
import { type AssetMovement, type Movement, movementsOf } from "./statement-movements.ts";
import type { Step } from "./steps.ts";

/** The balances at both ends of a period, and what lies between them. Amounts are decimal strings. */
export interface Statement {
  /** The period's label: `2026-10`, `2026-Q4` or `2026`. */
  readonly period: string;
  /** True if the period has not ended: the closing balances are those of now. */
  readonly open: boolean;
  /** The last instant before the period, and its own last one, in the format of a slot. */
  readonly openingAt: string;
  readonly closingAt: string;
  readonly denomination: string;
  /** Over the accounts that count at that time. */
  readonly opening: SumsTotal;
  readonly closing: SumsTotal;
  readonly movement: Movement;
  readonly assets: readonly AssetMovement[];
  readonly accounts: readonly StatementAccount[];
  readonly gaps: readonly GapRange[];
}

/** Accounts that are read concurrently. Each of them reads several sub-ranges concurrently. */
const CONCURRENCY = 4;

/**
 * Returns the statement of a period.
 * @param accountIds those to include if they count at any time in the period
 * @throws StoreError
 */
export async function statementOf(
  history: History,
  accountIds: readonly string[],
  { label, after, at, open }: Step,
  denomination: string,
): Promise<Statement> {
  const ends = { opening: after, closing: at };
  const read = await pMap(
    accountIds.filter((accountId) => countsBetween(history, accountId, after, at)),
    (accountId) => readAccount(history, accountId, ends, denomination),
    { concurrency: CONCURRENCY },
  );
  const totalAt = (end: "opening" | "closing") => {
    const missing = read.flatMap(({ account }) => (account[end].state === "missing" ? [account.accountId] : []));
    return sumsTotal(
      read.flatMap((account) => account[end] ?? []),
      denomination,
      missing,
    );
  };
  const totals = { opening: totalAt("opening"), closing: totalAt("closing") };
  return {
    ...{ period: label, open, openingAt: slotAt(after), closingAt: slotAt(at), denomination, ...totals },
    ...movementsOf(read, totals, denomination, await history.assets()),
    accounts: read.map(({ account }) => account),
    gaps: mergedRanges(read.flatMap(({ gaps }) => gaps)),
  };
}

/** Whether an account counts at any time from `from` to `to`, milliseconds since 1970. */
export function countsBetween(history: History, accountId: string, from: number, to: number): boolean {
  const { periods } = history.activity(accountId);
  return periods.some((period) => period.from <= to && (period.to ?? Number.POSITIVE_INFINITY) > from);
}
