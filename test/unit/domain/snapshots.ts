import type { Amount } from "../../../core/domain/amount.ts";
import type { Amounts, Asset } from "../../../core/domain/balance.ts";
import type { RunFigures } from "../../../core/domain/ports.ts";
import type { RunResult, SnapshotResult } from "../../../core/domain/run-result.ts";
import { type FailedAttempt, type Snapshot, snapshotOf, type WalkSummary } from "../../../core/domain/snapshot.ts";
import { countsOf } from "../../../core/snapshot/run-progress.ts";

/** `[available, total]` by denomination. */
export type AmountTexts = Readonly<Record<string, readonly [available: string, total: string]>>;

/** An asset's amounts by asset symbol. */
export type BalanceTexts = Readonly<Record<string, AmountTexts>>;

export const ACCOUNT = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";
export const SLOT = "2026-11-23T10:00:00.000Z";

export function amountsOf(texts: AmountTexts): Amounts {
  return new Map(
    Object.entries(texts).map(([denomination, [available, total]]): [string, Amount] => [
      denomination,
      { available, total },
    ]),
  );
}

export function balancesOf(texts: BalanceTexts): Map<string, Amounts> {
  return new Map(Object.entries(texts).map(([symbol, amounts]) => [symbol, amountsOf(amounts)]));
}

export function assetOf(symbol: string, changes: Partial<Asset> = {}): Asset {
  return {
    symbol,
    type: ["usd", "eur"].includes(symbol) ? "fiat" : "crypto",
    name: symbol.toUpperCase(),
    decimals: 8,
    ...changes,
  };
}

/** How a walk over one page went. */
export const WALK: WalkSummary = { consistency: "verified", passes: 1, pages: 1, unsettled: [], hidden: 0 };

/** Returns the snapshot of a walk that found these balances. */
export function snapshotWith(
  balances: BalanceTexts | ReadonlyMap<string, Amounts>,
  changes: Partial<Pick<Snapshot, "accountId" | "slot" | "trigger" | keyof WalkSummary>> = {},
): Snapshot {
  const { accountId = ACCOUNT, slot = SLOT, trigger = "schedule", ...walk } = changes;
  const held = balances instanceof Map ? balances : balancesOf(balances as BalanceTexts);
  const { snapshot } = snapshotOf(
    {
      balances: [...held].map(([symbol, amounts]) => ({ asset: assetOf(symbol), amounts })),
      ...WALK,
      ...walk,
      capturedAt: Date.parse(slot) + 1234,
      completedAt: Date.parse(slot) + 2345,
    },
    { accountId, slot, trigger },
  );
  return snapshot;
}

export function failureOf(accountId: string, changes: Partial<FailedAttempt> = {}): FailedAttempt {
  return {
    accountId,
    slot: SLOT,
    trigger: "schedule",
    code: "service_unavailable",
    message: "The API was not available: six attempts in 40 s.",
    suggestedFix: "Check the status page.",
    correlationId: "41deb8d5-IAD",
    attempts: 1,
    lastTriedAt: "2026-11-23T10:01:00.000Z",
    ...changes,
  };
}

/** Returns the result of a scheduled run with these results of its accounts. */
export function runResultOf(snapshots: readonly SnapshotResult[], changes: Partial<RunResult> = {}): RunResult {
  const accounts = accountsOf(snapshots);
  return { slot: SLOT, trigger: "schedule", dryRun: false, durationMs: 1234, accounts, snapshots, ...changes };
}

/** Returns the number of results by outcome. */
export function accountsOf(snapshots: readonly SnapshotResult[]): RunResult["accounts"] {
  const count = (outcome: string) => snapshots.filter((result) => result.outcome === outcome).length;
  return { complete: count("complete"), alreadyComplete: count("alreadyComplete"), failed: count("failed") };
}

/** Returns the figures of a run over all accounts with these results. */
export function figuresOf(
  snapshots: readonly SnapshotResult[] = [],
  { warnings = 0, ...changes }: Partial<RunFigures> & { readonly warnings?: number } = {},
): RunFigures {
  return { counts: countsOf(snapshots, warnings), oldestCompleteMs: undefined, allAccounts: true, ...changes };
}
