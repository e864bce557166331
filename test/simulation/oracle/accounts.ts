import { snapshotAt } from "./as-of.ts";
import { type Facts, writesOf } from "./facts.ts";
import { expectedSlots } from "./gaps.ts";
import { periodsOf } from "./periods.ts";
import { type Answer, parseLines, type SeenSnapshot } from "./snapshots.ts";

const MONTH_MS = 30 * 86_400_000;
const END_OF_TIME = Date.UTC(9999, 0, 1);

/** Judges `accounts`: the state of each account, its first and last snapshot, its end, and its gaps of the last 30 days. */
export function judgeAccountList(
  facts: Facts,
  snapshots: readonly SeenSnapshot[],
  now: number,
  { stdout }: Answer,
): string[] {
  const rows = new Map(parseLines(stdout).map((row) => [row.accountId, row]));
  return facts.accounts.flatMap(({ accountId }) => {
    const { periods, isPending } = periodsOf(facts, accountId);
    const row = rows.get(accountId);
    const isKnown = writesOf(facts, "account").some((write) => write.accountId === accountId);
    if (!isKnown) return row === undefined ? [] : [`accounts lists ${accountId}, which was never recorded`];
    const last = periods.at(-1);
    const isActive = last !== undefined && last.until === undefined;
    const gaps = expectedSlots(facts, accountId, now).filter(
      ({ slot, trigger, isComplete }) => trigger === "schedule" && !isComplete && Date.parse(slot) >= now - MONTH_MS,
    );
    const expected = {
      state: isActive ? "active" : isPending ? "pending" : "ended",
      since: periods[0]?.since ?? null,
      ended: last?.until ?? null,
      lastSlot: last === undefined ? null : snapshotAt(snapshots, accountId, END_OF_TIME)?.slot,
      gaps: gaps.length,
    };
    const shown = Object.fromEntries(Object.keys(expected).map((name) => [name, row?.[name]]));
    const isRight = JSON.stringify(shown) === JSON.stringify(expected);
    return isRight
      ? []
      : [`accounts shows ${accountId} as ${JSON.stringify(shown)}, expected ${JSON.stringify(expected)}`];
  });
}
