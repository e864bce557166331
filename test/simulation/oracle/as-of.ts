import type { Facts } from "./facts.ts";
import { isActiveAt, periodsOf } from "./periods.ts";
import { versionsOf } from "./schedules.ts";
import { slotsOf } from "./slots.ts";
import { type Answer, parseLines, type SeenSnapshot } from "./snapshots.ts";

const DAY_MS = 86_400_000;

/** Later than everything. */
const END_OF_TIME = Date.UTC(9999, 0, 1);

/** Returns the snapshot that counts at a time: of those completed by then, the one completed last. */
export function snapshotAt(
  snapshots: readonly SeenSnapshot[],
  accountId: string,
  at: number,
): SeenSnapshot | undefined {
  const order = ({ completedAt, capturedAt, slot }: SeenSnapshot) => [completedAt, capturedAt, Date.parse(slot)];
  return snapshots
    .filter((one) => one.accountId === accountId && one.completedAt <= at)
    .toSorted((a, b) => compareLists(order(a), order(b)))
    .at(-1);
}

/** Judges `as-of`: it shows nothing from the future, refuses what is too old, and its exit code says so. */
export function judgeAsOf(
  facts: Facts,
  snapshots: readonly SeenSnapshot[],
  at: number,
  { stdout, code }: Answer,
): string[] {
  const active = facts.accounts.filter(({ accountId }) => isActiveAt(periodsOf(facts, accountId).periods, at));
  const found = active.map(({ accountId }) => snapshotAt(snapshots, accountId, at));
  const shown = found.filter(
    (one) => one !== undefined && at - one.capturedAt <= maxAgeMs(facts, at),
  ) as SeenSnapshot[];
  const exitCode = Number(active.length === 0 || shown.length < active.length);
  const where = `as-of ${new Date(at).toISOString()}`;
  return [
    ...compareRows(where, rowsOf(shown), parseLines(stdout)),
    ...(code === exitCode ? [] : [`${where} ends with ${code}, expected ${exitCode}`]),
  ];
}

/** Judges `latest`: the snapshot of each account that counts that was completed last. */
export function judgeLatest(facts: Facts, snapshots: readonly SeenSnapshot[], { stdout, code }: Answer): string[] {
  const active = facts.accounts.filter(({ accountId }) => isActiveAt(periodsOf(facts, accountId).periods, END_OF_TIME));
  const shown = active.flatMap(({ accountId }) => snapshotAt(snapshots, accountId, END_OF_TIME) ?? []);
  return [
    ...compareRows("latest", rowsOf(shown), parseLines(stdout)),
    ...(code === Number(active.length === 0) ? [] : [`latest ends with ${code}`]),
  ];
}

/** A row of `as-of` and `latest`, as text. */
function rowsOf(snapshots: readonly SeenSnapshot[]): string[] {
  return snapshots.flatMap(({ accountId, slot, balances }) =>
    [...balances].map(([asset, amounts]) => {
      const own = amounts.get(asset);
      const usd = amounts.get("usd");
      return [accountId, slot, asset, own?.available, own?.total, usd?.available ?? "", usd?.total ?? ""].join(" ");
    }),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: the oracle shares no types with the command.
function compareRows(where: string, expected: readonly string[], rows: readonly any[]): string[] {
  const texts = rows.map(({ accountId, slot, asset, available, total, values: { usd } }) =>
    [accountId, slot, asset, available, total, usd?.available ?? "", usd?.total ?? ""].join(" "),
  );
  return [
    ...expected.filter((row) => !texts.includes(row)).map((row) => `${where} lacks ${row}`),
    ...texts.filter((row) => !expected.includes(row)).map((row) => `${where} shows ${row}`),
  ];
}

/** Returns the age from which on a snapshot is too old to show what was held at a time: docs/history.md. */
export function maxAgeMs(facts: Facts, at: number): number {
  return at - penultimateSlot(facts, at);
}

/** Returns the second-to-last slot at or before a time, of the schedule that was in force then. */
function penultimateSlot(facts: Facts, at: number): number {
  const { schedule } = versionsOf(facts).findLast(({ since }) => since <= at) ?? {};
  if (schedule === undefined) return Number.NEGATIVE_INFINITY;
  return slotsOf(schedule, at - 3 * DAY_MS, at).at(-2) ?? Number.NEGATIVE_INFINITY;
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
