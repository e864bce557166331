import Big from "big.js";
import type { AccountDescription } from "../domain/account-activity.ts";
import type { Asset } from "../domain/balance.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { type AssetSum, assetSums, type SumsTotal, shareOf, sumsTotal, wholeValue } from "./asset-sums.ts";

/** What a sum has a row for. */
export const SUM_KINDS = ["asset", "account", "type", "owner", "key"] as const;
export type SumKind = (typeof SUM_KINDS)[number];

/** An account that counts, its snapshot if it has one, and its description at that time. */
export interface AccountHolding extends AccountDescription {
  readonly snapshot: Snapshot | undefined;
}

/** What the accounts of a group are worth together. */
interface GroupSum extends SumsTotal {
  /** In percent of the total value, with two decimals. `null` without a value, or without a positive total of all accounts. */
  readonly share: string | null;
}

interface AccountSum extends GroupSum {
  readonly accountId: string;
  /** Of the snapshot; `null` without one. */
  readonly slot: string | null;
  readonly completedAt: string | null;
  /** How many assets the account holds. */
  readonly assets: number | null;
}

interface SumOf<Kind extends "sum" | "total"> {
  /** An asset can have any symbol, such as `total`. */
  readonly record: Kind;
  readonly denomination: string;
}

/** A sum over accounts: of an asset, or of the accounts that have a type, an owner or a key in common (`null`: unknown). */
export type SumRow =
  | (SumOf<"sum"> & AssetSum)
  | (SumOf<"sum"> & AccountSum)
  | (SumOf<"sum"> & GroupSum & { readonly type: string | null })
  | (SumOf<"sum"> & GroupSum & { readonly owner: string | null })
  | (SumOf<"sum"> & GroupSum & { readonly key: string | null })
  | (SumOf<"total"> & GroupSum);

interface SumOptions {
  readonly denomination: string;
  /** The catalog's descriptions, by symbol. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** True: a sum is `null` if one of its accounts has no snapshot. In a series, a partial sum would look like a fall. */
  readonly complete?: boolean;
  /** Assets of the step before. They get a row without amounts if an account has no snapshot. */
  readonly expected?: Iterable<string>;
}

/** Returns the sums over accounts, the most valuable first, and the total of all of them. */
export function sumRows(by: SumKind, accounts: readonly AccountHolding[], options: SumOptions): SumRow[] {
  const { denomination } = options;
  const total = groupSum(accounts, options);
  const whole = wholeValue(total);
  const shared = (group: readonly AccountHolding[]): GroupSum => {
    const sum = groupSum(group, options);
    return { ...sum, share: shareOf(sum.value, whole) };
  };
  const sums = (): SumRow[] => {
    const record = { record: "sum", denomination } as const;
    switch (by) {
      case "asset":
        return assetRows(accounts, options).map((sum) => ({ ...record, ...sum }));
      case "account":
        return accounts.map((account) => ({ ...record, ...accountFacts(account), ...shared([account]) }));
      case "type":
        return [...groupsBy(accounts, "type")].map(([type, group]) => ({ ...record, type, ...shared(group) }));
      case "owner":
        return [...groupsBy(accounts, "owner")].map(([owner, group]) => ({ ...record, owner, ...shared(group) }));
      case "key":
        return [...groupsBy(accounts, "key")].map(([key, group]) => ({ ...record, key, ...shared(group) }));
    }
  };
  return [...sums().sort(byValue), { record: "total", denomination, ...total, share: shareOf(total.value, whole) }];
}

function groupSum(accounts: readonly AccountHolding[], { denomination, complete }: SumOptions): SumsTotal {
  const without = idsWithout(accounts);
  const sum = sumsTotal(snapshotsOf(accounts), denomination, without);
  return complete && without.length > 0 ? { ...sum, value: null, valueAvailable: null } : sum;
}

function assetRows(accounts: readonly AccountHolding[], options: SumOptions): AssetSum[] {
  const { denomination, assets, complete, expected = [] } = options;
  const without = idsWithout(accounts);
  const sums = assetSums(snapshotsOf(accounts), denomination, assets, without);
  if (!complete || without.length === 0) return sums;
  const unknown = { quantity: null, available: null, hold: null, value: null, derivedPrice: null, share: null };
  const nobody = { accounts: 0, covers: 0, of: without.length, unpriced: [], unsettled: [] };
  const missing = [...expected].filter((asset) => sums.every((sum) => sum.asset !== asset));
  const named = missing.map((asset) => ({ asset, name: assets.get(asset)?.name ?? null, ...unknown, ...nobody }));
  return [...sums.map((sum) => ({ ...sum, ...unknown })), ...named].sort((a, b) => (a.asset < b.asset ? -1 : 1));
}

function accountFacts({ accountId, snapshot }: AccountHolding): Omit<AccountSum, keyof GroupSum> {
  const { slot = null, completedAt = null, assets = null } = snapshot ?? {};
  return { accountId, slot, completedAt, assets };
}

/** Returns the accounts that have no snapshot. */
function idsWithout(accounts: readonly AccountHolding[]): string[] {
  return accounts.flatMap(({ accountId, snapshot }) => (snapshot === undefined ? [accountId] : []));
}

function snapshotsOf(accounts: readonly AccountHolding[]): Snapshot[] {
  return accounts.flatMap(({ snapshot }) => snapshot ?? []);
}

function groupsBy(accounts: readonly AccountHolding[], field: "type" | "owner" | "key") {
  const groups = new Map<string | null, AccountHolding[]>();
  for (const account of accounts) {
    const common = account[field] ?? null;
    const group = groups.get(common) ?? [];
    group.push(account);
    groups.set(common, group);
  }
  return groups;
}

/** Keeps the order of equal values. */
function byValue({ value: a }: SumRow, { value: b }: SumRow): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return new Big(b).cmp(a);
}
