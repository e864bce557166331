import type { Day } from "./days.ts";
import { areEqualDecimals } from "./decimal.ts";
import type { Facts } from "./facts.ts";
import { expectedSlots } from "./gaps.ts";
import { isActiveAt, periodsOf } from "./periods.ts";
import { closingSnapshot, valueIn } from "./ranges.ts";
import type { Answer, SeenSnapshot } from "./snapshots.ts";

/**
 * Judges the data in the page of `report` with a step per day: each account's closing snapshot and its value, the quantity of
 * each asset, and the gaps. A day without a snapshot has no amount at all.
 */
export function judgeReport(
  facts: Facts,
  snapshots: readonly SeenSnapshot[],
  days: readonly Day[],
  now: number,
  { stdout, code }: Answer,
): string[] {
  const [, text] = /<script type="application\/json" id="report-data">(.*?)<\/script>/s.exec(stdout) ?? [];
  const [first, last] = [days[0], days.at(-1)];
  if (text === undefined || first === undefined || last === undefined) return ["report has no data"];
  const page = JSON.parse(text);
  const problems: string[] =
    page.labels?.join() === days.map(({ date }) => date).join() ? [] : ["report has other days"];
  for (const { accountId } of facts.accounts) {
    const { periods } = periodsOf(facts, accountId);
    const account = page.accounts.find((one: { accountId: string }) => one.accountId === accountId);
    if (account === undefined) {
      if (periods.length > 0) problems.push(`report lacks ${accountId}`);
      continue;
    }
    for (const [n, { date, from, to }] of days.entries()) {
      const isActive = isActiveAt(periods, to);
      const expected = isActive ? closingSnapshot(facts, snapshots, accountId, { from, to }) : undefined;
      const shown = account.snapshots[n];
      const total = valueIn(expected).total;
      const isTotal =
        total === null || shown?.total == null
          ? (shown?.total ?? null) === total
          : areEqualDecimals(total, shown.total);
      if ((account.inactive?.includes(n) ?? false) === isActive || shown?.slot !== expected?.slot || !isTotal) {
        problems.push(
          `report of ${date}: ${accountId} has ${JSON.stringify(shown)}, expected ${expected?.slot} ${total}`,
        );
      }
      const quantities = account.assets.flatMap(({ symbol, quantities }: { symbol: string; quantities: Packed }) => {
        const quantity = unpack(quantities)[n];
        return quantity === null ? [] : `${symbol} ${quantity}`;
      });
      const held = [...(expected?.balances ?? [])].map(([asset, amounts]) => `${asset} ${amounts.get(asset)?.total}`);
      if (quantities.sort().join() !== held.sort().join()) {
        problems.push(`report of ${date}: ${accountId} holds ${quantities}, expected ${held}`);
      }
    }
    const gaps = expectedSlots(facts, accountId, now)
      .filter(({ slot, isComplete }) => !isComplete && Date.parse(slot) >= first.from && Date.parse(slot) <= last.to)
      .map(({ slot }) => slot);
    const shownGaps = account.gaps.map(({ slot }: { slot: string }) => slot);
    if (shownGaps.toSorted().join() !== gaps.sort().join()) {
      problems.push(`report shows the gaps ${shownGaps} of ${accountId}, expected ${gaps}`);
    }
  }
  return code === 0 ? problems : [...problems, `report ends with ${code}`];
}

/** The column of a page: a number is how many more times the previous cell repeats. */
type Packed = readonly (string | number | null)[];

function unpack(column: Packed): unknown[] {
  return column.flatMap((cell, at) => (typeof cell === "number" ? Array(cell).fill(column[at - 1]) : [cell]));
}
