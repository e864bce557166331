import { maxAgeMs, snapshotAt } from "./as-of.ts";
import type { Day } from "./days.ts";
import { addDecimals, areEqualDecimals } from "./decimal.ts";
import type { Facts } from "./facts.ts";
import { isActiveAt, periodsOf } from "./periods.ts";
import { type Answer, parseLines, type SeenSnapshot } from "./snapshots.ts";

/** Judges `history` of an asset: each snapshot of the range, with its amount or as absent. */
export function judgeHistory(
  snapshots: readonly SeenSnapshot[],
  asset: string,
  { from, to }: { from: number; to: number },
  { stdout }: Answer,
): string[] {
  const expected = snapshots
    .filter(({ completedAt }) => completedAt >= from && completedAt <= to)
    .map(({ accountId, slot, balances }) => {
      const own = balances.get(asset)?.get(asset);
      return [accountId, slot, own === undefined ? "absent" : "held", own?.available ?? null, own?.total ?? null].join(
        " ",
      );
    });
  const shown = parseLines(stdout)
    // Only the snapshot's own item says which assets are unsettled.
    .map(({ accountId, slot, state, available, total }) =>
      [accountId, slot, state === "unsettled" ? "absent" : state, available, total].join(" "),
    );
  return differences(`history of ${asset}`, expected, shown);
}

/** Judges `changes`: what differs between the snapshots that count at two times, and are not too old for them. */
export function judgeChanges(
  facts: Facts,
  snapshots: readonly SeenSnapshot[],
  { from, to }: { from: number; to: number },
  { stdout, code }: Answer,
): string[] {
  const rows = parseLines(stdout).filter(({ state }) => state !== "unsettled");
  let compared = 0;
  const expected = facts.accounts.flatMap(({ accountId }) => {
    const { periods } = periodsOf(facts, accountId);
    const [earlier, later] = [from, to].map((at) => {
      const found = snapshotAt(snapshots, accountId, at);
      return found && at - found.capturedAt <= maxAgeMs(facts, at) ? found : undefined;
    });
    if (![from, to].every((at) => isActiveAt(periods, at)) || earlier === undefined || later === undefined) return [];
    compared++;
    return [...new Set([...earlier.balances.keys(), ...later.balances.keys()])].flatMap((asset) => {
      const [before, after] = [earlier, later].map(({ balances }) => balances.get(asset)?.get(asset)?.total);
      const difference = addDecimals(after ?? "0", negative(before ?? "0"));
      if (before !== undefined && after !== undefined && difference === "0") return [];
      const direction = difference.startsWith("-") ? "down" : "up";
      const state = before === undefined ? "opened" : after === undefined ? "closed" : direction;
      return [[accountId, asset, state, before ?? null, after ?? null, difference].join(" ")];
    });
  });
  const shown = rows.map(({ accountId, asset, state, fromTotal, toTotal, quantity }) =>
    [accountId, asset, state, fromTotal, toTotal, addDecimals(quantity, "0")].join(" "),
  );
  const isUncertain = snapshots.some(({ consistency }) => consistency === "uncertain");
  const isExplained = ({ value, quantityEffect, priceEffect }: Record<string, string>) =>
    value === null || addDecimals(quantityEffect ?? "", priceEffect ?? "") === addDecimals(value ?? "", "0");
  return [
    ...rows.flatMap((row) => (isExplained(row) ? [] : [`the effects do not add up to the change: ${row["asset"]}`])),
    ...(isUncertain ? [] : differences("changes", expected, shown)),
    ...(compared > 0 || code === 1 ? [] : [`changes ends with ${code}, and compared nothing`]),
  ];
}

/** Judges `totals` of whole days: each account's value, what it covers, and the sum of all accounts, or why there is none. */
export function judgeTotals(
  facts: Facts,
  snapshots: readonly SeenSnapshot[],
  days: readonly Day[],
  { stdout, code }: Answer,
): string[] {
  const rows = parseLines(stdout);
  const problems: string[] = [];
  let isPartial = false;
  for (const { date, from, to } of days) {
    const active = facts.accounts.filter(({ accountId }) => isActiveAt(periodsOf(facts, accountId).periods, to));
    const ofDay = active.map(({ accountId }) => {
      return { accountId, snapshot: closingSnapshot(facts, snapshots, accountId, { from, to }) };
    });
    const without = ofDay.filter(({ snapshot }) => snapshot === undefined).map(({ accountId }) => accountId);
    isPartial ||= without.length > 0;
    const sums = ofDay.map(({ accountId, snapshot }) => ({ accountId, ...valueIn(snapshot) }));
    const all = sums.every(({ total }) => total !== null)
      ? sums.reduce<string | null>((sum, { total }) => addDecimals(sum ?? "0", total ?? "0"), null)
      : null;
    const covers = sums.reduce((sum, one) => sum + one.covers, 0);
    for (const { accountId, total, covers: covered } of [...sums, { accountId: "all", total: all, covers }]) {
      const row = rows.find((one) => one.step === date && one.accountId === accountId);
      const isTotal =
        row && (total === null || row.total === null ? total === row.total : areEqualDecimals(total, row.total));
      if (!isTotal || row.covers !== covered || row.of < covered) {
        problems.push(
          `totals of ${date}: ${accountId} is ${JSON.stringify(row)}, expected ${total}, covers ${covered}`,
        );
      }
    }
    const shown = rows.find((one) => one.step === date && one.accountId === "all");
    if (shown?.accounts !== active.length || shown.without.toSorted().join() !== without.toSorted().join()) {
      problems.push(
        `totals of ${date}: ${JSON.stringify(shown)}, expected ${active.length} accounts without ${without}`,
      );
    }
  }
  const exitCode = Number(isPartial);
  return code === exitCode ? problems : [...problems, `totals ends with ${code}, expected ${exitCode}`];
}

/** Returns the last snapshot of a day, unless it is too old at its end. */
export function closingSnapshot(
  facts: Facts,
  snapshots: readonly SeenSnapshot[],
  accountId: string,
  { from, to }: { readonly from: number; readonly to: number },
): SeenSnapshot | undefined {
  const snapshot = snapshotAt(snapshots, accountId, to);
  const isFresh = snapshot && snapshot.completedAt >= from && to - snapshot.capturedAt <= maxAgeMs(facts, to);
  return isFresh ? snapshot : undefined;
}

/** Returns the value of a snapshot in usd. Without any price it is unknown, which is not zero. */
export function valueIn(snapshot: SeenSnapshot | undefined): { total: string | null; covers: number } {
  const values = [...(snapshot?.balances.values() ?? [])].flatMap((amounts) => amounts.get("usd")?.total ?? []);
  if (values.length === 0) return { total: null, covers: 0 };
  return { total: values.reduce(addDecimals, "0"), covers: values.length };
}

function differences(where: string, expected: readonly string[], shown: readonly string[]): string[] {
  return [
    ...expected.filter((row) => !shown.includes(row)).map((row) => `${where} lacks ${row}`),
    ...shown.filter((row) => !expected.includes(row)).map((row) => `${where} shows ${row}`),
  ];
}

function negative(amount: string): string {
  return amount.startsWith("-") ? amount.slice(1) : `-${amount}`;
}
