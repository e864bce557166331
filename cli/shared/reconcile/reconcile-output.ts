import type { Snapshot } from "../../../core/domain/snapshot.ts";
import type { Transfer, TransferRead, TransferSet } from "../../../core/domain/transfer.ts";
import type { SnapshotPair } from "../../../core/history/changes.ts";
import { isAllExplained, reconcile } from "../../../core/reconcile/reconcile.ts";
import type {
  FeeReading,
  Line,
  LineState,
  Reconciliation,
  Undetermined,
} from "../../../core/reconcile/reconciliation.ts";
import { type AssetSum, sumsByAsset } from "../../../core/reconcile/sums.ts";
import { wireTransfer } from "../../../core/transfer-format.ts";
import type { AccountNames } from "../account-names.ts";
import { counted } from "../counted.ts";
import { shownName } from "../format/shown-name.ts";
import { isAsked, knownFrom, neededSince } from "./needed-transfers.ts";
import { digestOfTransfers, sortedById } from "./transfers-file.ts";

/** An account that is not reconciled, because it has no usable snapshot at an end, or the same one at both. */
export interface NotReconciled extends AccountNames {
  readonly accountId: string;
  /** A sentence. */
  readonly reason: string;
}

/** From which snapshot the balances at an end are. */
export interface EndOutput extends Pick<Snapshot, "slot" | "capturedAt" | "completedAt" | "unsettled" | "hidden"> {
  /** Whether the snapshot does not match its digest. */
  readonly altered: boolean;
}

export interface ReconciledAccount extends AccountNames {
  readonly accountId: string;
  readonly opening: EndOutput;
  readonly closing: EndOutput;
}

/** A reconciliation as its JSON has it. Instants are in the format of a slot. */
export interface ReconcileOutput {
  readonly from: string;
  readonly to: string;
  /** What the reconciliation lacks, in sentences. Empty: it lacks nothing. */
  readonly incomplete: readonly string[];
  readonly accounts: readonly ReconciledAccount[];
  readonly notReconciled: readonly NotReconciled[];
  /** Whether source amounts include fees. */
  readonly reading: FeeReading;
  readonly readingIsGiven: boolean;
  readonly unexplainedLines: Readonly<Record<FeeReading, number>>;
  readonly lines: readonly (Line & AccountNames)[];
  readonly sums: readonly AssetSum[];
  readonly undetermined: readonly (Omit<Undetermined, "transfer"> & { readonly transferId: string })[];
  /** Ids of those that were created before the closing balances were read, and updated after the opening ones. */
  readonly notCompleted: readonly string[];
  /** Ids of completed transfers that lack an amount or an asset that a line needs. */
  readonly incompleteTransfers: readonly string[];
  /** The SHA-256 of the transfers, sorted by id, in canonical form. */
  readonly digest: string;
  readonly reads: readonly TransferRead[];
  /** Those that the other fields name, in the API's format and sorted by id. A file of transfers can have more. */
  readonly transfers: readonly Record<string, unknown>[];
}

/** A reconciliation with what its texts need. */
export interface ReconcileResult {
  readonly output: ReconcileOutput;
  readonly result: Reconciliation;
  /** By id. */
  readonly transfers: ReadonlyMap<string, Transfer>;
  /** Whether nothing is missing, and every line is explained, or explained if undetermined transfers count. */
  readonly isExplained: boolean;
}

interface Given {
  readonly from: string;
  readonly to: string;
  readonly pairs: readonly SnapshotPair[];
  readonly notReconciled: readonly NotReconciled[];
  readonly set: TransferSet;
  readonly reading: FeeReading | undefined;
  readonly namesOf: (accountId: string) => AccountNames;
  /** Whether keys have names. */
  readonly hasKeys: boolean;
  /** Names an account in a sentence. */
  readonly label: (accountId: string) => string;
}

/** Accounts that a sentence names. */
const MAX_NAMED = 5;

/** Reconciles the balances at both ends of a period with transfers. */
export function reconcileOutput(given: Given): ReconcileResult {
  const { from, to, pairs, notReconciled, set, reading, namesOf } = given;
  const ends = pairs.map(({ earlier, later }) => ({
    ...{ accountId: earlier.accountId, opening: earlier, closing: later },
    isAsked: isAsked(set, earlier.accountId),
  }));
  const result = ofPeriod(reconcile(ends, set.transfers, reading), pairs);
  const incomplete = lacksOf(given, result);
  const output: ReconcileOutput = {
    ...{ from, to, incomplete },
    accounts: ends.map(({ accountId, opening, closing }) => ({
      ...{ accountId, ...namesOf(accountId), opening: endOf(opening), closing: endOf(closing) },
    })),
    ...{ notReconciled, reading: result.reading, readingIsGiven: reading !== undefined },
    unexplainedLines: result.unexplainedLines,
    lines: result.lines.map(({ accountId, ...line }) => ({ accountId, ...namesOf(accountId), ...line })),
    sums: sumsByAsset(result.lines),
    undetermined: result.undetermined.map(({ accountId, transfer: { transferId }, end, reason }) => ({
      ...{ accountId, transferId, end, reason },
    })),
    notCompleted: idsOf(result.notCompleted),
    incompleteTransfers: idsOf(result.incomplete),
    ...{ digest: digestOfTransfers(set.transfers), reads: set.reads },
    transfers: sortedById(namedIn(result, set.transfers)).map(wireTransfer),
  };
  return {
    ...{ output, result, transfers: new Map(set.transfers.map((transfer) => [transfer.transferId, transfer])) },
    isExplained: incomplete.length === 0 && isAllExplained(result),
  };
}

/** Returns how many lines have a state. */
export function countOf(lines: readonly Pick<Line, "state">[], state: LineState): number {
  return lines.filter((line) => line.state === state).length;
}

/**
 * Leaves out what was created after the closing balances: it does not concern the period, and there is more of it at each reading.
 * Leaves out what was last updated before the opening balances too: the API is not asked for it, but a file of a longer period has it.
 */
function ofPeriod(result: Reconciliation, pairs: readonly SnapshotPair[]): Reconciliation {
  if (pairs.length === 0) return result;
  const [first, last] = [neededSince(pairs), knownFrom(pairs)].map((instant) => Date.parse(instant)) as [
    number,
    number,
  ];
  const concerns = ({ createdAt, updatedAt }: Transfer) =>
    (createdAt === undefined || Date.parse(createdAt) <= last) &&
    (updatedAt === undefined || Date.parse(updatedAt) >= first);
  return { ...result, notCompleted: result.notCompleted.filter(concerns) };
}

function endOf({ slot, capturedAt, completedAt, unsettled, hidden, altered }: Snapshot): EndOutput {
  return { slot, capturedAt, completedAt, unsettled, hidden, altered: altered === true };
}

/** Returns the transfers that a reconciliation is about, each once. */
function namedIn(result: Reconciliation, transfers: readonly Transfer[]): Transfer[] {
  const { lines, notCompleted, incomplete } = result;
  const ids = new Set([
    ...lines.flatMap((line) => [...line.transfers, ...line.undetermined]),
    ...idsOf([...result.undetermined.map(({ transfer }) => transfer), ...notCompleted, ...incomplete]),
  ]);
  return transfers.filter(({ transferId }) => ids.has(transferId));
}

function idsOf(transfers: readonly Transfer[]): string[] {
  return transfers.map(({ transferId }) => transferId);
}

/** Returns what a reconciliation lacks, in sentences. Unexplained lines are its result. */
function lacksOf({ notReconciled, pairs, set, hasKeys, label }: Given, result: Reconciliation): string[] {
  const named = (ids: readonly string[]) => {
    const more = ids.length - MAX_NAMED;
    const names = [...ids.slice(0, MAX_NAMED).map(label), ...(more > 0 ? [`${more} more`] : [])];
    return `${counted(ids.length, "account")} (${names.join(", ")})`;
  };
  const altered = pairs.filter((pair) => pair.earlier.altered || pair.later.altered);
  const unknown = countOf(result.lines, "unknown");
  return [
    ...notReconciled.map(({ reason }) => reason),
    ...set.reads.flatMap(({ key, accountIds, denied }) => {
      const own = accountIds.filter((id) => pairs.some(({ earlier }) => earlier.accountId === id));
      return denied && own.length > 0 ? [`${whyNotAsked(key, hasKeys)}. This concerns ${named(own)}.`] : [];
    }),
    ...(altered.length === 0
      ? []
      : [
          `Snapshots of ${named(altered.map(({ earlier }) => earlier.accountId))} do not match their digests: they were altered. Run balances verify.`,
        ]),
    ...(unknown === 0
      ? []
      : [
          `${counted(unknown, "line")} cannot be reconciled: a quantity at an end, or the amount of a transfer, is unknown.`,
        ]),
    ...(result.incomplete.length === 0
      ? []
      : [
          `The API does not state an amount or an asset of ${counted(result.incomplete.length, "completed transfer")}.`,
        ]),
  ];
}

function whyNotAsked(key: string | null, hasKeys: boolean): string {
  if (key !== null) return `not asked: the key ${shownName(key)} lacks transfers:read`;
  return hasKeys ? "not asked: no key serves the accounts any more" : "not asked: the key lacks transfers:read";
}
