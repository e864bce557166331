import type { Asset } from "../../core/domain/balance.ts";
import { messageWithFix } from "../../core/domain/errors.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { assetName, assetValue, type Snapshot } from "../../core/domain/snapshot.ts";
import { printable } from "../../core/domain/untrusted-text.ts";
import { closesBefore } from "../../core/history/closes.ts";
import type { History } from "../../core/history/history.ts";
import { holdingRow } from "../../core/history/holding-row.ts";
import type { Interval } from "../../core/history/interval.ts";
import { SeenRecords } from "../../core/history/seen-records.ts";
import { isPeriodLabel, type Step } from "../../core/history/steps.ts";
import { totalRow, unpricedAssets } from "../../core/history/total-rows.ts";
import type {
  ReportAccount,
  ReportAsset,
  ReportBalance,
  ReportData,
  ReportGap,
  ReportPoint,
} from "../../report-page/data/report-data.ts";
import { shownName } from "./format/shown-name.ts";
import type { CommandContext } from "./history-command.ts";
import type { RangeOptions } from "./range-options.ts";
import { defaultInterval, drawnSteps, readSteps } from "./step-options.ts";

/** More steps than this cannot be distinguished on a screen. */
export const MAX_STEPS = 2000;

/** What the report reads, and how it calls it. */
interface Options extends RangeOptions {
  readonly denomination: string;
  readonly every?: Interval;
  readonly title: string;
}

/** Collects what the page shows. Names from outside have escapes for what cannot be seen. @throws StoreError */
export async function collectReport(context: CommandContext, range: SlotRange, options: Options): Promise<ReportData> {
  const interval = options.every ?? (await defaultInterval(range, context, MAX_STEPS));
  const { history, timezone, now, accountIds } = context;
  const { title, denomination } = options;
  const end = Math.min(range.to, now);
  const closes = closesBefore(end, timezone);
  const times = { range, steps: await drawnSteps(readSteps(options, context, range, interval), history, accountIds) };
  const catalog = await history.assets();
  const accounts: ReportAccount[] = [];
  for (const accountId of accountIds) {
    const { name } = history.description(accountId);
    const snapshotAt = async (at: number) =>
      history.isActive(accountId, at) ? ((await history.freshAsOf(accountId, at)) ?? "missing") : "not active";
    const ending = await snapshotAt(end);
    accounts.push({
      accountId: shownName(accountId),
      ...(name !== undefined && { name: shownName(name) }),
      end: balanceOf(ending, denomination),
      closes: await Promise.all(closes.map(async ({ at }) => balanceOf(await snapshotAt(at), denomination))),
      allocation: typeof ending === "string" ? [] : allocationOf(ending, denomination),
      ...(await readColumns(history, accountId, times, { denomination, catalog })),
    });
  }
  return {
    ...{ title: printable(title), denomination: printable(denomination) },
    ...{ generatedAt: slotAt(now), timezone, scheduled: history.hasSchedule, end: slotAt(end) },
    closes: closes.map(({ period, day }) => ({ period, day })),
    ...stepColumnsOf(times.steps),
    accounts,
  };
}

/** Reads an account's records once, and returns what they hold at each step, and the gaps of the range. */
async function readColumns(
  history: History,
  accountId: string,
  { steps, range }: { readonly steps: readonly Step[]; readonly range: SlotRange },
  { denomination, catalog }: { readonly denomination: string; readonly catalog: ReadonlyMap<string, Asset> },
): Promise<Pick<ReportAccount, "snapshots" | "inactive" | "assets" | "gaps">> {
  const seen = new SeenRecords();
  const snapshots: (Snapshot | undefined)[] = [];
  const inactive: number[] = [];
  for await (const { snapshot, active } of history.series(accountId, steps, seen)) {
    if (!active) inactive.push(snapshots.length);
    snapshots.push(snapshot);
  }
  const gaps: ReportGap[] = [];
  let continues = false;
  for await (const scheduled of history.scheduledSlots(accountId, range, seen.recall)) {
    if (scheduled.complete) continues = false;
    // A manual run that failed is no gap.
    if (scheduled.complete || scheduled.trigger !== "schedule") continue;
    const { slot, reason } = scheduled;
    const isRecorded = reason.code !== "not_run";
    gaps.push({
      slot,
      ...(isRecorded && { reason: printable(`${reason.code}: ${messageWithFix(reason)}`) }),
      ...(continues && { continues }),
    });
    continues = true;
  }
  const symbols = [...new Set(snapshots.flatMap((snapshot) => [...(snapshot?.balances.keys() ?? [])]))].sort();
  return {
    snapshots: snapshots.map((snapshot) => (snapshot ? pointOf(snapshot, denomination) : null)),
    ...(inactive.length > 0 && { inactive }),
    assets: symbols.map((symbol): ReportAsset => {
      const rows = snapshots.map((snapshot) => holdingRow(accountId, symbol, snapshot, denomination));
      const newest = snapshots.findLast((snapshot) => snapshot?.balances.has(symbol));
      return {
        symbol: shownName(symbol),
        name: shownName((newest && assetName(newest, catalog, symbol)) ?? symbol),
        quantities: rows.map((row) => row.total),
        holds: rows.map((row) => row.hold),
        values: rows.map((row) => row.values[denomination]?.total ?? null),
      };
    }),
    gaps,
  };
}

function stepColumnsOf(steps: readonly Step[]): Pick<ReportData, "since" | "steps" | "labels" | "open"> {
  const [first, last] = [steps[0], steps.at(-1)];
  return {
    since: slotAt(first?.after ?? 0),
    steps: steps.map(({ at }) => slotAt(at)),
    ...(first && isPeriodLabel(first.label) && { labels: steps.map(({ label }) => label) }),
    ...(last?.open && { open: true }),
  };
}

function balanceOf(snapshot: Snapshot | "missing" | "not active", denomination: string): ReportBalance {
  if (typeof snapshot === "string") return snapshot;
  const unpriced = unpricedAssets(snapshot, denomination).map(shownName);
  return { ...pointOf(snapshot, denomination), ...(unpriced.length > 0 && { unpriced: unpriced.sort() }) };
}

function allocationOf(snapshot: Snapshot, denomination: string): ReportAccount["allocation"] {
  return [...snapshot.balances.keys()]
    .sort()
    .map((symbol) => [shownName(symbol), assetValue(snapshot, symbol, denomination)?.total ?? null]);
}

function pointOf(snapshot: Snapshot, denomination: string): ReportPoint {
  const { total, covers, of } = totalRow(snapshot.accountId, snapshot, denomination);
  const { slot, capturedAt, unsettled, altered } = snapshot;
  return {
    ...{ slot, capturedAt, total, covers, of },
    ...(unsettled.length > 0 && { unsettled: unsettled.map(shownName) }),
    ...(altered && { altered }),
  };
}
