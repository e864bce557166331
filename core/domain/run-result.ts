import { isKeyFailure, type JobError, messageWithFix, RunFailedError } from "./errors.ts";
import type { Notice } from "./notices.ts";
import type { Slot, Trigger } from "./slot.ts";
import type { Consistency, SnapshotSummary } from "./snapshot.ts";
import type { Total } from "./totals.ts";
import { truncate } from "./untrusted-text.ts";

/** An error, as a result and a log line show it. */
export type ErrorFields = Pick<JobError, "code" | "message"> & { readonly suggestedFix?: string | undefined };

/**
 * The result of one account in a run. Failed accounts have `error`; the others have the fields of their snapshot. It has at
 * most 64 KB as JSON, whatever the account holds.
 */
export interface SnapshotResult {
  readonly accountId: string;
  readonly outcome: "complete" | "alreadyComplete" | "failed";
  readonly assets?: number;
  readonly pages?: number;
  readonly capturedAt?: string;
  readonly consistency?: Consistency;
  /** By denomination. */
  readonly totals?: Readonly<Record<string, Total>>;
  /** How many denominations `totals` lacks; absent if there are none. */
  readonly totalsLeftOut?: number;
  /** Significant differences from the previous snapshot, if this run took the snapshot and there are any. */
  readonly notices?: readonly Notice[];
  /** How many notices `notices` lacks; absent if there are none. */
  readonly noticesLeftOut?: number;
  /** How many snapshots the run appended to the account's hash chain, if more than its own and the one before. */
  readonly chained?: number;
  readonly error?: ErrorFields;
  /** The error is about the API key. */
  readonly keyFailed?: true;
  /** When a failed account's previous snapshot was captured; `null`: it has none. Absent if that is unknown. */
  readonly lastCapturedAt?: string | null;
}

/** An account that counts no more from the run's slot on. */
export interface EndedAccount {
  readonly accountId: string;
  /** In one sentence. */
  readonly reason: string;
}

/** The accounts that a run did not reach in time, in the order in which it would have taken them, and why. */
export interface NotReached {
  readonly count: number;
  readonly first: string;
  readonly last: string;
  readonly error: ErrorFields;
}

/** The function's return value, for the console and for programs. It has at most 256 KB as JSON, however many accounts it covers. */
export interface RunResult {
  /** The name of the API key. Absent if the key has no name. */
  readonly key?: string;
  readonly slot: Slot;
  readonly trigger: Trigger;
  readonly dryRun: boolean;
  readonly durationMs: number;
  /** Why the run is not the one that was asked for. */
  readonly warning?: string;
  /** Set only before the first key is stored: why the run read nothing. */
  readonly noKey?: ErrorFields;
  /** Number of accounts by outcome. An account that was not reached counts as failed. */
  readonly accounts: {
    readonly complete: number;
    readonly alreadyComplete: number;
    readonly failed: number;
  };
  /** One result per account: failed ones first, then in the configured order. */
  readonly snapshots: readonly SnapshotResult[];
  /** How many accounts `snapshots` lacks, except those that were not reached; absent if there are none. */
  readonly snapshotsLeftOut?: number;
  /** Absent if all accounts were reached. */
  readonly notReached?: NotReached;
  /** The accounts that ended with this run; absent if there are none. */
  readonly ended?: readonly EndedAccount[];
  /** How many accounts `ended` lacks; absent if there are none. */
  readonly endedLeftOut?: number;
}

/** What the lists of a result may take as JSON. Everything else in a result is small. */
const MAX_BYTES = { totals: 10_000, notices: 10_000, snapshots: 180_000, ended: 20_000 };

/** Returns the result of an account that has a snapshot. */
export function completeResult(
  outcome: "complete" | "alreadyComplete",
  summary: SnapshotSummary,
  allNotices: readonly Notice[] = [],
): SnapshotResult {
  const { accountId, assets, pages, consistency, capturedAt } = summary;
  const [totals, totalsLeftOut] = fitting([...summary.totals], MAX_BYTES.totals);
  const [notices, noticesLeftOut] = fitting(allNotices, MAX_BYTES.notices);
  return {
    ...{ accountId, outcome, assets, pages, consistency, capturedAt, totals: Object.fromEntries(totals) },
    ...(totalsLeftOut > 0 && { totalsLeftOut }),
    ...(allNotices.length > 0 && { notices }),
    ...(noticesLeftOut > 0 && { noticesLeftOut }),
  };
}

/** Returns the result of an account without a snapshot. */
export function failedResult(
  accountId: string,
  error: JobError,
  lastCapturedAt?: SnapshotResult["lastCapturedAt"],
): SnapshotResult {
  return {
    ...{ accountId, outcome: "failed", error: errorFields(error) },
    ...(isKeyFailure(error) && { keyFailed: true }),
    ...(lastCapturedAt !== undefined && { lastCapturedAt }),
  };
}

export function errorFields({ code, message, suggestedFix }: JobError): ErrorFields {
  return { code, message, ...(suggestedFix !== undefined && { suggestedFix }) };
}

/** Returns the result of a run. @param all the results of the accounts that the invocation reached, in the configured order */
export function runResult(
  run: Pick<RunResult, "key" | "slot" | "trigger" | "dryRun" | "durationMs" | "warning" | "noKey" | "accounts">,
  all: readonly SnapshotResult[],
  allEnded: readonly EndedAccount[] = [],
  notReached?: NotReached,
): RunResult {
  const failed = all.filter(({ outcome }) => outcome === "failed");
  const others = all.filter(({ outcome }) => outcome !== "failed");
  const [snapshots, snapshotsLeftOut] = fitting([...failed, ...others], MAX_BYTES.snapshots);
  const [ended, endedLeftOut] = fitting(allEnded, MAX_BYTES.ended);
  return {
    ...run,
    snapshots,
    ...(snapshotsLeftOut > 0 && { snapshotsLeftOut }),
    ...(notReached !== undefined && { notReached }),
    ...(ended.length > 0 && { ended }),
    ...(endedLeftOut > 0 && { endedLeftOut }),
  };
}

/** Returns the result with shorter lists, so that `count` of them have the size of one. */
export function shortened(result: RunResult, count: number): RunResult {
  const [snapshots, snapshotsLeftOut] = fitting(result.snapshots, MAX_BYTES.snapshots / count);
  const [ended, endedLeftOut] = fitting(result.ended ?? [], MAX_BYTES.ended / count);
  const snapshotsMissing = snapshotsLeftOut + (result.snapshotsLeftOut ?? 0);
  const endedMissing = endedLeftOut + (result.endedLeftOut ?? 0);
  return {
    ...result,
    snapshots,
    ...(snapshotsMissing > 0 && { snapshotsLeftOut: snapshotsMissing }),
    ...(result.ended !== undefined && { ended }),
    ...(endedMissing > 0 && { endedLeftOut: endedMissing }),
  };
}

/** Returns the first items that fit into a number of bytes as JSON, and how many are left out. */
function fitting<T>(items: readonly T[], maxBytes: number): [readonly T[], number] {
  let bytes = 0;
  const end = items.findIndex((item) => {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    return bytes > maxBytes;
  });
  return end === -1 ? [items, 0] : [items.slice(0, end), items.length - end];
}

/** Failed accounts that the error lists, and how long their reasons may be together, so that they fit into its message. */
const MAX_LISTED = 20;
const MAX_REASONS_LENGTH = 8_000;
const MAX_NOT_REACHED_LENGTH = 1_000;

/** Returns the error of a run with failed accounts: how many, which, and why. */
export function runFailedError(result: RunResult): RunFailedError {
  const { key, dryRun, accounts } = result;
  const others = accounts.complete + accounts.alreadyComplete === 0 ? "" : "All other accounts are stored. ";
  const advice = dryRun ? "A dry run stores nothing." : `${others}${RETRY}`;
  const of = key === undefined ? "" : `Key ${key}: `;
  return new RunFailedError("run_failed", `${of}${describeFailures(result)}\n${advice}`);
}

export const RETRY = "A retry takes the missing snapshots only.";

/**
 * Describes the failed accounts of a run: how many, which, and why.
 * @param share how much of the room for a whole error it may take, from 0 to 1
 */
export function describeFailures({ slot, accounts, snapshots, notReached }: RunResult, share = 1): string {
  const all = accounts.complete + accounts.alreadyComplete + accounts.failed;
  const listed = snapshots.filter(({ outcome }) => outcome === "failed").slice(0, Math.ceil(MAX_LISTED * share));
  const maxLength = Math.floor((MAX_REASONS_LENGTH * share) / listed.length);
  const reasons = listed.map(({ accountId, error }) =>
    truncate(`${accountId}: ${error?.code}: ${error && messageWithFix(error)}`, maxLength),
  );
  const more = accounts.failed - listed.length - (notReached?.count ?? 0);
  if (more > 0) reasons.push(`${more} more failed accounts are in the log, one line each.`);
  if (notReached !== undefined) {
    const maxNotReached = Math.floor(MAX_NOT_REACHED_LENGTH * share);
    reasons.push(truncate(`${notReached.error.code}: ${messageWithFix(notReached.error)}`, maxNotReached));
  }
  const have = accounts.failed === 1 ? "has" : "have";
  const count = `${accounts.failed} of ${all} ${all === 1 ? "account" : "accounts"} ${have} no snapshot for slot ${slot}.`;
  return [count, ...reasons].join("\n");
}
