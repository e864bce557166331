import { type Day, daysOf } from "./days.ts";
import { areEqualDecimals } from "./decimal.ts";
import type { Facts } from "./facts.ts";
import { expectedSlots } from "./gaps.ts";
import { isActiveAt, periodsOf } from "./periods.ts";
import { closingSnapshot, valueIn } from "./ranges.ts";
import type { Answer, SeenSnapshot } from "./snapshots.ts";

/**
 * Judges the data in the page of `report` with a step per day: each account's closing snapshot and its value, the quantity of
 * each asset, and the gaps; and the value at the closes of the headline. A day without a snapshot has no amount at all.
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
  const closes = [last, ...closesBefore(last, page.timezone)];
  if (
    page.closes.map(({ day }: { day: string }) => day).join() !==
    closes
      .slice(1)
      .map(({ date }) => date)
      .join()
  ) {
    problems.push(`report compares with ${JSON.stringify(page.closes)}`);
  }
  for (const { accountId } of facts.accounts) {
    const { periods } = periodsOf(facts, accountId);
    const account = page.accounts.find((one: { accountId: string }) => one.accountId === accountId);
    if (account === undefined) {
      if (periods.length > 0) problems.push(`report lacks ${accountId}`);
      continue;
    }
    for (const [index, { date, to }] of closes.entries()) {
      const balance = index === 0 ? account.end : account.closes[index - 1];
      const active = isActiveAt(periods, to);
      const expected = closingSnapshot(facts, snapshots, accountId, { from: Number.NEGATIVE_INFINITY, to });
      const { total } = valueIn(expected);
      const isRight =
        !active || expected === undefined
          ? balance === (active ? "missing" : "not active")
          : balance.slot === expected.slot &&
            (total === null || balance.total === null
              ? total === balance.total
              : areEqualDecimals(total, balance.total));
      if (isRight) continue;
      const shown = JSON.stringify(balance);
      problems.push(`headline of ${date}: ${accountId} is ${shown}, expected ${active} ${expected?.slot} ${total}`);
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
      // A manual run that failed is no gap.
      .filter(({ trigger, isComplete }) => trigger === "schedule" && !isComplete)
      .filter(({ slot }) => Date.parse(slot) >= first.from && Date.parse(slot) <= last.to)
      .map(({ slot }) => slot);
    const shownGaps = account.gaps.map(({ slot }: { slot: string }) => slot);
    if (shownGaps.toSorted().join() !== gaps.sort().join()) {
      problems.push(`report shows the gaps ${shownGaps} of ${accountId}, expected ${gaps}`);
    }
  }
  return code === 0 ? problems : [...problems, `report ends with ${code}`];
}

/** Returns the last days before a day, its month and its year. */
function closesBefore({ date, from, to }: Day, timezone: string): Day[] {
  const dayMs = 86_400_000;
  const days = daysOf(timezone, from - 368 * dayMs, to + dayMs);
  const starts = [date, `${date.slice(0, 7)}-01`, `${date.slice(0, 4)}-01-01`];
  return starts.flatMap((start) => days[days.findIndex((day) => day.date === start) - 1] ?? []);
}

/** The column of a page: a number is how many more times the previous cell repeats. */
type Packed = readonly (string | number | null)[];

function unpack(column: Packed): unknown[] {
  return column.flatMap((cell, at) => (typeof cell === "number" ? Array(cell).fill(column[at - 1]) : [cell]));
}
