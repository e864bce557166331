import { areEqualDecimals } from "./decimal.ts";
import type { Facts } from "./facts.ts";
import { isActiveAt, periodsOf } from "./periods.ts";
import { closingSnapshot } from "./ranges.ts";
import type { Answer, SeenSnapshot } from "./snapshots.ts";

const LENGTHS_MS: Readonly<Record<string, number>> = { min: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Judges `chart --timezone UTC` of an asset over whole days: the first and the last amount of each account, with the interval
 * that the command chose.
 */
export function judgeChart(
  facts: Facts,
  snapshots: readonly SeenSnapshot[],
  asset: string,
  { from, to }: { readonly from: number; readonly to: number },
  { stdout, code }: Answer,
): string[] {
  // The line of the gaps under the axis is empty if there are none.
  const charts = stdout.split(/\n\n(?=[^\n]*account_\S+: )/).filter((text) => text.includes("account_"));
  const problems = charts.flatMap((text) => {
    const [, accountId = "", count, unit = ""] =
      /(account_\S+):\s[^┤]*\sone column every (\d+)(\w+)$/m.exec(text) ?? [];
    const [, first = null, last = null] = /^first (\S+),\s+last (\S+);/m.exec(text) ?? [];
    const length = Number(count) * (LENGTHS_MS[unit] ?? Number.NaN);
    if (!(length > 0)) return [`chart of ${accountId} has no interval`];
    const { periods } = periodsOf(facts, accountId);
    const amounts: string[] = [];
    for (const step of stepsOf(from, to, length)) {
      if (!isActiveAt(periods, step.to)) continue;
      const closing = closingSnapshot(facts, snapshots, accountId, step);
      const amount = closing?.balances.get(asset)?.get(asset)?.total;
      if (amount !== undefined) amounts.push(amount);
    }
    const isEqual = (a: string | null, b: string | undefined) =>
      a === null || b === undefined ? a === (b ?? null) : areEqualDecimals(a, b);
    return isEqual(first, amounts[0]) && isEqual(last, amounts.at(-1))
      ? []
      : [
          `chart of ${accountId} begins with ${first} and ends with ${last}, expected ${amounts[0]} and ${amounts.at(-1)}`,
        ];
  });
  const known = facts.accounts.filter(({ accountId }) => periodsOf(facts, accountId).periods.length > 0);
  const missing = known.filter(({ accountId }) => !charts.some((text) => text.includes(`${accountId}:`)));
  return [
    ...problems,
    ...missing.map(({ accountId }) => `chart lacks ${accountId}`),
    ...(code === 0 ? [] : [`chart ends with ${code}`]),
  ];
}

/** Days are whole; a part of a day ends at a clock time, so the first one ends where the range begins: docs/adr/0013. */
function stepsOf(from: number, to: number, length: number): { readonly from: number; readonly to: number }[] {
  const isDays = length % (LENGTHS_MS["d"] ?? 1) === 0;
  const ends: number[] = [];
  for (let end = isDays ? from + length - 1 : from; end < to; end += length) ends.push(end);
  return [...ends, to].map((end, n) => ({ from: (ends[n - 1] ?? end - length) + 1, to: end }));
}
