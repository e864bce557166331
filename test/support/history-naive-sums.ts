// What sums over accounts and changes must show, computed naively from the facts, see history-naive.ts: decimals with BigInt.
import { dividedByBigInt, negated, productByBigInt, sumByBigInt } from "../unit/domain/decimal.ts";
import type { AccountFacts, SnapshotFact } from "./history-facts.ts";
import type { HoldingFact } from "./history-holdings.ts";
import { holdingValue, instant, totalRowOf, totalRowOfAll } from "./history-naive.ts";

/** The decimals that the facts' dollars have, as the catalog describes them. Their values have up to six. */
export const USD_DECIMALS = 2;

const isZero = (text: string) => /^-?[0.]+$/.test(text);

/** Returns a quotient with eight significant digits, and no zeros at its end; `null` for a quantity of zero. */
export function priceOf(value: string | null | undefined, quantity: string | null | undefined): string | null {
  if (value == null || quantity == null || isZero(quantity)) return null;
  if (isZero(value)) return "0";
  // As many decimals as leave eight digits after leading zeros.
  const digitsOf = (text: string) => text.replace(/[-.]/g, "").replace(/^0+/, "").length;
  let places = 0;
  while (digitsOf(dividedByBigInt(value, quantity, places + 1)) <= 8) places++;
  const found = dividedByBigInt(value, quantity, places);
  const zeros = "0".repeat(Math.max(0, digitsOf(found) - 8));
  const rounded = zeros === "" ? found : `${dividedByBigInt(value, productByBigInt(quantity, `1${zeros}`), 0)}${zeros}`;
  return rounded.includes(".") ? rounded.replace(/\.?0+$/, "") : rounded;
}

/** Returns how many percent of a whole a part is; `null` of zero. */
export function percentOf(part: string | null, whole: string | null): string | null {
  if (part === null || whole === null || isZero(whole)) return null;
  return dividedByBigInt(productByBigInt(part, "100"), whole.replace("-", ""), 2);
}

const shareOf = (value: string | null, total: string | null) =>
  total?.startsWith("-") ? null : percentOf(value, total);

/** Returns rows with the largest amount first and unknown amounts last; equal ones stay in order. */
function largestFirst<Row>(rows: readonly Row[], amountOf: (row: Row) => string | null): Row[] {
  return [...rows].sort((a, b) => {
    const [x, y] = [amountOf(a), amountOf(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const more = sumByBigInt([y, negated(x)]);
    return isZero(more) ? 0 : more.startsWith("-") ? -1 : 1;
  });
}

/** What is held at one end: the sum over accounts. The value is `null` if the asset has no price in one of them. */
interface EndFact {
  readonly total: string;
  readonly value: string | null;
}

function endOf(asset: string, holdings: readonly (HoldingFact | undefined)[]): EndFact | undefined {
  const held = holdings.filter((holding) => holding !== undefined);
  if (held.length === 0) return undefined;
  const values = held.map((holding) => holdingValue(asset, holding)?.total ?? null);
  const known = values.filter((value) => value !== null);
  return {
    total: sumByBigInt(held.map(({ total }) => total)),
    value: known.length < values.length ? null : sumByBigInt(known),
  };
}

/** Returns the change of an asset between two ends; `undefined`: not held. */
function changeOf(asset: string, from: EndFact | undefined, to: EndFact | undefined) {
  const quantity = sumByBigInt([to?.total ?? "0", negated(from?.total ?? "0")]);
  const isKnown = from?.value !== null && to?.value !== null;
  const value = isKnown ? sumByBigInt([to?.value ?? "0", negated(from?.value ?? "0")]) : null;
  const effects = () => {
    if (value === null) return { quantityEffect: null, priceEffect: null };
    const nothing = sumByBigInt([value, negated(value)]);
    if (!from || !to) return { quantityEffect: value, priceEffect: nothing };
    if (isZero(quantity)) return { quantityEffect: `0.${"0".repeat(USD_DECIMALS)}`, priceEffect: value };
    if (isZero(from.total) || isZero(to.total)) return { quantityEffect: value, priceEffect: nothing };
    const quantityEffect = dividedByBigInt(productByBigInt(quantity, from.value ?? ""), from.total, USD_DECIMALS);
    return { quantityEffect, priceEffect: sumByBigInt([value, negated(quantityEffect)]) };
  };
  return {
    asset,
    state: !from
      ? "opened"
      : !to
        ? "closed"
        : isZero(quantity)
          ? "unchanged"
          : quantity.startsWith("-")
            ? "down"
            : "up",
    ...{ fromTotal: from?.total ?? null, toTotal: to?.total ?? null, quantity },
    ...{ fromValue: from?.value ?? null, toValue: to?.value ?? null, value },
    ...{ fromPrice: priceOf(from?.value, from?.total), toPrice: priceOf(to?.value, to?.total) },
    quantityPercent: percentOf(quantity, from?.total ?? null),
    valuePercent: percentOf(value, from?.value ?? null),
    ...effects(),
  };
}

/** The snapshots of an account at both ends of a range. */
export interface PairFact {
  readonly accountId: string;
  readonly earlier: SnapshotFact;
  readonly later: SnapshotFact;
}

const symbolsIn = (pairs: readonly PairFact[]) =>
  [...new Set(pairs.flatMap(({ earlier, later }) => [...earlier.holdings.keys(), ...later.holdings.keys()]))].sort();

const oldestOf = (snapshots: readonly SnapshotFact[]) =>
  snapshots.length === 0 ? null : instant(Math.min(...snapshots.map(({ capturedAt }) => capturedAt)));

/** Returns the rows of `changes` for one account, including unchanged assets. */
export function changeRowsOf(accountId: string, earlier: SnapshotFact, later: SnapshotFact) {
  return symbolsIn([{ accountId, earlier, later }]).map((asset) => ({
    accountId,
    fromSlot: instant(earlier.slot),
    fromCapturedAt: instant(earlier.capturedAt),
    fromCompletedAt: instant(earlier.completedAt),
    toSlot: instant(later.slot),
    toCapturedAt: instant(later.capturedAt),
    toCompletedAt: instant(later.completedAt),
    altered: false,
    ...changeOf(asset, endOf(asset, [earlier.holdings.get(asset)]), endOf(asset, [later.holdings.get(asset)])),
  }));
}

/** Returns the rows of `changes --by value`: the largest changes of all accounts together, and the total. */
export function rankingOf(pairs: readonly PairFact[], top: number, without: readonly string[] = []) {
  const changes = symbolsIn(pairs).map((asset) => {
    const holdings = pairs.map(({ accountId, earlier, later }) => ({
      accountId,
      from: earlier.holdings.get(asset),
      to: later.holdings.get(asset),
    }));
    const [from, to] = (["from", "to"] as const).map((end) =>
      endOf(
        asset,
        holdings.map((one) => one[end]),
      ),
    );
    const isUnpriced = (holding: HoldingFact | undefined) => holding && holdingValue(asset, holding) === null;
    return {
      ...{ record: "sum", denomination: "usd", name: `The ${asset}` },
      ...changeOf(asset, from, to),
      unpriced: holdings.filter(({ from, to }) => isUnpriced(from) || isUnpriced(to)).map(({ accountId }) => accountId),
      unsettled: [] as string[],
    };
  });
  const ranked = largestFirst(changes, ({ value }) => value?.replace("-", "") ?? null);
  const known = changes.filter(({ value }) => value !== null);
  const add = (name: "fromValue" | "toValue" | "value" | "quantityEffect" | "priceEffect") =>
    known.length === 0 && changes.length > 0 ? null : sumByBigInt(known.map((change) => change[name] ?? "0"));
  const shown = ranked.slice(0, top);
  const total = {
    ...{ record: "total", denomination: "usd" },
    ...{ fromValue: add("fromValue"), toValue: add("toValue"), value: add("value") },
    valuePercent: percentOf(add("value"), add("fromValue")),
    ...{ quantityEffect: add("quantityEffect"), priceEffect: add("priceEffect") },
    ...{ covers: known.length, of: changes.length, accounts: pairs.length, accountsOf: pairs.length + without.length },
    fromCapturedAt: oldestOf(pairs.map(({ earlier }) => earlier)),
    toCapturedAt: oldestOf(pairs.map(({ later }) => later)),
    ...{ without, altered: [], notShown: changes.length - shown.length },
  };
  return { shown, total };
}

/** What an account held at a moment; `found` is `undefined` without an acceptable snapshot. */
export interface HeldFact {
  readonly account: AccountFacts;
  readonly found: SnapshotFact | undefined;
}

/** Returns the total row of sums. @param isSeries whether there is no amount if an account has no snapshot */
export function sumTotalOf(held: readonly HeldFact[], isSeries = false) {
  const rows = held.map(({ account, found }) => totalRowOf(account.accountId, found));
  const all = totalRowOfAll(rows.filter(({ partial }) => !partial));
  const without = rows.flatMap((row) => row.without);
  const isUnknown = isSeries && without.length > 0;
  return {
    denomination: "usd",
    ...{ value: isUnknown ? null : all.total, valueAvailable: isUnknown ? null : all.available },
    ...{ covers: all.covers, of: all.of, missing: all.missing },
    ...{ accounts: all.accounts, accountsOf: rows.length, without, altered: [] as string[] },
    capturedAt: oldestOf(held.flatMap(({ found }) => found ?? [])),
  };
}

/** The total that shares are of: none if an account has no snapshot. */
const wholeValueOf = ({ value, without }: ReturnType<typeof sumTotalOf>) => (without.length === 0 ? value : null);

/** Returns the sums by asset of what accounts held at a moment, the most valuable first, and the total. */
export function assetSumsOf(held: readonly HeldFact[], isSeries = false) {
  const total = sumTotalOf(held, isSeries);
  /** An account without a snapshot may hold any asset. */
  const lacking = total.without.length;
  const symbols = [...new Set(held.flatMap(({ found }) => [...(found?.holdings.keys() ?? [])]))].sort();
  const sums = symbols.map((asset) => {
    const holdings = held.flatMap(({ account: { accountId }, found }) => {
      const holding = found?.holdings.get(asset);
      return holding ? [{ accountId, ...holding, value: holdingValue(asset, holding)?.total }] : [];
    });
    const values = holdings.flatMap((one) => one.value ?? []);
    const add = (texts: readonly string[]) => (texts.length === 0 ? null : sumByBigInt(texts));
    const quantity = add(holdings.map((one) => one.total)) ?? "";
    const available = add(holdings.map((one) => one.available)) ?? "";
    const hold = sumByBigInt([quantity, negated(available)]);
    const derivedPrice = values.length < holdings.length + lacking ? null : priceOf(add(values), quantity);
    const amounts = {
      quantity,
      available,
      hold,
      value: add(values),
      derivedPrice,
      share: shareOf(add(values), wholeValueOf(total)),
    };
    const unknown = { quantity: null, available: null, hold: null, value: null, derivedPrice: null, share: null };
    return {
      ...{ record: "sum", denomination: "usd", asset, name: `The ${asset}` },
      ...(isSeries && total.without.length > 0 ? unknown : amounts),
      ...{ accounts: holdings.length, covers: values.length, of: holdings.length + lacking },
      unpriced: holdings.filter((one) => one.value === undefined).map(({ accountId }) => accountId),
      unsettled: [] as string[],
    };
  });
  return [...largestFirst(sums, ({ value }) => value), totalRowOfSums(total)];
}

/** Returns the sums of groups of accounts, the most valuable first, and the total. @param factsOf what a group has in common */
export function groupSumsOf(held: readonly HeldFact[], factsOf: (one: HeldFact) => object, isSeries = false) {
  const total = sumTotalOf(held, isSeries);
  const keyOf = (one: HeldFact) => JSON.stringify(factsOf(one));
  const groups = [...new Set(held.map(keyOf))].map((key) => held.filter((one) => keyOf(one) === key));
  const sums = groups.map((group) => {
    const sum = sumTotalOf(group, isSeries);
    return { record: "sum", ...factsOf(group[0] as HeldFact), ...sum, share: shareOf(sum.value, wholeValueOf(total)) };
  });
  return [...largestFirst(sums, ({ value }) => value), totalRowOfSums(total)];
}

function totalRowOfSums(total: ReturnType<typeof sumTotalOf>) {
  return { record: "total", ...total, share: shareOf(total.value, wholeValueOf(total)) };
}
