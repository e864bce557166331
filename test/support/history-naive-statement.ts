// What a statement must show, computed naively from the facts, see history-naive.ts: decimals with BigInt.
import { negated, sumByBigInt } from "../unit/domain/decimal.ts";
import type { AccountFacts, SnapshotFact } from "./history-facts.ts";
import {
  asOfFacts,
  completeOf,
  countsAt,
  holdingValue,
  instant,
  nameOf,
  periodsOf,
  totalRowOf,
} from "./history-naive.ts";
import { isExpected, percentOfSlots, slotsOf } from "./history-naive-gaps.ts";
import { type PairFact, percentOf, priceOf, rankingOf, sumTotalOf } from "./history-naive-sums.ts";

export interface StatementFact {
  readonly accounts: readonly AccountFacts[];
  /** The last millisecond before the period, and its own last one. */
  readonly after: number;
  readonly at: number;
  /** The age from which on a snapshot is too old: that of the last but one slot. */
  readonly maxAgeMs: (at: number) => number;
}

type End = "opening" | "closing";

interface EndsFact {
  readonly account: AccountFacts;
  readonly opening: SnapshotFact | undefined;
  readonly closing: SnapshotFact | undefined;
}

const minus = (a: string | null | undefined, ...others: readonly (string | null | undefined)[]) =>
  sumByBigInt([a ?? "0", ...others.map((other) => negated(other ?? "0"))]);

/** Returns the figures of a statement. */
export function statementFiguresOf({ accounts, after, at, maxAgeMs }: StatementFact) {
  const shown = accounts.filter((one) =>
    periodsOf(one).some(({ from, until = Number.POSITIVE_INFINITY }) => from <= at && until > after),
  );
  const acceptedAt = (account: AccountFacts, time: number) => {
    const found = countsAt(account, time) ? asOfFacts(account.records, time) : undefined;
    return found && time - found.capturedAt <= maxAgeMs(time) ? found : undefined;
  };
  const ends = shown.map((account): EndsFact => {
    return { account, opening: acceptedAt(account, after), closing: acceptedAt(account, at) };
  });
  const totalAt = (end: End) => {
    const counting = ends.filter(({ account }) => countsAt(account, end === "opening" ? after : at));
    const { denomination: _, ...total } = sumTotalOf(
      counting.map((one) => ({ account: one.account, found: one[end] })),
    );
    return total;
  };
  const [opening, closing] = [totalAt("opening"), totalAt("closing")];
  return {
    ...{ opening, closing },
    ...movementsOf(ends, opening.value, closing.value),
    accounts: ends.map((one) => accountOf(one, after, at)),
    gaps: gapRangesOf(shown, after + 1, at),
  };
}

function movementsOf(ends: readonly EndsFact[], openingValue: string | null, closingValue: string | null) {
  const pairs = ends.flatMap(({ account: { accountId }, opening: earlier, closing: later }) =>
    earlier && later ? [{ accountId, earlier, later }] : [],
  );
  const changes = new Map(rankingOf(pairs, 1000).shown.map((change) => [change.asset, change]));
  const factsAt = (end: End) => ends.flatMap((one) => one[end] ?? []);
  const held = [...factsAt("opening"), ...factsAt("closing")].flatMap(({ holdings }) => [...holdings.keys()]);
  const assets = [...new Set(held)].map((asset) => {
    const [from, to] = [heldAt(asset, factsAt("opening")), heldAt(asset, factsAt("closing"))];
    const change = changes.get(asset);
    const { quantityEffect = null, priceEffect = null } = change ?? {};
    return {
      ...{ asset, name: `The ${asset}` },
      ...{ openingQuantity: from.quantity, closingQuantity: to.quantity, quantityChange: change?.quantity ?? null },
      quantityOther:
        from.quantity === null && to.quantity === null ? null : minus(to.quantity, from.quantity, change?.quantity),
      ...{ openingValue: from.value, closingValue: to.value, quantityEffect, priceEffect },
      valueOther:
        from.value === null && to.value === null ? null : minus(to.value, from.value, quantityEffect, priceEffect),
      ...{ openingPrice: from.price, closingPrice: to.price },
      pricePercent:
        from.price === null || to.price === null ? null : percentOf(minus(to.price, from.price), from.price),
      ...{ openingCovers: from.covers, openingOf: from.of, closingCovers: to.covers, closingOf: to.of },
      ...{ openingUnsettled: [] as string[], closingUnsettled: [] as string[] },
    };
  });
  const known = [...changes.values()].filter(({ quantityEffect }) => quantityEffect !== null);
  const effect = (name: "quantityEffect" | "priceEffect") =>
    pairs.length === 0 || (known.length === 0 && changes.size > 0)
      ? null
      : sumByBigInt(known.map((change) => change[name] ?? "0"));
  const totalIn = (facts: readonly SnapshotFact[]) => {
    const values = facts.flatMap((fact) => totalRowOf("", fact).total ?? []);
    return values.length === 0 ? null : sumByBigInt(values);
  };
  // The known values of the assets without effects.
  const withoutEffects = [...changes.values()].filter(({ quantityEffect }) => quantityEffect === null);
  const endValue = (asset: string, end: keyof Omit<PairFact, "accountId">) =>
    heldAt(
      asset,
      pairs.map((pair) => pair[end]),
    ).value;
  const oneEndOnly = withoutEffects.map(({ asset }) => minus(endValue(asset, "later"), endValue(asset, "earlier")));
  const movement = {
    change: openingValue === null || closingValue === null ? null : minus(closingValue, openingValue),
    ...{ quantityEffect: effect("quantityEffect"), priceEffect: effect("priceEffect") },
    oneEndOnly: pairs.every(({ earlier, later }) => totalIn([earlier, later]) === null)
      ? null
      : sumByBigInt(oneEndOnly),
    leftValue: totalIn(ends.flatMap(({ opening, closing }) => (opening && !closing ? [opening] : []))),
    joinedValue: totalIn(ends.flatMap(({ opening, closing }) => (closing && !opening ? [closing] : []))),
  };
  return { movement, assets };
}

function heldAt(asset: string, facts: readonly SnapshotFact[]) {
  const held = facts.flatMap(({ holdings }) => holdings.get(asset) ?? []);
  const values = held.flatMap((holding) => holdingValue(asset, holding)?.total ?? []);
  const quantity = held.length === 0 ? null : sumByBigInt(held.map(({ total }) => total));
  const value = values.length === 0 ? null : sumByBigInt(values);
  const price = values.length < held.length ? null : priceOf(value, quantity);
  return { quantity, value, price, covers: values.length, of: held.length };
}

function accountOf({ account, ...found }: EndsFact, after: number, at: number) {
  const endOf = (end: End) => {
    const time = end === "opening" ? after : at;
    const isActive = countsAt(account, time);
    const last = isActive ? asOfFacts(account.records, time) : undefined;
    const { total: value, covers, of } = totalRowOf("", found[end]);
    return {
      state: found[end] ? "known" : isActive ? "missing" : "inactive",
      slot: last ? instant(last.slot) : null,
      capturedAt: last ? instant(last.capturedAt) : null,
      completedAt: last ? instant(last.completedAt) : null,
      ...{ value, covers, of, uncertain: false, altered: false },
    };
  };
  const slots = slotsOf(account, after + 1, at);
  const complete = slots.filter((slot) => slot.complete).length;
  return {
    accountId: account.accountId,
    accountName: nameOf(account, at),
    events: periodsOf(account)
      .flatMap(({ from, until }) => [
        { event: "start", at: from },
        ...(until === undefined ? [] : [{ event: "end", at: until }]),
      ])
      .filter((event) => event.at > after && event.at <= at)
      .map((event) => ({ ...event, at: instant(event.at) })),
    ...{ opening: endOf("opening"), closing: endOf("closing") },
    slots: {
      ...{ expected: slots.length, complete },
      percent: slots.length === 0 ? null : percentOfSlots(complete, slots.length),
    },
    snapshots: completeOf(account.records).filter(({ slot }) => slot > after && slot <= at && isExpected(account, slot))
      .length,
    ...{ uncertain: 0, altered: 0 },
  };
}

/** Returns the gaps, those in a row with the same code together, and those that several accounts have alike. */
function gapRangesOf(accounts: readonly AccountFacts[], from: number, to: number) {
  const ranges = accounts.flatMap((account) => {
    const slots = slotsOf(account, from, to);
    const codeOf = (at: number) => {
      const slot = slots[at];
      return slot === undefined || slot.complete ? undefined : (slot.failure?.code ?? "not_run");
    };
    return slots.flatMap((first, at) => {
      const code = codeOf(at);
      if (code === undefined || codeOf(at - 1) === code) return [];
      let count = 1;
      while (codeOf(at + count) === code) count++;
      const messageAt = (index: number) =>
        slots[index]?.failure?.message ?? "Nothing was recorded: the job did not run for this slot.";
      const messages = Array.from({ length: count }, (_, index) => messageAt(at + index));
      const [firstSlot, lastSlot] = [instant(first.slot), instant(slots[at + count - 1]?.slot ?? 0)];
      return [{ accountId: account.accountId, firstSlot, lastSlot, slots: count, code, messages }];
    });
  });
  const keyOf = ({ firstSlot, lastSlot, code }: (typeof ranges)[number]) => `${firstSlot} ${lastSlot} ${code}`;
  return [...new Set(ranges.map(keyOf))]
    .map((key) => {
      const alike = ranges.filter((range) => keyOf(range) === key);
      const { accountId: _, messages, ...range } = alike[0] as (typeof ranges)[number];
      const different = new Set(alike.flatMap((one) => one.messages));
      const message = { message: messages[0], messagesDiffer: different.size > 1 };
      return { accounts: alike.map(({ accountId }) => accountId), ...range, ...message };
    })
    .sort((a, b) => (a.firstSlot < b.firstSlot ? -1 : Number(a.firstSlot > b.firstSlot)));
}
