import fc from "fast-check";
import type { Transfer, TransferParty } from "../../../core/domain/transfer.ts";
import { type AccountEnds, FEE_READINGS, type FeeReading } from "../../../core/reconcile/reconciliation.ts";
import { snapshotWith } from "../domain/snapshots.ts";

// Random histories. Each effect of a transfer happens at an instant between its execution and its completion, and each balance
// is read at an instant of its walk, by a clock that is up to 60 s off. What the snapshots show follows from this alone.

export const ASSETS = ["btc", "eth", "usd", "usdc"] as const;
export const ACCOUNTS = ["a", "b", "c"] as const;
const START = Date.UTC(2026, 9, 1);

function weighted<T>(...of: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]): fc.Arbitrary<T> {
  return fc.oneof(...of.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

/** Amounts are in units of 0.000000001, times in seconds after the start. */
const anyAmount = fc.oneof(
  fc.bigInt(1n, 50n),
  fc.bigInt(1n, 10n ** 15n),
  fc.nat(999).map((n) => BigInt(n) * 10n ** 9n),
);
const anyAsset = fc.constantFrom(...ASSETS);
const anyParty = fc.constantFrom(...ACCOUNTS, ...ACCOUNTS, ...ACCOUNTS, "another account", "outside");
const anyDelay = weighted([6, fc.nat(30)], [2, fc.nat(200)], [1, fc.nat(3_000)]);

const anyEvent = fc.record({
  ...{ source: anyParty, target: anyParty, sourceAsset: anyAsset, targetAsset: anyAsset },
  /** What the source pays in the source asset apart from fees, and what the target gets. */
  ...{ net: anyAmount, received: anyAmount },
  fees: fc.array(fc.record({ asset: anyAsset, amount: anyAmount }), { maxLength: 3 }),
  ...{
    created: fc.integer({ min: 0, max: 4_500 }),
    executedAfter: anyDelay,
    completedAfter: anyDelay,
    updatedAfter: anyDelay,
  },
  status: fc.constantFrom(...Array(9).fill("completed"), "processing", "failed", "quoted", "reversed"),
  isConcealed: fc.boolean(),
  omitted: fc.subarray(["createdAt", "executedAt", "completedAt", "updatedAt"] as const),
  omits: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  lacks: fc.constantFrom(...Array(12).fill(null), "sourceAsset", "sourceAmount", "targetAsset", "targetAmount"),
  seed: fc.nat(),
});
export type HistoryEvent = typeof anyEvent extends fc.Arbitrary<infer T> ? T : never;

const anyAccount = fc.record({
  initial: fc.tuple(...ASSETS.map(() => fc.oneof(fc.constant(0n), anyAmount))),
  ...{ opening: fc.integer({ min: 600, max: 1_500 }), openingTakes: fc.nat(120) },
  ...{ gap: weighted([1, fc.nat(200)], [4, fc.integer({ min: 500, max: 3_000 })]), closingTakes: fc.nat(120) },
  clockOff: fc.integer({ min: -60, max: 60 }),
  isAsked: fc.nat(9).map((n) => n > 0),
  /** Assets that the walk of the closing did not find. */
  missed: weighted([6, fc.constant<(typeof ASSETS)[number][]>([])], [1, fc.subarray([...ASSETS])]),
  missedAs: fc.constantFrom("hidden", "unsettled"),
  seed: fc.nat(),
});
type HistoryAccount = typeof anyAccount extends fc.Arbitrary<infer T> ? T : never;

/** What a history really was, and what the API and the table show of it. */
export interface RandomHistory {
  /** How the API's source amounts are meant. */
  readonly reading: FeeReading;
  readonly ends: readonly AccountEnds[];
  /** What the API lists of each event, and the event; without the concealed ones. */
  readonly listed: readonly { readonly transfer: Transfer; readonly event: HistoryEvent }[];
  /** Returns the sum of the concealed effects between both ends. */
  readonly concealed: (accountId: string, asset: string) => bigint;
}

const anyFacts = fc.record({
  reading: fc.constantFrom(...FEE_READINGS),
  accounts: fc.tuple(anyAccount, anyAccount, anyAccount),
  events: fc.array(anyEvent, { minLength: 2, maxLength: 12, size: "max" }),
});

/** @param conceals whether the API leaves out some of the transfers */
export function anyHistory({ conceals }: { readonly conceals: boolean }): fc.Arbitrary<RandomHistory> {
  return anyFacts.map(({ reading, accounts, events }) => {
    const isConcealed = (event: HistoryEvent) => conceals && event.isConcealed;
    return {
      reading,
      ends: ACCOUNTS.map((accountId, index) => endsOf(accountId, accounts[index] as HistoryAccount, events)),
      listed: events.flatMap((event, index) =>
        isConcealed(event) ? [] : [{ transfer: listedTransfer(event, index, reading), event }],
      ),
      concealed: (accountId, asset) => {
        const account = accounts[ACCOUNTS.indexOf(accountId as "a")] as HistoryAccount;
        const hidden = events.filter(isConcealed);
        return (
          effectUntil(accountId, asset, hidden, readAt(account, asset, "closing")) -
          effectUntil(accountId, asset, hidden, readAt(account, asset, "opening"))
        );
      },
    };
  });
}

/** Returns when an event was executed and completed, in milliseconds since 1970. */
export function instantsOf({ created, executedAfter, completedAfter }: HistoryEvent) {
  const executed = created + executedAfter;
  return { created: at(created), executed: at(executed), completed: at(executed + completedAfter) };
}

const at = (seconds: number) => START + seconds * 1_000;
const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** Returns units of 0.000000001 as a decimal string. */
function decimalOf(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(10, "0");
  const fraction = digits.slice(-9);
  return `${units < 0n ? "-" : ""}${digits.slice(0, -9)}${fraction === "000000000" ? "" : `.${fraction}`}`;
}

/** A number from 0 to 1 that depends on the seed and the names only. */
function share(seed: number, ...names: readonly string[]): number {
  let hash = seed;
  for (const character of names.join()) hash = (hash * 31 + character.charCodeAt(0)) % 1_000_003;
  return (hash % 101) / 100;
}

function endsOf(accountId: string, account: HistoryAccount, events: readonly HistoryEvent[]): AccountEnds {
  const { opening, openingTakes, gap, closingTakes, isAsked, initial, missed, missedAs } = account;
  const end = (name: "opening" | "closing", from: number, takes: number, misses: readonly string[]) => {
    const balances = ASSETS.flatMap((asset, index) => {
      const total = (initial[index] ?? 0n) + effectUntil(accountId, asset, events, readAt(account, asset, name));
      return total === 0n || misses.includes(asset) ? [] : [[asset, { [asset]: ["0", decimalOf(total)] }] as const];
    });
    const walk = {
      hidden: missedAs === "hidden" ? misses.length : 0,
      unsettled: missedAs === "unsettled" ? misses : [],
    };
    const snapshot = snapshotWith(Object.fromEntries(balances), { accountId, ...walk });
    return { ...snapshot, capturedAt: iso(at(from)), completedAt: iso(at(from + takes)) };
  };
  return {
    accountId,
    opening: end("opening", opening, openingTakes, []),
    closing: end("closing", opening + openingTakes + gap, closingTakes, missed),
    isAsked,
  };
}

/** Returns when a walk read an asset, by the API's clock. */
function readAt(account: HistoryAccount, asset: string, end: "opening" | "closing"): number {
  const { opening, openingTakes, gap, closingTakes, clockOff, seed } = account;
  const isOpening = end === "opening";
  const from = isOpening ? opening : opening + openingTakes + gap;
  return at(from + (isOpening ? openingTakes : closingTakes) * share(seed, asset, end) - clockOff);
}

/** Returns what events did to an asset of an account until an instant. */
function effectUntil(accountId: string, asset: string, events: readonly HistoryEvent[], until: number): bigint {
  let effect = 0n;
  for (const event of events) {
    const { executed, completed } = instantsOf(event);
    const happened = executed + (completed - executed) * share(event.seed, accountId, asset);
    if (event.status !== "completed" || happened > until) continue;
    if (event.target === accountId && event.targetAsset === asset) effect += event.received;
    if (event.source !== accountId) continue;
    if (event.sourceAsset === asset) effect -= event.net;
    for (const fee of event.fees) {
      const isDeducted = fee.asset === event.targetAsset && fee.asset !== event.sourceAsset;
      if (fee.asset === asset && !isDeducted) effect -= fee.amount;
    }
  }
  return effect;
}

function listedTransfer(event: HistoryEvent, index: number, reading: FeeReading): Transfer {
  const { net, received, fees, sourceAsset, targetAsset, lacks } = event;
  const { created, executed, completed } = instantsOf(event);
  const party = (name: string): TransferParty =>
    name === "outside" ? { kind: "other" } : { kind: "account", accountId: name };
  const ownFees = fees.filter(({ asset }) => asset === sourceAsset).reduce((all, { amount }) => all + amount, 0n);
  const omitted = event.omits ? event.omitted : [];
  const unless = <T>(isLeftOut: boolean, value: T) => (isLeftOut ? undefined : value);
  return {
    transferId: `t${index}`,
    status: event.status,
    ...{ source: party(event.source), target: party(event.target) },
    sourceAmount: unless(lacks === "sourceAmount", decimalOf(reading === "included" ? net + ownFees : net)),
    sourceAsset: unless(lacks === "sourceAsset", sourceAsset),
    targetAmount: unless(lacks === "targetAmount", decimalOf(received)),
    targetAsset: unless(lacks === "targetAsset", targetAsset),
    fees: fees.map(({ asset, amount }) => ({ type: "other", asset, amount: decimalOf(amount) })),
    createdAt: unless(omitted.includes("createdAt"), iso(created)),
    executedAt: unless(omitted.includes("executedAt"), iso(executed)),
    completedAt: unless(omitted.includes("completedAt"), iso(completed)),
    updatedAt: unless(omitted.includes("updatedAt"), iso(completed + event.updatedAfter * 1_000)),
    transactionHashes: [],
  };
}
