import type { BalanceSource, SnapshotStore, Telemetry } from "../../../core/domain/ports.ts";
import type { RunResult } from "../../../core/domain/run-result.ts";
import type { WalkLimits } from "../../../core/domain/walk-limits.ts";
import { countingTelemetry } from "../../../core/snapshot/counting-telemetry.ts";
import type { LargerTurns } from "../../../core/snapshot/larger-turns.ts";
import type { RunRequest } from "../../../core/snapshot/run.ts";
import { takeSnapshots } from "../../../core/snapshot/take-snapshots.ts";
import { testClock } from "../../support/clock.ts";
import { amountsOf, assetOf } from "../domain/snapshots.ts";
import { HOUR, hour, START } from "../integrity/history.ts";

/** Every account holds one bitcoin, unless `pass` returns or throws something else. */
export function sourceWith(
  pass?: (accountId: string, signal: AbortSignal, limits: WalkLimits | undefined) => Promise<void>,
): BalanceSource {
  return {
    checkKey: async () => {},
    listAccounts: async () => [],
    account: async () => undefined,
    describe: async function* () {},
    balance: async () => "absent",
    pass: async (accountId, signal, limits) => {
      await pass?.(accountId, signal, limits);
      const sent = { at: START, monotonicMs: 0 };
      return {
        balances: [{ asset: assetOf("btc"), amounts: amountsOf({ btc: ["1", "1"] }) }],
        pages: 1,
        sent,
        lastSent: sent,
      };
    },
  };
}

export interface RunOptions {
  readonly store: SnapshotStore;
  /** Default: every account holds one bitcoin. */
  readonly source?: BalanceSource;
  /** Default: all accounts are configured. */
  readonly configured?: readonly string[];
  readonly accountsAtOnce?: number;
  readonly deadline?: AbortSignal;
  readonly end?: AbortSignal;
  readonly storedAtOnce?: number;
  /** Shared with other runs. Default: not shared. */
  readonly largerTurns?: LargerTurns;
  /** The hour in which it runs. Default: that of the slot. */
  readonly now?: number;
  /** Default: a scheduled run over the given accounts that is no dry run. */
  readonly request?: Partial<Pick<RunRequest, "trigger" | "dryRun" | "accounts">>;
}

/** A run, and what it reported. */
export interface EndedRun {
  readonly result: RunResult;
  readonly warnings: readonly string[];
  readonly oldestCompleteMs: number | undefined;
}

/** Runs the slot of an hour, five seconds late. */
export async function runSlot(at: number, accounts: readonly string[], options: RunOptions): Promise<EndedRun> {
  const never = new AbortController().signal;
  const { store, source = sourceWith(), configured = accounts, accountsAtOnce = 4, now = at } = options;
  const warnings: string[] = [];
  let oldestCompleteMs: number | undefined = -1;
  const telemetry: Telemetry = {
    accountEnded: () => {},
    runEnded: (_, figures) => {
      ({ oldestCompleteMs } = figures);
    },
    warning: (message) => warnings.push(message),
  };
  const clock = testClock(new Date(START + now * HOUR + 5000).toISOString());
  const result = await takeSnapshots({
    dependencies: { clock, source, store, telemetry: countingTelemetry(telemetry) },
    settings: {
      ...{ accounts: configured, accountsAtOnce, latenessLimitMs: HOUR, schedule: undefined },
      noticeRules: { movedPercent: 100, explained: [] },
    },
    request: { slot: hour(at), trigger: "schedule", dryRun: false, accounts, ...options.request },
    deadline: options.deadline ?? never,
    end: options.end ?? never,
    ...{ storedAtOnce: options.storedAtOnce, largerTurns: options.largerTurns },
  });
  return { result, warnings, oldestCompleteMs };
}
